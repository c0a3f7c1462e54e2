"""Delivering: what is claimed is rendered, sent, and marked as sent or for its next attempt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from digest.compose import load
from digest.targets.kinds import target_for
from digest.targets.target import Carriage, Parcel
from news.errors import ConfigError, DeliveryError, DigestError, StorageError
from storage.claims import Claim, claim_due, mark_failed, mark_sent
from storage.deliveries import DeliveryState
from storage.engine import database_now, reading
from storage.leaving import leave_token
from storage.logs import keep_secret, path_of
from storage.retrying import Failure
from storage.subscriptions import load as load_subscription

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What came of one attempt.

    Args:
        claim: under which it was made.
        state: of the delivery now; None where the claim had passed to somebody else.
        reason: why it failed, empty if it did not.
    """

    claim: Claim
    state: DeliveryState | None
    reason: str = ""


def deliver_all(
    engine: Engine, carriage: Carriage, *, owner: str, stopping: Callable[[], bool] = lambda: False
) -> Iterator[Attempt]:
    """Bring all that is due, one after the other, and yield what came of each attempt.

    Args:
        engine: a ready database.
        carriage: what all targets share.
        owner: who brings it, as people should read it.
        stopping: asked before each attempt; True ends it.
    """
    while not stopping():
        claims = claim_due(engine, owner=owner, limit=1)
        if not claims:
            return
        yield deliver(engine, claims[0], carriage)


def deliver(engine: Engine, claim: Claim, carriage: Carriage) -> Attempt:
    """Make the attempt for which a delivery was claimed.

    Raises:
        StorageError: the database cannot be used. The claim then ends by itself, and the attempt is made again.
    """
    try:
        _send(engine, claim, carriage)
    except (DeliveryError, ConfigError, DigestError) as error:
        return _failed(engine, claim, _failure(error))
    except StorageError:
        raise
    except Exception as error:  # a fault of ours must not be made again and again without being counted
        about = {"subscription": claim.subscription, "delivery": claim.delivery_id}
        logger.exception("delivery %d: an unexpected error", claim.delivery_id, extra=about)
        return _failed(engine, claim, Failure(reason=f"unexpected: {type(error).__name__}; see the log"))
    mark_sent(engine, claim)
    return Attempt(claim=claim, state=DeliveryState.SENT)


def _send(engine: Engine, claim: Claim, carriage: Carriage) -> None:
    stored = claim.target
    keep_secret(stored.secret, *path_of(str(stored.options.get("url", ""))))
    target = target_for(stored.kind, stored.options, stored.secret, carriage)
    digest = load(engine, claim.subscription, claim.number)
    with reading(engine) as connection:
        at = database_now(connection)
        secret = leave_token(connection, claim.subscription)
        keep_secret(secret)
        leave = carriage.leave_url(secret)
        most = load_subscription(connection, claim.subscription).max_items
    digest = replace(digest, shown=most, page=carriage.page_url(digest))
    target.send(Parcel(digest=digest, key=claim.key, at=at, leave=leave))


def _failure(error: Exception) -> Failure:
    if isinstance(error, DeliveryError):
        return Failure(
            reason=str(error),
            permanent=error.permanent,
            retry_after_seconds=error.retry_after_seconds,
            gone=error.gone,
        )
    return Failure(reason=str(error))


def _failed(engine: Engine, claim: Claim, failure: Failure) -> Attempt:
    state = mark_failed(engine, claim, failure)
    return Attempt(claim=claim, state=state, reason=failure.reason)

"""Claims: who makes the next attempt of a delivery, and what came of it.

A claim has an end by the database's clock, so that what a sender held who died is taken again, and a token that rises
with every claim, so that who comes back late cannot undo what was done since. An attempt is counted when it is claimed:
a message at which the sender dies each time is given up like any other.

To one target only one delivery is brought at a time, and in the order in which they were composed: a later one waits
until the earlier was sent or given up. In a subscription's quiet hours nothing is brought. All that locks here locks
the target before its deliveries.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from news.errors import ConfigError
from storage.deliveries import DeliveryState
from storage.engine import database_now, writing
from storage.quiet_hours import end_of_quiet
from storage.reader_tables import Delivery, Digest, Subscription, Target
from storage.retrying import MAX_ATTEMPTS, Failure, left_in_peace, next_attempt
from storage.tallies import ATTEMPTS_FAILED, SENT, raise_tallies
from storage.targets import COLUMNS, TargetRow, target_from

CLAIM_SECONDS = 300.0
"""How long a claim holds: several times what a sender takes for one attempt at most."""
DIED = "the sender ended during the attempt, before it could say what became of it"
STOPPED = "the sender was stopped during the attempt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The right to make one attempt, until ``until`` by the database's clock.

    Args:
        delivery_id: which delivery.
        token: this claim's number, as rising as a lease's.
        key: the idempotency key, the same for all attempts.
        attempts: how many it makes with this one.
        subscription: the name of the subscription, and with ``number`` which digest.
        number: the number of the digest.
        target: where it is brought.
        until: when somebody else may take it.
    """

    delivery_id: int
    token: int
    key: str
    attempts: int
    subscription: str
    number: int
    target: TargetRow
    until: datetime


def claim_due(
    engine: Engine, *, owner: str, limit: int, seconds: float = CLAIM_SECONDS, now: datetime | None = None
) -> tuple[Claim, ...]:
    """Claim what is due, at most one delivery a target, the longest waiting first.

    Only the first that is neither sent nor dead is brought to a target. Paused subscriptions and those in their quiet
    hours, disabled targets and those that are being left in peace are passed over. So is a target for which somebody
    else holds a claim; one that has ended is taken over.

    Args:
        engine: the database.
        owner: who claims, as people should read it: host name and process.
        limit: how many at most.
        seconds: how long a claim holds.
        now: an aware time in place of the database's clock.
    """
    with writing(engine) as connection:
        at = now or database_now(connection)
        claims: list[Claim] = []
        seen, quiet = set[int](), quiet_at(connection, at)
        # Where nothing could be claimed for a target, another one may be due.
        while len(claims) < limit:
            found = connection.execute(_free_targets(at, seen, quiet).limit(limit - len(claims))).all()
            if not found:
                break
            seen |= {target.id for target in found}
            claims += filter(None, [_claimed(connection, target, owner, at, seconds) for target in found])
        return tuple(claims)


def mark_sent(engine: Engine, claim: Claim, *, now: datetime | None = None) -> bool:
    """Write that the receiver has accepted it.

    That counts also if the claim has passed to somebody else meanwhile: what was accepted need not be sent again.

    Returns:
        Whether it was not known yet.
    """
    with writing(engine) as connection:
        _lock_target(connection, claim)
        values = {
            "state": DeliveryState.SENT.value,
            "sent_at": now or database_now(connection),
            "next_attempt_at": None,
            "last_error": "",
            "claim_token": Delivery.claim_token + 1,
            **_UNCLAIMED,
        }
        this = and_(Delivery.id == claim.delivery_id, Delivery.state != DeliveryState.SENT.value)
        known = connection.execute(update(Delivery).where(this).values(values)).rowcount == 0
        woken = {"failures": 0, "not_before": None}
        connection.execute(update(Target).where(Target.id == claim.target.id), woken)
        raise_tallies(connection, {SENT: int(not known)})
        return not known


def mark_failed(
    engine: Engine, claim: Claim, failure: Failure, *, now: datetime | None = None
) -> DeliveryState | None:
    """Write that an attempt failed: the delivery waits for the next one, or is dead.

    Returns:
        Its state now, or None where the claim has passed to somebody else: then nothing is written.
    """
    with writing(engine) as connection:
        target = _lock_target(connection, claim)
        mine = and_(
            Delivery.id == claim.delivery_id,
            Delivery.claim_token == claim.token,
            Delivery.state == DeliveryState.CLAIMED.value,
        )
        known = connection.execute(select(Delivery.first_attempt_at).where(mine)).first()
        if known is None or target is None:
            return None
        at = now or database_now(connection)
        again = next_attempt(claim.attempts, failure, first_at=known[0] or at, now=at, key=claim.key)
        again = _outside_quiet(connection, target, again)
        state = DeliveryState.DEAD if again is None else DeliveryState.WAITING
        values = {"state": state.value, "next_attempt_at": again, "last_error": failure.reason, **_UNCLAIMED}
        connection.execute(update(Delivery).where(Delivery.id == claim.delivery_id).values(values))
        peace = left_in_peace(target.failures + 1, failure, now=at, key=claim.key)
        if peace is not None:
            rest = {"failures": target.failures + 1, "not_before": peace}
            connection.execute(update(Target).where(Target.id == target.id), rest)
        if failure.gone:
            end = {"disabled_at": at, "disabled_reason": failure.reason}
            connection.execute(update(Target).where(Target.id == target.id), end)
        raise_tallies(connection, {ATTEMPTS_FAILED: 1})
        return state


def give_back(engine: Engine, claim: Claim) -> bool:
    """End a claim whose attempt is broken off because its sender is to stop: it is due at once, and was no attempt.

    Whether the receiver has accepted it by then nobody can say; it is brought again, with the same key.

    Returns:
        False where the delivery was sent, or the claim has passed to somebody else: then nothing is written.
    """
    with writing(engine) as connection:
        _lock_target(connection, claim)
        mine = and_(
            Delivery.id == claim.delivery_id,
            Delivery.claim_token == claim.token,
            Delivery.state == DeliveryState.CLAIMED.value,
        )
        values = {
            "state": DeliveryState.WAITING.value,
            "attempts": Delivery.attempts - 1,
            "next_attempt_at": None,
            "last_error": STOPPED,
            **_UNCLAIMED,
        }
        return connection.execute(update(Delivery).where(mine).values(values)).rowcount == 1


_WAITING: tuple[Any, ...] = (
    Delivery.id,
    Delivery.key,
    Delivery.attempts,
    Delivery.claim_token,
    Delivery.first_attempt_at,
    Subscription.name,
    Digest.number,
)
_UNCLAIMED: dict[str, Any] = {"claim_owner": None, "claim_until": None}


def _is_due(at: datetime) -> ColumnElement[bool]:
    return or_(
        and_(
            Delivery.state == DeliveryState.WAITING.value,
            or_(Delivery.next_attempt_at.is_(None), Delivery.next_attempt_at <= at),
        ),
        and_(Delivery.state == DeliveryState.CLAIMED.value, Delivery.claim_until <= at),
    )


def _is_open() -> ColumnElement[bool]:
    return Delivery.state.in_([DeliveryState.WAITING.value, DeliveryState.CLAIMED.value])


def _is_held(target_id: Any, at: datetime) -> ColumnElement[bool]:
    """Say whether somebody holds a claim for a target."""
    held = aliased(Delivery)
    return exists().where(
        held.target_id == target_id, held.state == DeliveryState.CLAIMED.value, held.claim_until > at
    )


def _outside_quiet(connection: Connection, target: TargetRow, at: datetime | None) -> datetime | None:
    """Return the time of a next attempt, moved to the end of the quiet hours that it lies in."""
    table = Subscription
    hours = select(table.quiet_hours, table.time_zone).where(table.id == target.subscription_id)
    text, zone = connection.execute(hours).one()
    return at if at is None else _quiet_until(text, zone, at) or at


def quiet_at(connection: Connection, at: datetime) -> list[int]:
    """Return the subscriptions that are in their quiet hours."""
    table = Subscription
    some = select(table.id, table.quiet_hours, table.time_zone).where(table.quiet_hours != "")
    return [row.id for row in connection.execute(some) if _quiet_until(row.quiet_hours, row.time_zone, at)]


def _quiet_until(text: str, zone: str, at: datetime) -> datetime | None:
    """Return `end_of_quiet`; in a zone that this machine does not know nothing is quiet, and nobody waits for it."""
    with suppress(ConfigError):
        return end_of_quiet(text, zone, at)
    return None


def _free_targets(at: datetime, seen: Collection[int], quiet: Collection[int]) -> Select[Any]:
    """Return the query for targets whose first delivery is due, locking them; those that others locked are skipped."""
    first = (
        select(Delivery.target_id, func.min(Delivery.id).label("oldest"))
        .where(_is_open())
        .group_by(Delivery.target_id)
        .subquery()
    )
    return (
        select(*COLUMNS)
        .join(first, first.c.target_id == Target.id)
        .join(Delivery, Delivery.id == first.c.oldest)
        .join(Subscription, Subscription.id == Target.subscription_id)
        .where(
            _is_due(at),
            Target.id.not_in(seen),
            Subscription.id.not_in(quiet),
            Subscription.paused.is_(False),
            Target.disabled_at.is_(None),
            or_(Target.not_before.is_(None), Target.not_before <= at),
            ~_is_held(Target.id, at),
        )
        .order_by(first.c.oldest)
        .with_for_update(of=Target, skip_locked=True, key_share=True)
    )


def _first_open(target_id: int, at: datetime) -> Select[Any]:
    """Return the query for what is brought to a locked target next, and whether that may be done now."""
    return (
        select(*_WAITING, and_(_is_due(at), ~_is_held(target_id, at)).label("is_due"))
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Subscription, Subscription.id == Digest.subscription_id)
        .where(Delivery.target_id == target_id, _is_open())
        .order_by(Delivery.id)
        .limit(1)
    )


def _claimed(
    connection: Connection, target: Row[Any], owner: str, at: datetime, seconds: float
) -> Claim | None:
    """Claim what is next for a locked target, past what is given up; None if there is nothing to be brought now."""
    while (found := connection.execute(_first_open(target.id, at)).first()) is not None and found.is_due:
        if found.attempts < MAX_ATTEMPTS:
            return _claim(connection, found, target_from(target), owner, at, seconds)
        _give_up(connection, found.id, DIED)
    return None  # somebody else was faster, and is done with it or at it


def _claim(
    connection: Connection, found: Row[Any], target: TargetRow, owner: str, at: datetime, seconds: float
) -> Claim:
    claim = Claim(
        delivery_id=found.id,
        token=found.claim_token + 1,
        key=found.key,
        attempts=found.attempts + 1,
        subscription=found.name,
        number=found.number,
        target=target,
        until=at + timedelta(seconds=seconds),
    )
    values = {
        "state": DeliveryState.CLAIMED.value,
        "attempts": claim.attempts,
        "first_attempt_at": found.first_attempt_at or at,
        "last_attempt_at": at,
        "claim_token": claim.token,
        "claim_owner": owner,
        "claim_until": claim.until,
    }
    connection.execute(update(Delivery).where(Delivery.id == claim.delivery_id).values(values))
    return claim


def _give_up(connection: Connection, delivery_id: int, reason: str) -> None:
    values = {"state": DeliveryState.DEAD.value, "next_attempt_at": None, "last_error": reason, **_UNCLAIMED}
    connection.execute(update(Delivery).where(Delivery.id == delivery_id).values(values))


def _lock_target(connection: Connection, claim: Claim) -> TargetRow | None:
    locked = select(*COLUMNS).where(Target.id == claim.target.id).with_for_update(key_share=True)
    row = connection.execute(locked).first()
    return None if row is None else target_from(row)

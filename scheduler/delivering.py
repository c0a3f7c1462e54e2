"""Composes what is due and brings it, a few targets at a time, each under a thread of its own."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from digest.deliver import Attempt, deliver, deliver_all
from digest.due import DueDigests
from digest.targets.target import Carriage
from digest.wording import count
from news.errors import StorageError
from storage.claims import Claim, claim_due
from storage.deliveries import DeliveryState

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings

logger = logging.getLogger(__name__)


class LocalSender:
    """Brings digests to at most ``settings.senders`` targets at once.

    All that must last is in the database; several of these on one database are harmless.

    :param engine: a ready database.
    :param owner: who claims, as people should read it.
    """

    def __init__(self, engine: Engine, settings: Settings, *, owner: str) -> None:
        self._engine = engine
        self._owner = owner
        self._carriage = Carriage.under(settings)
        self._digests = DueDigests(engine)
        self._stopping = threading.Event()
        self._senders = settings.senders
        self._threads = ThreadPoolExecutor(settings.senders, thread_name_prefix="send")
        self._running: set[Future[None]] = set()

    def tell_due(self) -> None:
        """Compose what is due, and hand what is due to be brought to as many threads as are free; returns at once."""
        for digest in self._digests.compose():
            told = count(len(digest.alerts), "alert", "alerts")
            if not digest.alerts:
                told = count(len(digest.items), "item", "items")
            logger.info("%s: digest %s composed, %s", digest.subscription, digest.number, told)
        self._running = {future for future in self._running if not future.done()}
        free = 0 if self._stopping.is_set() else self._senders - len(self._running)
        if free > 0:
            for claim in claim_due(self._engine, owner=self._owner, limit=free):
                self._running.add(self._threads.submit(self._bring, claim))

    def ask_to_stop(self) -> None:
        """Begin no more attempts; returns at once."""
        self._stopping.set()

    def stop(self) -> None:
        """Wait for the attempts that are being made, and end."""
        self.ask_to_stop()
        self._threads.shutdown(wait=True)

    def _bring(self, claim: Claim) -> None:
        """Make the attempt, and then go on with whatever else is due and nobody's yet."""
        try:
            log_attempt(deliver(self._engine, claim, self._carriage))
            for attempt in deliver_all(
                self._engine, self._carriage, owner=self._owner, stopping=self._stopping.is_set
            ):
                log_attempt(attempt)
        except StorageError as error:
            logger.warning("deliveries: %s; what was claimed is taken up again later", error)
        except Exception:
            logger.exception("a delivery failed unexpectedly; it is taken up again later")


def log_attempt(attempt: Attempt) -> None:
    """Write what came of one attempt to the log: loud when a person is wanted."""
    claim = attempt.claim
    about = {"subscription": claim.subscription, "delivery": claim.delivery_id}
    what = f"{claim.subscription}: digest {claim.number} (delivery {claim.delivery_id})"
    match attempt.state:
        case DeliveryState.SENT:
            logger.info("%s: sent", what, extra=about)
        case DeliveryState.DEAD:
            advice = f"`tidings deliveries retry {claim.delivery_id}` tries it again"
            logger.error(
                "%s: given up after attempt %d: %s; %s",
                what,
                claim.attempts,
                attempt.reason,
                advice,
                extra=about,
            )
        case None:
            logger.warning("%s: somebody else took it over: %s", what, attempt.reason, extra=about)
        case _:
            logger.warning("%s: attempt %d failed: %s", what, claim.attempts, attempt.reason, extra=about)

"""Composes what is due and brings it, a few targets at a time, each under a thread of its own.

The threads are daemons: a receiver that never answers does not keep the process from ending. What it was being brought
is given back first, and is due again at once.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from digest.deliver import Attempt, deliver
from digest.due import DueDigests
from digest.targets.target import Carriage
from digest.wording import count
from news.errors import StorageError
from storage.claims import Claim, claim_due, give_back
from storage.deliveries import DeliveryState

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings

logger = logging.getLogger(__name__)

GRACE_SECONDS = 3.0
"""How long attempts that are being made may go on when it is to stop: most are made by then."""


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
        self._stop_by = 0.0
        self._senders = settings.senders
        self._lock = threading.Lock()
        self._bringing: dict[threading.Thread, Claim] = {}

    def tell_due(self) -> None:
        """Compose what is due, and hand what is due to be brought to as many threads as are free; returns at once."""
        for digest in self._digests.compose():
            told = count(len(digest.alerts), "alert", "alerts")
            if not digest.alerts:
                told = count(len(digest.items), "item", "items")
            logger.info("%s: digest %s composed, %s", digest.subscription, digest.number, told)
        with self._lock:
            free = 0 if self._stopping.is_set() else self._senders - len(self._bringing)
        if free > 0:
            for claim in claim_due(self._engine, owner=self._owner, limit=free):
                self._begin(claim)

    def ask_to_stop(self) -> None:
        """Begin no more attempts; returns at once."""
        if not self._stopping.is_set():
            self._stop_by = time.monotonic() + GRACE_SECONDS
            self._stopping.set()

    def stop(self) -> None:
        """Wait a few seconds for the attempts that are being made, give back what still is not brought, and end."""
        self.ask_to_stop()
        with self._lock:
            threads = list(self._bringing)
        for thread in threads:
            thread.join(max(0.0, self._stop_by - time.monotonic()))
        with self._lock:
            left = list(self._bringing.values())
        for claim in left:
            self._give_back(claim)

    def _begin(self, claim: Claim) -> None:
        thread = threading.Thread(
            target=self._bring, args=(claim,), name=f"send-{claim.delivery_id}", daemon=True
        )
        with self._lock:
            self._bringing[thread] = claim
        thread.start()

    def _bring(self, claim: Claim) -> None:
        """Make the attempt, and then go on with whatever else is due and nobody's yet."""
        here, following = threading.current_thread(), claim
        try:
            while True:
                with self._lock:
                    self._bringing[here] = following
                log_attempt(deliver(self._engine, following, self._carriage))
                claims = (
                    () if self._stopping.is_set() else claim_due(self._engine, owner=self._owner, limit=1)
                )
                if not claims:
                    return
                following = claims[0]
        except StorageError as error:
            logger.warning("deliveries: %s; what was claimed is taken up again later", error)
        except Exception:
            logger.exception("a delivery failed unexpectedly; it is taken up again later")
        finally:
            with self._lock:
                self._bringing.pop(here, None)

    def _give_back(self, claim: Claim) -> None:
        what = f"{claim.subscription}: digest {claim.number} (delivery {claim.delivery_id})"
        try:
            if give_back(self._engine, claim):
                logger.warning("%s: no answer yet, and stopping; it is brought again at the next start", what)
        except StorageError as error:
            logger.warning("%s: %s; it is taken up again when its claim ends", what, error)


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

"""Settles finished runs while the crawl goes on: in one thread, together where that is quick, one by one if need be."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence

from news.run import Reading, Settled, Verdict

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 2.0
"""How long a finished run waits for others to be settled with."""

MAX_LOOKS = 200
"""How many articles that were read are settled together."""

Settle = Callable[[Sequence[Reading]], Sequence[Settled]]


class Settler:
    """The one writer of a crawl process.

    Finished runs wait at most two seconds, or for 200 articles, and are settled in one transaction. If that
    fails, each is settled alone, so that one bad run costs no other; a run that cannot be settled even so is
    reported as failed, with the reason, and its source stays due.

    :param settle: settles runs in one transaction; raises when nothing was kept.
    :param report: gets each result as soon as it is committed; called in the writer's thread.
    :param in_order: settle nothing before the end, and then in this order of sources; so a replay is exact.
    """

    def __init__(
        self, settle: Settle, report: Callable[[Settled], None], *, in_order: Sequence[int] | None = None
    ) -> None:
        self._settle = settle
        self._report = report
        self._rank = None if in_order is None else {key: rank for rank, key in enumerate(in_order)}
        self._queue: queue.SimpleQueue[Reading | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="settler", daemon=True)
        self._started = False
        self._heard = True
        self.settled: list[Settled] = []
        self.failures: list[str] = []

    def add(self, reading: Reading) -> None:
        """Take a finished run; returns at once."""
        if not self._started:
            self._started = True
            self._thread.start()
        self._queue.put(reading)

    def close(self) -> None:
        """Settle what is waiting, and return when all of it is committed or reported."""
        if self._started:
            self._queue.put(None)
            self._thread.join()
            self._started = False

    def _write(self) -> None:
        ended = False
        while not ended:
            waiting, ended = self._gather()
            if self._rank is not None:
                rank = self._rank
                waiting.sort(key=lambda reading: rank.get(reading.source_id, len(rank)))
            if waiting:
                self._settle_some(waiting)

    def _gather(self) -> tuple[list[Reading], bool]:
        """Wait for runs; return those to be settled together, and whether they are the last."""
        waiting: list[Reading] = []
        looks, until = 0, 0.0
        while True:
            try:
                timeout = max(0.0, until - time.monotonic()) if waiting and self._rank is None else None
                reading = self._queue.get(timeout=timeout)
            except queue.Empty:
                return waiting, False
            if reading is None:
                return waiting, True
            if not waiting:
                until = time.monotonic() + MAX_WAIT_SECONDS
            waiting.append(reading)
            looks += len(reading.looks)
            if looks >= MAX_LOOKS and self._rank is None:
                return waiting, False

    def _settle_some(self, readings: Sequence[Reading]) -> None:
        try:
            self._tell(self._settle(readings))
        except Exception as error:  # noqa: BLE001 - whatever failed, each run gets its own try
            if len(readings) == 1:
                self._fail(readings[0], error)
                return
            logger.warning("%d runs could not be settled together, now one by one: %s", len(readings), error)
            for reading in readings:
                self._settle_some([reading])

    def _fail(self, reading: Reading, error: Exception) -> None:
        reason = f"the run could not be settled: {error}"
        about = {"source": reading.source, "host": reading.host.name}
        logger.error("source %s: %s", reading.source, reason, exc_info=error, extra=about)
        self.failures.append(f"{reading.source}: {reason}")
        failed = Settled(
            source=reading.source,
            run_id=None,
            verdict=Verdict.FAILED,
            reason=reason,
            pages=reading.pages,
            requests=reading.requests,
            not_modified=reading.not_modified_count,
        )
        self._tell([failed])

    def _tell(self, results: Sequence[Settled]) -> None:
        for settled in results:
            self.settled.append(settled)
            about = {"source": settled.source, "run": settled.run_id}
            try:
                self._report(settled)
            except OSError as error:  # whoever listened is gone, and will not be back: once said is enough
                if self._heard:
                    told = "source %s: settled, but nobody could be told: %s"
                    logger.warning(told, settled.source, error, extra=about)
                self._heard = False
            except Exception:
                told = "source %s: settled, but its result could not be reported"
                logger.exception(told, settled.source, extra=about)

"""Has what is due crawled: here, by crawl processes of this machine, a few at a time.

`scheduler.cluster` has it crawled by workers on any machine, which do it as it is done here.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from crawler.batch import Batch
from crawler.settings import CONCURRENT_REQUESTS
from news.errors import StorageError
from news.run import Settled, Verdict
from scheduler.batches import DueHost, batches
from scheduler.children import Ending, Target, crawl_in_child
from scheduler.crawling import close_dead
from storage.expecting import expected_seconds
from storage.leases import hosts_alone, lease_due_hosts, release

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings

logger = logging.getLogger(__name__)


FEW_HOSTS = 20
"""Hosts for which a second crawl process is not worth its start."""


class Dispatcher(Protocol):
    """What the scheduler asks to have crawled what is due."""

    def dispatch_due(self) -> object:
        """See to it that what is due is crawled, as far as there is room now; returns at once."""

    def ask_to_stop(self) -> None:
        """Begin nothing more, and let what runs come to its end; returns at once."""

    def stop(self) -> None:
        """Stop, and return when everything has ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handed:
    """What came of due hosts: batches that are being crawled, each with its end, and hosts that found no room."""

    batches: tuple[tuple[tuple[DueHost, ...], Future[None]], ...] = ()
    left: tuple[str, ...] = ()


STRAGGLERS = 0.1
"""A batch of which so small a share is left keeps its process, and another one may start beside it."""
STRAGGLES_SECONDS = 60.0
"""After so long any batch does: what is still waited for answers slowly, and others are due."""


class Progress:
    """How far a batch has come. Written by the thread that waits for its process, read by the one that dispatches."""

    def __init__(self, sources: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._left, self._few = sources, int(sources * STRAGGLERS)
        self._clock, self._began = clock, clock()

    def settled(self) -> None:
        """Count one source that is settled."""
        self._left -= 1

    @property
    def straggles(self) -> bool:
        """Return whether it is waited for few sources, or has been for long."""
        return self._left <= self._few or self._clock() - self._began >= STRAGGLES_SECONDS


class LocalDispatcher:
    """Runs ``settings.workers`` crawl processes at once, each under a thread of its own that waits for it.

    Sites that hang keep a process waiting up to its wall limit. So that they delay nobody else, batches that straggle
    are not counted, until there are twice as many processes.

    :param engine: for leasing hosts, and giving them free when a process has died.
    :param owner: who leases, as people should read it.
    :param report: gets each run's result as soon as it is committed; called in any of the threads.
    :param target: what runs in the processes; the crawl when None.
    :param clock: seconds that only grow.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        report: Callable[[Settled], None],
        *,
        owner: str,
        target: Target | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._engine = engine
        self._settings = settings
        self._report = report
        self._owner = owner
        self._target = target
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(2 * settings.workers, thread_name_prefix="crawl")
        self._running: dict[Future[None], Progress] = {}

    def free(self) -> int:
        """Return how many more batches may be handed over now."""
        self._running = {future: each for future, each in self._running.items() if not future.done()}
        if self._stopping.is_set():
            return 0
        workers = self._settings.workers
        busy = sum(not progress.straggles for progress in self._running.values())
        return min(workers - busy, 2 * workers - len(self._running))

    def dispatch_due(self, among: Collection[str] | None = None) -> Handed:
        """Lease due hosts, as many as there are free crawl processes for, and hand them over.

        :param among: the only hosts that may be leased; None stands for all.
        """
        free = self.free()
        if free <= 0:
            return Handed(left=tuple(among or ()))
        settings = self._settings
        leased = lease_due_hosts(
            self._engine,
            owner=self._owner,
            limit=free * settings.batch_hosts,
            seconds=settings.lease_seconds,
            among=among,
        )
        alone = hosts_alone(self._engine, [lease for lease, _ in leased]) if leased else frozenset()
        seconds = expected_seconds(self._engine, leased) if leased else {}
        due = [
            DueHost(lease=lease, source_ids=ids, seconds=seconds[lease.host], alone=lease.host in alone)
            for lease, ids in leased
        ]
        # Starting a process costs as much as thirty requests, so a few hosts share one, and many are spread evenly.
        even = max(FEW_HOSTS, math.ceil(len(due) / free))
        made = batches(
            due,
            hosts=min(settings.batch_hosts, even),
            sources=settings.batch_sources,
            seconds=settings.wall_seconds * CONCURRENT_REQUESTS / 2,
        )
        # More batches than processes, because some go alone or are large: somebody, or the next tick, takes them.
        left = [host.lease for batch in made[free:] for host in batch]
        handed = tuple((batch, self._start(batch)) for batch in made[:free])
        release(self._engine, left)
        return Handed(batches=handed, left=tuple(lease.host for lease in left))

    def _start(self, hosts: tuple[DueHost, ...]) -> Future[None]:
        progress = Progress(sum(len(host.source_ids) for host in hosts), clock=self._clock)
        ended = self._threads.submit(self._crawl, hosts, progress)
        self._running[ended] = progress
        return ended

    def ask_to_stop(self) -> None:
        """Ask every crawl process to settle what it has finished and to end, and start no more; returns at once."""
        self._stopping.set()

    def stop(self) -> None:
        """Ask every crawl process to stop, and return when all have ended."""
        self.ask_to_stop()
        self._threads.shutdown(wait=True)

    def _crawl(self, hosts: tuple[DueHost, ...], progress: Progress) -> None:
        def report(settled: Settled) -> None:
            progress.settled()
            self._report(settled)

        leases = tuple(host.lease for host in hosts)
        source_ids = [key for host in hosts for key in host.source_ids]
        batch = Batch.under(self._settings, leases, source_ids)
        try:
            if self._stopping.is_set():
                release(self._engine, leases)
                return
            ending = crawl_in_child(batch, report, stopping=self._stopping, target=self._target)
            if self._stopping.is_set() and ending.result is None:
                release(self._engine, leases)  # nobody's fault: what is not settled is simply due again
                return
            self._tell(ending, len(batch.source_ids))
            close_dead(self._engine, batch, ending, report=self._report)
        except StorageError as error:
            logger.warning("hosts could not be given free, their leases end by themselves: %s", error)
        except Exception:
            logger.exception("a batch of %d hosts could not be crawled", len(hosts))

    def _tell(self, ending: Ending, sources: int) -> None:
        reason = ending.reason or (ending.result.failure if ending.result else "")
        if reason:
            left = sources - len(ending.settled)
            logger.error("crawl process: %s; %d of %d sources are left", reason, left, sources)


def log_settled(settled: Settled) -> None:
    """Write one run's result to the log: quiet when nothing happened, loud when a source is not being read."""
    due = _when_next(settled.next_due_at)
    about = {"source": settled.source, "run": settled.run_id}
    if settled.verdict in (Verdict.SUSPECT, Verdict.FAILED):
        logger.warning("%s: %s: %s; %s", settled.source, settled.verdict, settled.reason, due, extra=about)
        return
    told = _count(len(settled.changes), "change") if settled.changes else "nothing new"
    if settled.baseline is not None:
        known = _count(settled.baseline, "item")
        told = f"baseline taken, {known} known, {len(settled.changes)} announced"
    reason = f" ({settled.reason})" if settled.reason else ""
    logger.info("%s: %s%s, %s, %s", settled.source, settled.verdict, reason, told, due, extra=about)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _when_next(at: datetime | None) -> str:
    if at is None:
        return "next when it is due"  # nothing of the run was kept
    return f"next at {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

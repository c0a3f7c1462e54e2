"""The scheduler: a handful of ticks that lease due hosts, hand them to crawl processes, and bring what was composed.

All that must last is in the database (``next_due_at``, leases, the outbox), so that a restart knows what is due, a
pause is caught up once, and several schedulers on one database are harmless. APScheduler only keeps the beat: its job
store is memory.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC
from typing import TYPE_CHECKING, Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from news.errors import ConfigError, StorageError, TidingsError
from scheduler.children import Target
from scheduler.crawling import owner_name
from scheduler.delivering import LocalSender
from scheduler.dispatching import Dispatcher, LocalDispatcher, log_settled
from scheduler.pinging import Pinger
from scheduler.pruning import DailyPruner
from scheduler.signals import stop_signals
from scheduler.spent import Spent
from storage.engine import database_now, open_engine, reading
from storage.heartbeat import SCHEDULER, beat, end_beat

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from news.run import Settled
    from storage.settings import Settings

logger = logging.getLogger(__name__)

PRUNING_SECONDS = 600
"""How often it is asked whether a day has passed since what is old was pruned."""


class Scheduler:
    """Ticks until it is stopped.

    :param engine: a ready database.
    :param report: gets each run's result as soon as it is committed; called in any of several threads.
    :param target: what runs in the crawl processes; the crawl when None.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        report: Callable[[Settled], None] = log_settled,
        *,
        target: Target | None = None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._owner = owner_name("tidings run")
        self._dispatcher = _dispatcher(engine, settings, report, owner=self._owner, target=target)
        self._sender = LocalSender(engine, settings, owner=self._owner)
        self._pruner = DailyPruner(engine, settings.retention)
        self._pinger = Pinger(engine, settings)
        with reading(engine) as connection:
            self._started_at = database_now(connection)
        self._spent = Spent()
        self._ticks = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Make the first ticks, and go on ticking in the background."""
        seconds = self._settings.tick_seconds
        self._ticks.add_listener(_tell_of_trouble, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
        ticks = (
            ("heartbeat", self.beat),
            ("dispatch", self.dispatch_due),
            ("digests", self._sender.tell_due),
        )
        for name, tick in ticks:
            self._ticks.add_job(_guarded(name, tick, self._spent), "interval", seconds=seconds, id=name)
        for name, tick in ticks:
            _guarded(name, tick, self._spent)()  # before the clock runs, so that no tick ever meets itself
        prune = _guarded("retention", self._pruner.prune_due, self._spent)
        self._ticks.add_job(prune, "interval", seconds=PRUNING_SECONDS, id="retention")
        self._ticks.start()
        self._pinger.start()

    def stop(self) -> None:
        """Lease and claim nothing more, let crawl processes settle what they finished, and end within seconds."""
        logger.info("stopping: crawl processes settle what they have finished")
        self._pinger.stop()
        self._dispatcher.ask_to_stop()
        self._sender.ask_to_stop()
        self._pruner.ask_to_stop()
        self._ticks.shutdown(wait=True)
        self._sender.stop()
        self._dispatcher.stop()
        try:
            end_beat(self._engine, SCHEDULER, owner=self._owner)  # no tick writes it again
        except StorageError as error:
            logger.warning("the last sign of life stays in the database: %s", error)
        logger.info("stopped")

    def beat(self) -> None:
        """Write the heartbeat row, and what the ticks took since the last one."""
        with self._spent.taken() as spent:
            beat(self._engine, SCHEDULER, owner=self._owner, started_at=self._started_at, spent=spent)

    def dispatch_due(self) -> None:
        """Have crawled what is due, as far as there is room for it."""
        self._dispatcher.dispatch_due()


def run_forever(
    settings: Settings,
    *,
    on_ready: Callable[[], None] | None = None,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Run the scheduler in the foreground until SIGTERM or SIGINT, then end without losing anything.

    :param on_ready: called once when the first tick has been made.
    :param on_stop: called once when it has been asked to end, before anything is ended.
    :raises ConfigError: when the leases would end before the crawls that they protect.
    :raises StorageError: when the database cannot be used.
    """
    if settings.lease_seconds <= settings.wall_seconds:
        raise ConfigError("lease_seconds must be longer than wall_seconds: a lease has to outlast its crawl")
    engine = open_engine(settings.database_url, create=False)
    try:
        with stop_signals() as wait:
            scheduler = Scheduler(engine, settings)
            scheduler.start()
            if on_ready is not None:
                on_ready()
            wait()
            if on_stop is not None:
                on_stop()
            scheduler.stop()
    finally:
        engine.dispose()


def _dispatcher(
    engine: Engine,
    settings: Settings,
    report: Callable[[Settled], None],
    *,
    owner: str,
    target: Target | None,
) -> Dispatcher:
    if settings.dispatcher == "local":
        return LocalDispatcher(engine, settings, report, owner=owner, target=target)
    from scheduler.cluster import ClusterDispatcher, need_queue

    need_queue(engine)
    return ClusterDispatcher(engine, settings)


def _guarded(name: str, tick: Callable[[], None], spent: Spent) -> Callable[[], None]:
    """Return a tick that never raises: a database that is away for a while must not end the scheduler."""

    def run() -> None:
        begun = time.monotonic()
        try:
            tick()
        except TidingsError as error:
            logger.warning("tick %s: %s; trying again at the next one", name, error)
        except Exception:
            logger.exception("tick %s failed; trying again at the next one", name)
        finally:
            spent.add(name, time.monotonic() - begun)

    return run


def _tell_of_trouble(event: Any) -> None:
    if isinstance(event, JobExecutionEvent) and event.exception is not None:
        logger.error("tick %s raised: %s", event.job_id, event.exception)
    else:
        logger.info("tick %s: the one before is still running", event.job_id)

"""A worker: takes hosts from the queue, leases them, and has them crawled in crawl processes of this machine.

Jobs come one a host; crawl processes read batches. So a worker takes more jobs than it has processes, and hands those
that are there together to the next free one (`scheduler.gathering`). A job ends when its host is settled, which may be
long before its batch ends, or when there is nothing to do: the host was crawled meanwhile, or somebody else holds it.
What is cut short goes back into the queue.

Procrastinate fetches the jobs and shows that this worker is alive. When the database is away it gives up, and is
started again here, as another worker to the queue; the jobs that the former one had count as stalled then.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.worker import Worker as Fetching

from news.errors import TidingsError
from scheduler.cluster import need_queue
from scheduler.crawling import owner_name
from scheduler.dispatching import LocalDispatcher, log_settled
from scheduler.gathering import Gathering
from scheduler.jobs import QUEUE, TASK, connection_arguments, queue_error
from storage.engine import open_engine

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from news.run import Settled
    from scheduler.children import Target
    from storage.settings import Settings

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often a job is tried that fails; if its host is still due then, it gets another job."""
GRACE_SECONDS = 8.0
"""How long a worker that stops waits for jobs; crawl processes take at most five seconds (`scheduler.children`)."""
RESTART_SECONDS = 2.0
"""How long a worker waits before it goes back to a queue that was away."""
AT_ONCE = datetime.fromtimestamp(0, UTC)
"""When a job is to be tried again: by the database's clock and ours, however wrong that is, the time has come."""
CONNECTIONS = 4
CONNECT_SECONDS = 5.0


class CutShortError(TidingsError):
    """A worker ended before a host was settled; the job goes back into the queue."""


class Worker:
    """Takes jobs until it is asked to stop.

    :param engine: a database for which `need_queue` has been asked.
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
        self._report = report
        self._owner = owner_name("tidings worker")
        self._room = settings.workers * settings.batch_hosts
        self._dispatcher = LocalDispatcher(engine, settings, self._settled, owner=self._owner, target=target)
        self._gathering = Gathering(engine, self._dispatcher, settings.batch_hosts)
        self._jobs_here: set[int | None] = set()
        self._stopping = asyncio.Event()
        self._fetching: Fetching | None = None

    async def run(self) -> None:
        """Take jobs until `ask_to_stop`, and return when everything has ended."""
        self._loop = asyncio.get_running_loop()
        gathering = asyncio.create_task(self._gathering.run())
        gathering.add_done_callback(
            lambda _: self.ask_to_stop()
        )  # should it fail, nobody would be crawled any more
        try:
            while not self._stopping.is_set():
                await self._fetch()
        finally:
            self._dispatcher.ask_to_stop()
            await asyncio.to_thread(self._dispatcher.stop)
            gathering.cancel()
            with suppress(asyncio.CancelledError):
                await gathering

    def ask_to_stop(self) -> None:
        """Take nothing more, and let crawl processes settle what they have finished; to be called in the loop."""
        self._stopping.set()
        self._dispatcher.ask_to_stop()
        self._gathering.stop()
        if self._fetching is not None:
            self._fetching.stop()  # type: ignore[no-untyped-call]

    async def _fetch(self) -> None:
        """Fetch jobs until this worker stops or the queue is away; then wait a moment."""
        try:
            await self._fetch_until_broken()
            reason = "the connection was lost"
        except (ConnectorException, psycopg.Error) as error:
            reason = str(queue_error(self._engine, error))
        if not self._stopping.is_set():
            logger.warning("the queue is away: %s; trying again", reason)
            await self._wait_unless_stopping(RESTART_SECONDS)

    async def _wait_unless_stopping(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _fetch_until_broken(self) -> None:
        app = self._app()
        stalled = self._settings.stalled_seconds
        async with app.open_async():
            if self._stopping.is_set():
                return
            self._fetching = Fetching(
                app,
                queues=[QUEUE],
                name=self._owner,
                concurrency=self._room,
                fetch_job_polling_interval=self._settings.tick_seconds,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="always",  # what became of a host stands in its runs; a job is only a hint
                install_signal_handlers=False,
                update_heartbeat_interval=stalled / 4,
                stalled_worker_timeout=stalled,
            )
            looking = asyncio.create_task(self._look_for_stalled(app.job_manager, self._fetching))
            try:
                await self._fetching.run()  # type: ignore[no-untyped-call]
            finally:
                self._fetching = None
                looking.cancel()

    def _app(self) -> App:
        arguments = connection_arguments(self._engine)
        connector = PsycopgConnector(
            kwargs=arguments, min_size=0, max_size=CONNECTIONS, timeout=CONNECT_SECONDS
        )
        app = App(connector=connector)
        app.task(name=TASK, queue=QUEUE, pass_context=True, retry=_Again())(self._crawl_host)
        return app

    async def _crawl_host(self, context: JobContext, host: str) -> None:
        """What a job does."""
        self._jobs_here.add(context.job.id)
        try:
            if not await self._gathering.crawl(host):
                raise CutShortError(f"host {host}: this worker ends before it is settled")
        except Exception:
            await self._wait_unless_stopping(2.0 ** (context.job.attempts + 1))
            raise
        finally:
            self._jobs_here.discard(context.job.id)

    def _settled(self, settled: Settled) -> None:
        self._report(settled)
        self._loop.call_soon_threadsafe(self._gathering.note_settled)

    async def _look_for_stalled(self, jobs: JobManager, fetching: Fetching) -> None:
        """Put back the jobs of workers that died, and those that ended here while the queue could not be told.

        Should two workers put back the same job, and it runs twice, the second run finds its host leased or crawled.
        """
        stalled = self._settings.stalled_seconds
        unknown: set[int | None] = set()
        while True:
            await asyncio.sleep(stalled / 2)
            try:
                for job in await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=stalled):
                    await _put_back(jobs, job)
                if fetching.worker_id is None:
                    continue
                mine = await jobs.list_jobs_async(queue=QUEUE, status="doing", worker_id=fetching.worker_id)
                lost = [job for job in mine if job.id not in self._jobs_here]
                for job in lost:
                    if job.id in unknown:  # not one that begins or ends just now
                        await _put_back(jobs, job)
                unknown = {job.id for job in lost}
            except (ConnectorException, psycopg.Error) as error:
                logger.warning("stalled jobs could not be looked for: %s", queue_error(self._engine, error))


class _Again(BaseRetryStrategy):
    """Whether a job is tried again: always if its worker stopped, a few times if it failed."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        cut_short = isinstance(exception, CutShortError | asyncio.CancelledError)
        return RetryDecision(retry_at=AT_ONCE) if cut_short or job.attempts + 1 < ATTEMPTS else None


async def _put_back(jobs: JobManager, job: Job) -> None:
    with suppress(ConnectorException):  # somebody else was quicker
        await jobs.retry_job(job, retry_at=AT_ONCE)
        logger.info("host %s: its job had stalled and waits again", job.lock)


def run_worker(settings: Settings, *, on_ready: Callable[[], None] | None = None) -> None:
    """Take jobs in the foreground until SIGTERM or SIGINT, then end without losing anything.

    :param on_ready: called once when the queue was found.
    :raises ConfigError: for SQLite.
    :raises SchemaError: when the queue has not been made, or another version made it.
    :raises StorageError: when the database cannot be used.
    """
    engine = open_engine(settings.database_url, create=False)
    try:
        need_queue(engine)
        asyncio.run(_run_until_signalled(engine, settings, on_ready))
    finally:
        engine.dispose()


async def _run_until_signalled(
    engine: Engine, settings: Settings, on_ready: Callable[[], None] | None
) -> None:
    worker = Worker(engine, settings)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_tell_of_trouble)
    logging.getLogger("procrastinate").setLevel(
        logging.CRITICAL
    )  # what matters is told here, not once a host
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.ask_to_stop)
    if on_ready is not None:
        on_ready()
    await worker.run()
    logger.info("stopped")


def _tell_of_trouble(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of what failed in the loop with nobody who waits for it."""
    if isinstance(context.get("exception"), ConnectorException):
        logger.debug("a job has ended, and the queue could not be told: it will be looked for")
    else:
        loop.default_exception_handler(context)

"""The queue in PostgreSQL by which schedulers tell workers what to crawl: one job a host, kept by Procrastinate.

A job is a hint and nothing more: it holds the name of a host. Whether the host is due, and whose it is, stands in our
own tables, and is asked when the job starts. So a job that is lost, late or run twice neither loses nor repeats
anything: a host that is still due gets another one.

Of each host there is at most one job that waits or runs: jobs are added in one transaction at a time, which looks for
both. Procrastinate's own locks say the same once more, for waiting jobs (``queueing_lock``) and running ones
(``lock``); without our rule a job that is put back could meet its own successor.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from procrastinate import SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

from news.errors import SchemaError, StorageError
from storage.engine import reading
from storage.failures import advice_for, shown_url, storage_errors
from storage.leases import hosts_due

if TYPE_CHECKING:
    from sqlalchemy import Engine

QUEUE = "tidings"
TASK = "tidings.crawl_host"
HOSTS_WAITING = 1_000
"""Jobs that may wait at the same time: taking one costs more, the more there are."""

_LOCK_KEY = 0x7469646A  # PostgreSQL's advisory locks are numbers; `storage.schema` has the one before
_VERSION = "SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')"
_EXISTS = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"
_LIVE = text(
    "SELECT lock, status = 'todo' AS waits FROM procrastinate_jobs "
    "WHERE status IN ('todo', 'doing') AND queue_name = :queue AND lock IS NOT NULL"
)
_WORKERS = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :seconds)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """What a tick did to the queue, and how it found it.

    ``added`` are the new jobs, ``waiting`` those that nobody has taken yet, the new ones included, ``workers`` the
    workers that gave a sign of life lately. ``busy`` means that another scheduler was at it, and nothing was done.
    """

    added: int = 0
    waiting: int = 0
    workers: int = 0
    busy: bool = False


def check_queue(engine: Engine) -> None:
    """Make sure that a PostgreSQL database has a queue that this version can use.

    :raises SchemaError: when the queue has not been made, or another version made it.
    """
    with reading(engine) as connection:
        made = connection.execute(text(_VERSION)).scalar_one()
    if made != _newest():
        what = "is of another version" if made else "has not been made"
        raise SchemaError(
            f"database {shown_url(engine)}: its queue of jobs {what}; make it with `tidings db queue`, "
            "while no worker runs"
        )


def make_queue(engine: Engine) -> bool:
    """Make Procrastinate's tables beside ours, or bring them up to date; return whether there was anything to do.

    Alembic knows nothing of them: it compares what tidings declares, and these are the library's own, with migrations
    of its own. Which of those were applied is written down as the comment of the table of jobs.

    :raises SchemaError: when somebody else uses Procrastinate in the same schema of the database.
    """
    with queueing(engine) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        made = connection.execute(text(_VERSION)).scalar_one()
        exists = connection.execute(text(_EXISTS)).scalar_one()
        if made == _newest():
            return False
        if exists and made not in _migrations():
            raise SchemaError(
                f"database {shown_url(engine)}: it holds a queue that was not made by tidings, or by a newer one; "
                "use a database or a schema of its own, or upgrade tidings"
            )
        missing = [SchemaManager.get_schema()]
        if exists:
            missing = [script.read_text("utf-8") for name, script in _migrations().items() if name > made]
        bare = connection.execution_options(no_parameters=True)
        for script in missing:
            bare.exec_driver_sql(script)
        bare.exec_driver_sql(f"COMMENT ON TABLE procrastinate_jobs IS '{_newest()}'")
    return True


def enqueue_due(engine: Engine, *, stalled_seconds: float, limit: int = HOSTS_WAITING) -> Queued:
    """Add a job for each host that is due, free and has none yet, the longest due first.

    :param stalled_seconds: a worker without a sign of life for so long is not counted.
    :param limit: the number of jobs that may wait, those that do already included.
    :raises StorageError: when the database cannot be used.
    """
    with queueing(engine) as connection:
        alone = text("SELECT pg_try_advisory_xact_lock(:key)")
        if not connection.execute(alone, {"key": _LOCK_KEY}).scalar_one():
            return Queued(busy=True)
        live = connection.execute(_LIVE, {"queue": QUEUE}).all()
        waiting = sum(job.waits for job in live)
        workers = connection.execute(_WORKERS, {"seconds": stalled_seconds}).scalar_one()
        if waiting >= limit:
            return Queued(waiting=waiting, workers=workers)
        hosts = hosts_due(connection, limit=limit - waiting, besides={job.lock for job in live})
        if hosts:
            JobManager(SyncPsycopgConnector()).batch_defer_jobs(
                [host_job(host) for host in hosts], connection=connection.connection.driver_connection
            )
        return Queued(added=len(hosts), waiting=waiting + len(hosts), workers=workers)


def host_job(host: str) -> Job:
    """Return the job of a host, as it is put into the queue."""
    return Job(queue=QUEUE, task_name=TASK, lock=host, queueing_lock=host, task_kwargs={"host": host})


def connection_arguments(engine: Engine) -> dict[str, Any]:
    """Return the arguments with which psycopg connects to the same database."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    return {"application_name": "tidings queue", "connect_timeout": "10", **arguments}


@contextmanager
def queueing(engine: Engine) -> Generator[Connection]:
    """Open a transaction that writes jobs, and nothing that would be missed: they follow from what is due."""
    with storage_errors(engine), _library_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def _library_errors(engine: Engine) -> Generator[None]:
    """Turn what the library makes of the driver's errors into a StorageError, as `storage_errors` does of ours."""
    try:
        yield
    except ConnectorException as error:
        raise queue_error(engine, error) from error


def queue_error(engine: Engine, error: Exception) -> StorageError:
    """Return what an error of the queue means for an operator."""
    cause = error.__cause__ if isinstance(error.__cause__, psycopg.Error) else error
    advice = advice_for(cause) or "its queue of jobs cannot be used"
    return StorageError(f"database {shown_url(engine)}: {advice} ({' '.join(str(cause).split())})")


def _migrations() -> dict[str, Path]:
    """Return Procrastinate's own migrations by name; their names sort in the order in which they are applied."""
    found = Path(SchemaManager.get_migrations_path()).glob("*.sql")
    return {path.name: path for path in sorted(found)}


def _newest() -> str:
    return max(_migrations())

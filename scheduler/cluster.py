"""Has what is due crawled by workers, on this machine or any other: puts hosts into the queue, and no more.

Nothing is leased here. A host may wait for a worker, and its lease would run out meanwhile: the worker that takes the
job leases it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url

from news.errors import ConfigError
from storage.failures import shown_url

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scheduler.jobs import Queued
    from storage.settings import Settings

logger = logging.getLogger(__name__)


class ClusterDispatcher:
    """Keeps the queue filled with the hosts that are due.

    :param engine: a database for which `need_queue` has been asked.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._unheard = False

    def dispatch_due(self) -> Queued:
        """Put due hosts into the queue, as many as there is room for."""
        from scheduler.jobs import enqueue_due

        queued = enqueue_due(self._engine, stalled_seconds=self._settings.stalled_seconds)
        if not queued.busy:
            self._tell(queued)
        return queued

    def ask_to_stop(self) -> None:
        """Nothing runs here."""

    def stop(self) -> None:
        """Nothing runs here: workers go on with what is in the queue."""

    def _tell(self, queued: Queued) -> None:
        """Say once that nobody takes jobs, and once that somebody does again."""
        unheard = queued.waiting > 0 and queued.workers == 0
        if unheard and not self._unheard:
            logger.warning(
                "no worker has given a sign of life for %g seconds, and hosts wait in the queue (%d); start one with "
                "`tidings worker`",
                self._settings.stalled_seconds,
                queued.waiting,
            )
        elif self._unheard and queued.workers:
            logger.info("workers that take jobs: %d", queued.workers)
        self._unheard = unheard or (self._unheard and not queued.workers)


def need_queue(engine: Engine) -> None:
    """Make sure that schedulers and workers can meet in a database.

    :raises ConfigError: for SQLite, and without the library that keeps the queue.
    :raises SchemaError: when the queue has not been made, or another version made it.
    """
    need_cluster(engine.url)
    from scheduler.jobs import check_queue

    check_queue(engine)


def need_cluster(database: URL | str) -> None:
    """Make sure that there may be a queue in a database, without asking it.

    :raises ConfigError: for SQLite, and where the extra ``cluster`` is not installed.
    """
    if make_url(database).get_backend_name() == "sqlite":
        raise ConfigError(
            f"database {shown_url(database)}: workers need a PostgreSQL database, which machines can share; name one "
            'with database_url or --database, or leave the setting dispatcher at "local"'
        )
    try:
        import procrastinate  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "workers need the library that keeps their queue; install it with `pip install 'tidings[cluster]'`"
        ) from error

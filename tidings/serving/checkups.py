"""What ``/health`` answers: looked up at most every few seconds, however many ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from news.errors import StorageError
from news.health import Checkup, Complaint, Kind, Limits, checkup
from storage.checkup import check_up, limits_of
from storage.settings import Settings

KEPT_SECONDS = 5.0


class Checkups:
    """Whether all is well, for those who ask over and over; anybody may.

    Args:
        engine: the database.
        settings: of the installation.
        clock: seconds that only ever rise.
    """

    def __init__(
        self, engine: Engine, settings: Settings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._limits, self._folders = limits_of(settings), settings.watched_disks
        self._clock = clock
        self._lock = threading.Lock()
        self._latest: tuple[float, Checkup] | None = None

    def latest(self) -> Checkup:
        """Return what was found within the last seconds; a database that cannot be used is a complaint, too."""
        with self._lock:
            now = self._clock()
            if self._latest is None or now - self._latest[0] >= KEPT_SECONDS:
                self._latest = (now, self._look())
            return self._latest[1]

    def _look(self) -> Checkup:
        try:
            return check_up(self._engine, self._limits, folders=self._folders)
        except StorageError as error:
            return without_database(error)


def without_database(error: StorageError) -> Checkup:
    """Return what is found where the database cannot be used."""
    complaint = Complaint(kind=Kind.DATABASE, reason=str(error))
    return checkup([complaint], sources=0, now=datetime.now(UTC), limits=Limits(), named=1)

"""Clocks that are set back, or forward: the database's own, for every process that uses it, and clocks to inject."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event

from tests.faults.disks import administering
from tests.faults.points import At, Point, Struck, striking

STANDARD = "%Y-%m-%dT%H:%M:%f"
"""The shape in which tidings asks SQLite for the time."""


class DatabaseClock:
    """The clock of a database, which can be set; it goes on from there. Use it as `setting_clock` gives it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._offset = timedelta()

    def step(self, by: timedelta) -> None:
        """Set the clock forward, or back by a negative time."""
        self._offset += by
        if self._engine.dialect.name == "postgresql":
            with administering(self._engine) as run:
                run(f"UPDATE faults.clock SET ahead = '{self._offset.total_seconds():f} seconds'")

    def prepare(self) -> None:
        """Put the clock in the place of the database's own, for every connection that is opened from now on."""
        self._engine.dispose()
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", self._replace)
            return
        name = self._engine.url.database
        with administering(self._engine) as run:
            run("CREATE SCHEMA IF NOT EXISTS faults")
            run("CREATE TABLE IF NOT EXISTS faults.clock AS SELECT interval '0' AS ahead")
            run(_CLOCK)
            run(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')

    def remove(self) -> None:
        """Give the database its own clock back."""
        self._engine.dispose()
        if self._engine.dialect.name == "sqlite":
            event.remove(self._engine, "connect", self._replace)
            return
        with administering(self._engine) as run:
            run(f'ALTER DATABASE "{self._engine.url.database}" RESET search_path')
            run("DROP FUNCTION public.clock_timestamp()")

    def _replace(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.create_function("strftime", 2, self._strftime)

    def _strftime(self, shape: str, when: str) -> str:
        assert (shape, when) == (STANDARD, "now")
        now = datetime.now(UTC) + self._offset
        return now.replace(tzinfo=None).isoformat(timespec="milliseconds")


_CLOCK = """
CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
'SELECT pg_catalog.clock_timestamp() + ahead FROM faults.clock'
"""


@contextmanager
def setting_clock(engine: Engine) -> Generator[DatabaseClock]:
    """Put a clock that can be set in the place of a database's own.

    On PostgreSQL it is that of every process that connects meanwhile, on SQLite that of the engine.
    """
    clock = DatabaseClock(engine)
    clock.prepare()
    try:
        yield clock
    finally:
        clock.remove()


@contextmanager
def clock_set_back(engine: Engine, to: datetime, *, at: At = 1) -> Generator[Struck]:
    """Let the database's clock be set back to an aware time at a point, until the end of the block."""
    with setting_clock(engine) as clock:

        def step(_point: Point) -> None:
            clock.step(to - datetime.now(UTC))

        with striking(engine, at, step) as struck:
            yield struck


def stepping_back(clock: Callable[[], float], *, by: float, after: int) -> Callable[[], float]:
    """Return a clock to inject, such as a monotonic one, that is set back once: after so many readings.

    >>> ticks = iter([1.0, 2.0, 3.0, 4.0])
    >>> clock = stepping_back(lambda: next(ticks), by=10, after=2)
    >>> [clock() for _ in range(4)]
    [1.0, 2.0, -7.0, -6.0]
    """
    readings = itertools.count(1)

    def now() -> float:
        return clock() - by if next(readings) > after else clock()

    return now

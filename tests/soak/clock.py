"""The clock of a month that passes in minutes: each process asks its database for the time, and that is set forward."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from tests.faults.clocks import DatabaseClock, setting_clock

CLOCKED = Path(__file__).parent / "clocked"
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class MonthClock:
    """Goes on as every clock does, and is set forward from round to round. Use it as `month_clock` gives it."""

    file: Path
    database: DatabaseClock
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Return the time that the database tells, aware UTC."""
        return datetime.now(UTC) + self.ahead

    def step(self, by: timedelta) -> None:
        """Set it forward for every process."""
        self.ahead += by
        self.database.step(by)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self.ahead.total_seconds():f}", encoding="ascii")
        fresh.replace(self.file)

    def environment(self) -> dict[str, str]:
        """Return what a process needs in its environment to go by this clock."""
        return {"SOAK_CLOCK": str(self.file), "PYTHONPATH": os.pathsep.join((str(CLOCKED), str(ROOT)))}


@contextmanager
def month_clock(engine: Engine, folder: Path) -> Generator[MonthClock]:
    """Put such a clock in the place of a database's own, for this process and for those with its environment."""
    with setting_clock(engine) as database:
        clock = MonthClock(file=folder / "clock", database=database)
        clock.step(timedelta())
        yield clock

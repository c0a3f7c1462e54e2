"""Python runs this at its start, where ``PYTHONPATH`` says so: SQLite's clock is then the one of the soak.

Nothing of the product is touched: tidings asks the database for the time (`storage.engine.database_now`), and this is
the database's clock, set forward. Of PostgreSQL the server's own is (`tests.faults.clocks`).
"""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CLOCK = os.environ.get("SOAK_CLOCK", "")


def now(shape: str, when: str) -> str:
    """Answer as SQLite's ``strftime`` does what tidings asks it, and nothing else."""
    if (shape, when) != ("%Y-%m-%dT%H:%M:%f", "now"):
        raise ValueError(f"nobody asks for strftime({shape!r}, {when!r})")
    ahead = timedelta(seconds=float(Path(CLOCK).read_text(encoding="ascii")))
    return (datetime.now(UTC) + ahead).replace(tzinfo=None).isoformat(timespec="milliseconds")


def clocked(connect: Any) -> Any:
    """Return a way to connect that puts the clock in the place of SQLite's own."""

    def connected(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **more)
        connection.create_function("strftime", 2, now)
        return connection

    return connected


if CLOCK:
    sqlite3.connect = sqlite3.dbapi2.connect = clocked(sqlite3.connect)

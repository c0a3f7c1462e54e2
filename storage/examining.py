"""A short look at the database: its version, its clock, a write that is taken back, and a quick check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, text, update

from storage.engine import database_now, sqlite_file
from storage.failures import storage_errors
from storage.schema import stored_revision
from storage.tables import Change, Counter, Source

MAX_CHECKED_BYTES = 2 * 1024**3
"""A larger SQLite file is not read through: that takes longer than somebody waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What was seen. ``faults`` is None where the file was too large to be read through."""

    server: str
    revision: str | None
    now: datetime
    faults: tuple[str, ...] | None
    last_run_at: datetime | None


def examine(engine: Engine) -> Examined:
    """Look at a database; nothing is changed.

    Raises:
        StorageError: it cannot be reached, or not be written.
    """
    revision = stored_revision(engine)
    with storage_errors(engine), engine.connect() as connection, connection.begin() as transaction:
        server = _server(connection)
        now = database_now(connection)
        last: datetime | None = None
        faults: tuple[str, ...] | None = ()
        if revision is not None:
            # Written and taken back: whoever may not write, or has no room, is told so here.
            connection.execute(update(Counter).where(Counter.name == "doctor").values(value=0))
            last = connection.execute(select(func.max(Source.last_run_at))).scalar_one()
            faults = _faults(engine, connection)
        transaction.rollback()
    return Examined(server=server, revision=revision, now=now, faults=faults, last_run_at=last)


def _server(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()}"
    return f"SQLite {connection.execute(text('SELECT sqlite_version()')).scalar_one()}"


def _faults(engine: Engine, connection: Connection) -> tuple[str, ...] | None:
    last = connection.execute(select(func.max(Change.seq))).scalar_one() or 0
    counter = connection.execute(select(Counter.value).where(Counter.name == "changes")).scalar_one_or_none()
    if counter is None or counter < last:
        return (f"the log goes up to {last}, and its counter says {counter}",)
    file = sqlite_file(engine)
    if file is None:
        return ()
    if file.stat().st_size > MAX_CHECKED_BYTES:
        return None
    found = connection.execute(text("PRAGMA quick_check(5)")).scalars()
    return tuple(str(each) for each in found if each != "ok")

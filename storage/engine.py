"""Opening the database, and the two ways to talk to it: ``writing`` and ``reading``.

SQLite keeps a write-ahead log, checks foreign keys and syncs every commit; a transaction that may write takes the write
lock when it begins, so that it never fails half-way because another process was faster. PostgreSQL runs READ COMMITTED,
so that what is read after taking a lock is what was committed before; nothing waits for a lock longer than 30 seconds,
and the server ends a transaction in which nothing has happened for 5 minutes: a process that is stalled or cut off in
the middle of one would keep everybody else from settling until it comes back.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from news.errors import ConfigError, StorageError
from storage.failures import shown_url, storage_errors

APPLICATION_ID = 0x54494447
"""``TIDG``: what SQLite's header says of a file of ours, so that another program's file is never touched."""
LOCK_SECONDS = 30
IDLE_SECONDS = 300
_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_ID_OFFSET = 68
_READS_ONLY = "tidings_reads_only"
_open_here: Counter[str] = Counter()  # connections of this process to each file
_counting = threading.Lock()


def open_engine(url: str, *, create: bool = True) -> Engine:
    """Open a database; nothing is asked of a server before the first statement.

    Args:
        url: ``sqlite:///file.db`` (relative; four slashes make it absolute), ``sqlite://`` (in memory, for one
            process) or ``postgresql://user:password@host/name``.
        create: whether a SQLite file that does not exist may be made.

    Raises:
        ConfigError: for a URL that is none, another kind of database, or a missing driver.
        StorageError: for a file that is not ours or a directory that cannot be written; the file is not touched.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed)
    return _open_sqlite(parsed, create=create)


@contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """Open a transaction that may write; it is committed at the end and rolled back by any error."""
    with storage_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """Open a transaction that sees one consistent state of everything, and cannot write."""
    with storage_errors(engine), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            connection.execution_options(**{_READS_ONLY: True})
        yield connection


def database_now(connection: Connection) -> datetime:
    """Return the database's clock, aware UTC: to the microsecond on PostgreSQL, the millisecond on SQLite.

    It is read anew on every call, also within one transaction.
    """
    if connection.dialect.name == "postgresql":
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)
    text = connection.execute(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now"))).scalar_one()
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def insert_into(connection: Connection, table: Any) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT of this database's dialect, which knows ``on_conflict_do_nothing`` and ``…_do_update``."""
    target: Table = getattr(table, "__table__", table)
    if connection.dialect.name == "postgresql":
        return postgresql.insert(target)
    return sqlite.insert(target)


def sqlite_file(engine: Engine) -> Path | None:
    """Return the file of a SQLite database, or None for one in memory and for PostgreSQL."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


def file_of(url: str) -> Path | None:
    """Return the file that a database URL names, whatever it holds; None for PostgreSQL and for one in memory.

    Raises:
        ConfigError: as ``open_engine`` does for a URL.
    """
    parsed = _parsed(url)
    name = parsed.database
    return Path(name) if parsed.get_backend_name() == "sqlite" and name and name != ":memory:" else None


def opened_here(file: Path) -> bool:
    """Return whether this process has a connection to a SQLite file: then it must not be opened in another way."""
    with _counting:
        return _open_here[os.path.realpath(file)] > 0


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text is not repeated: it may hold a password.
        raise ConfigError(
            "database URL: cannot be read; write sqlite:///file.db or postgresql://user@host/name"
        ) from error
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise ConfigError(
            f"database URL: {parsed.drivername!r} is not supported; write sqlite:///file.db or "
            "postgresql://user@host/name"
        )
    if parsed.get_backend_name() == "sqlite" and (parsed.query or parsed.host):
        raise ConfigError(
            f"database URL {shown_url(parsed)}: a SQLite URL holds a path and nothing else: three slashes and a "
            "relative path, four for an absolute one"
        )
    return parsed


def _open_postgresql(url: URL) -> Engine:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"database {shown_url(url)}: PostgreSQL needs its driver; install it with "
            "`pip install 'tidings[postgres]'`"
        ) from error
    defaults = {"application_name": "tidings", "connect_timeout": "10"}
    with storage_errors(url):
        engine = create_engine(
            url,
            connect_args={name: value for name, value in defaults.items() if name not in url.query},
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            hide_parameters=True,  # what a statement is given may be a secret, and errors are logged
            pool_timeout=LOCK_SECONDS,
        )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # As a statement and not as a start-up option, since connection poolers refuse those.
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT set_config('lock_timeout', '{LOCK_SECONDS}s', false), set_config('TimeZone', 'UTC', false), "
                f"set_config('idle_in_transaction_session_timeout', '{IDLE_SECONDS}s', false)"
            )
        connection.commit()

    return engine


def _open_sqlite(url: URL, *, create: bool) -> Engine:
    path = Path(url.database) if url.database and url.database != ":memory:" else None
    if path is None:
        # One connection for all threads, handed from one to the next: another would be another database.
        pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
        thread: dict[str, Any] = {"check_same_thread": False}
    else:
        check_file(path, create=create)
        pool, thread = {}, {}
    engine = create_engine(
        url,
        # No implicit BEGIN by the driver; ours below says which kind of transaction it is.
        connect_args={"isolation_level": None, "timeout": LOCK_SECONDS, **thread},
        hide_parameters=True,
        pool_timeout=LOCK_SECONDS,
        **pool,
    )
    if path is not None:
        _count_connections(engine, os.path.realpath(path))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _count_connections(engine: Engine, file: str) -> None:
    """Keep count of this process's connections to a file, from before each is opened until it is closed.

    While there are any the file must not be opened in another way: closing it would give up the locks by which SQLite
    tells other processes that it is in use (sqlite.org/howtocorrupt.html, section 2.2).
    """

    def opening(*_: Any) -> None:
        with _counting:
            _open_here[file] += 1

    def closed(*_: Any) -> None:
        with _counting:
            _open_here[file] -= 1

    event.listen(engine, "do_connect", opening)
    event.listen(engine, "close", closed)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        _patiently(lambda: connection.execute(f"PRAGMA application_id = {APPLICATION_ID}"))
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone())
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _patiently(change: Callable[[], object]) -> None:
    """Make a change to a new file that several processes may be making: SQLite's own waiting does not cover it."""
    give_up_at = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            change()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    reads_only = bool(connection.get_execution_options().get(_READS_ONLY))
    # Remembered per connection of the pool, so that the pragma is sent only when it changes.
    if connection.info.get(_READS_ONLY, False) != reads_only:
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads_only)}")
        connection.info[_READS_ONLY] = reads_only
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def check_file(path: Path, *, create: bool) -> None:
    """Refuse a SQLite file that is not ours before SQLite opens it, by the first bytes alone.

    Raises:
        StorageError: with the reason; the file and its directory are left as they are.
    """
    if not path.parent.is_dir():
        raise StorageError(f"database {path}: there is no directory {path.parent}; create it first")
    try:
        header = _first_bytes(path)
    except FileNotFoundError:
        header = b""
        if not create:
            raise StorageError(
                f"database {path}: there is no such file; check --database, or crawl a source to create it"
            ) from None
    except OSError as error:
        raise StorageError(
            f"database {path}: it cannot be read ({error.strerror}); check its permissions, or name another file"
        ) from error
    if header and not header.startswith(_MAGIC):
        raise StorageError(f"database {path}: it is not a SQLite database; name another file")
    if header and int.from_bytes(header[_ID_OFFSET : _ID_OFFSET + 4]) != APPLICATION_ID:
        raise StorageError(f"database {path}: it belongs to another application; name another file")
    target = path if header else path.parent
    if not os.access(target, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StorageError(
            f"database {path}: {target if header else path.parent} may not be written; check the permissions "
            "(SQLite keeps files beside the database)"
        )


def _first_bytes(path: Path) -> bytes:
    with _counting:
        if _open_here[os.path.realpath(path)] > 0:  # then it was looked at before, and must not be opened now
            path.stat()
            return _MAGIC.ljust(_ID_OFFSET, b"\0") + APPLICATION_ID.to_bytes(4)
        with path.open("rb") as file:
            return file.read(_HEADER_BYTES)

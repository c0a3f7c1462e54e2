"""What may go wrong with a database that is nobody's mistake in the code, told in words.

Errors of the driver are sorted by the database's own code (SQLite's primary result code, PostgreSQL's SQLSTATE), never
by their text. What is not listed here (a wrong statement, a broken constraint) is a bug and passes unchanged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from news.errors import StorageError

_LOCKED = "another process kept it locked for too long; wait for that process to finish, or end it"
_FULL = "the disk is full; make room, then try again: nothing was written"
_READ_ONLY = "it may not be written; check the permissions of the file, its directory and its file system"
_NOT_OPENED = "it cannot be opened; check that its directory exists and that both may be written"
_DAMAGED = "it is damaged; restore a backup (a copy made while it was in use may be torn)"
_SQLITE = {
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_IOERR: "the disk reports an error; look at the system's log",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _NOT_OPENED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_NOLFS: "its file system cannot hold a file of this size",
    sqlite3.SQLITE_AUTH: _READ_ONLY,
    sqlite3.SQLITE_NOTADB: "it is not a SQLite database; name another file",
}
# Whole codes first, then classes (their first two characters): PostgreSQL's documentation, appendix A.
_POSTGRESQL = {
    "3D000": "there is no such database; create it (`createdb NAME`)",
    "42501": "the user may not do this; grant the user all rights on the database and its schema",
    "25P03": "the server ended the transaction, since this process stood still in the middle of it; try again",
    "25006": "it may not be written; is this a standby? Use the primary",
    "53100": _FULL,
    "53300": "it has no connection left; raise max_connections or run fewer workers",
    "55P03": _LOCKED,
    "57014": "the statement was cancelled by the server; check statement_timeout",
    "08": "the connection was lost; check that the server is running, then try again",
    "28": "the server refused the user or the password; check them and pg_hba.conf",
    "40": "the server ended the transaction because of another one; try again",
    "53": "the server is short of memory or disk",
    "57": "the server is starting, stopping or was restarted; try again",
    "58": "the server reports an error of its system; look at its log",
    "XX": _DAMAGED,
}
_UNREACHABLE = "no connection; check that the server runs, and the address, user, password and database name"


@contextmanager
def storage_errors(where: Engine | URL | str) -> Generator[None]:
    """Turn what the database reports into a StorageError that says what, where and what to do next.

    Args:
        where: the database concerned; its password is never shown.

    Raises:
        StorageError: for anything that the surroundings cause: locks, a full disk, permissions, the network.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise StorageError(
            f"database {shown_url(where)}: all connections are in use; run fewer workers at once"
        ) from error
    except DBAPIError as error:
        advice = advice_for(error.orig)
        if advice is None:
            raise
        said = " ".join(str(error.orig).split())
        raise StorageError(f"database {shown_url(where)}: {advice} ({said})") from error


def advice_for(error: object) -> str | None:
    """Return what a driver's error means for an operator, or None if it is a mistake in the code."""
    if isinstance(error, sqlite3.Error):
        # An extended code keeps the primary one in its lowest byte.
        return _SQLITE.get(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF)
    state = getattr(error, "sqlstate", "")
    if state:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    # Without a code the server never answered: psycopg says so with its OperationalError.
    return _UNREACHABLE if type(error).__name__ in {"OperationalError", "ConnectionTimeout"} else None


def shown_url(where: Engine | URL | str) -> str:
    """Return a database's URL as it may be printed: without its password."""
    url = where.url if isinstance(where, Engine) else make_url(where)
    shown = url.render_as_string(hide_password=True)
    return f"{shown} (in memory)" if shown == "sqlite://" else shown

"""A database that somebody else keeps locked: a second connection holds what the first one waits for."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Engine

from tests.faults.points import At, Engines, Point, Struck, striking

PATIENCE_MS = 50
"""How long the first one waits instead of half a minute: it would give up in the end, and no test waits for that."""


@contextmanager
def locked(engine: Engines, *, at: At = 1) -> Generator[Struck]:
    """Let another connection lock from a point on all that can be locked, until the end of the block.

    On SQLite nobody can lock a file in which somebody else is writing, so there only a point before the beginning of a
    transaction will do. On PostgreSQL every table is locked that the transaction has not touched yet.
    """
    with ExitStack() as holding:

        def lock(point: Point) -> bool:
            hurry(point.driver)
            return _lock(point.driver, holding)

        with striking(engine, at, lock) as struck:
            try:
                yield struck
            finally:
                holding.close()
                if isinstance(engine, Engine):
                    engine.dispose()  # so that nobody after this is in a hurry


@contextmanager
def impatient(engine: Engines) -> Generator[Struck]:
    """Let nobody wait for a lock longer than a moment; somebody else, outside, holds one."""
    with striking(engine, 1, lambda point: hurry(point.driver), lasts=True) as struck:
        yield struck


def hurry(driver: Any) -> None:
    """Let a driver's connection wait for locks for a moment only."""
    if isinstance(driver, sqlite3.Connection):
        driver.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    else:
        driver.execute(f"SET lock_timeout = '{PATIENCE_MS}ms'")


def _lock(driver: Any, holding: ExitStack) -> bool:
    if isinstance(driver, sqlite3.Connection):
        file = driver.execute("PRAGMA database_list").fetchone()[2]
        other = sqlite3.connect(file, isolation_level=None, timeout=0, check_same_thread=False)
        holding.callback(other.close)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True
    return _lock_tables(driver.info, holding)


def _lock_tables(info: Any, holding: ExitStack) -> bool:
    import psycopg

    other = psycopg.connect(info.dsn, password=info.password)
    holding.callback(other.close)
    tables = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    held = 0
    for (table,) in tables:
        try:
            with other.transaction():
                other.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE NOWAIT')
        except psycopg.errors.LockNotAvailable:
            continue
        held += 1
    return held > 0

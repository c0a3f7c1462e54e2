"""A connection that is lost in the middle of a transaction.

PostgreSQL ends it (``pg_terminate_backend``), as a restart or an administrator does. SQLite has no server to lose:
there the disk goes away, so that the kernel refuses every read and write of the write-ahead log.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from tests.faults import disks
from tests.faults.points import At, Engines, Point, Struck, striking

PATIENCE_MS = 5000


@contextmanager
def lost_connection(engine: Engines, *, at: At = 1) -> Generator[Struck]:
    """Let the connection that passes a point be lost there, and be had again after the block.

    On PostgreSQL a new connection is a good one at once.
    """
    disk = disks.SqliteDisk()
    unreadable, other_end = os.pipe()
    ended: list[Any] = []

    def lose(point: Point) -> bool:
        if isinstance(point.driver, sqlite3.Connection):
            return disk.take(point.driver, unreadable)
        if not ended:
            ended.append(point.driver)
            _end(point.driver)
        return True

    try:
        with striking(engine, at, lose, lasts=True) as struck:
            yield struck
    finally:
        disk.give_back()
        os.close(unreadable)
        os.close(other_end)


def _end(driver: Any) -> None:
    import psycopg

    info = driver.info
    with psycopg.connect(info.dsn, password=info.password, autocommit=True) as other:
        [(ended,)] = other.execute("SELECT pg_terminate_backend(%s, %s)", (info.backend_pid, PATIENCE_MS))
    assert ended, "the server did not end the connection"

"""A connection that is lost in the middle of a transaction.

PostgreSQL ends it (``pg_terminate_backend``), as a restart or an administrator does. SQLite has no server to lose:
there the disk goes away, so that the kernel refuses every read and write of the write-ahead log.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from tests.faults import disks
from tests.faults.disks import administering
from tests.faults.points import At, Engines, Moment, Point, Struck, striking

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


@contextmanager
def lost_answer(engine: Engines) -> Generator[Struck]:
    """Let a PostgreSQL connection be lost after a commit was sent, and before it is heard that it was made.

    Whoever asked for it cannot know. When the block ends the server has done what it was asked for.
    """
    cut: list[int] = []

    def deafen(point: Point) -> bool:
        if point.moment is not Moment.BEFORE_COMMIT or cut:
            return False
        cut.append(point.driver.info.backend_pid)
        with socket.socket(fileno=os.dup(point.driver.fileno())) as wire:
            wire.shutdown(socket.SHUT_RD)
        return True

    try:
        with striking(engine, 1, deafen, lasts=True) as struck:
            yield struck
    finally:
        if isinstance(engine, Engine) and cut:
            _wait_for_end(engine, cut[0])


def _wait_for_end(engine: Engine, backend: int) -> None:
    with administering(engine) as run:
        for _ in range(500):
            if not run("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (backend,)).scalar():
                return
            run("SELECT pg_sleep(0.01)")
    raise AssertionError("the server does not notice that its client is gone")


def _end(driver: Any) -> None:
    import psycopg

    info = driver.info
    with psycopg.connect(info.dsn, password=info.password, autocommit=True) as other:
        [(ended,)] = other.execute("SELECT pg_terminate_backend(%s, %s)", (info.backend_pid, PATIENCE_MS))
    assert ended, "the server did not end the connection"

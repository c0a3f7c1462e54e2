"""A full disk: from some point on nothing can be written.

SQLite's write-ahead log becomes the kernel's full device. On PostgreSQL every statement that writes also writes to a
table on that device, so that the server itself runs out of room (SQLSTATE 53100) and fails the transaction.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine

from tests.faults import disks
from tests.faults.points import At, Engines, Point, Struck, striking


@contextmanager
def full_disk(engine: Engines, *, at: At = 1) -> Generator[Struck]:
    """Let the disk be full from a point on, until the end of the block.

    Of a PostgreSQL database its owner first calls `tests.faults.disks.on_full_disk`, if the engine is not named here.
    """
    if isinstance(engine, Engine) and engine.dialect.name == "postgresql":
        disks.on_full_disk(engine)
    disk, full = disks.SqliteDisk(), os.open(disks.FULL, os.O_RDWR)

    def fill(point: Point) -> bool:
        if not isinstance(point.driver, sqlite3.Connection):
            point.driver.execute("SET LOCAL faults.disk_full = 'yes'")
            return True
        if point.driver in bounded or disks.log_size(point.driver):
            return _bound(point.driver, bounded)
        return disk.take(point.driver, full)

    bounded: list[sqlite3.Connection] = []
    try:
        with striking(engine, at, fill, lasts=True, beforehand=_make_ready) as struck:
            yield struck
    finally:
        disk.give_back()
        os.close(full)


def _make_ready(point: Point) -> None:
    """Empty SQLite's log before each transaction: the full device gives nothing back of what is to be read."""
    if isinstance(point.driver, sqlite3.Connection) and not point.driver.in_transaction:
        disks.empty_log(point.driver)


def _bound(driver: sqlite3.Connection, bounded: list[sqlite3.Connection]) -> bool:
    """Let SQLite itself say that there is no room for one page more, where its log is needed for reading."""
    if driver not in bounded:
        bounded.append(driver)
        pages = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count = {pages}")
    return True

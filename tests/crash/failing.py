"""Crawl processes whose database fails them: run in a child instead of the crawl."""

from __future__ import annotations

from multiprocessing.connection import Connection

from sqlalchemy import Engine

from crawler.batch import Batch
from scheduler.children import crawl_and_send
from tests.faults.full_disk import full_disk
from tests.faults.locked import impatient
from tests.faults.lost_connection import lost_connection

IN_SETTLING = "INSERT INTO changes"


def disk_full(batch: Batch, sender: Connection) -> None:
    """Let the disk be full in the middle of settling, and stay so."""
    with full_disk(Engine, at=IN_SETTLING):
        crawl_and_send(batch, sender)


def in_a_hurry(batch: Batch, sender: Connection) -> None:
    """Wait for locks for a moment only."""
    with impatient(Engine):
        crawl_and_send(batch, sender)


def connection_lost(batch: Batch, sender: Connection) -> None:
    """Let the connection be lost in the middle of settling, once."""
    with lost_connection(Engine, at=IN_SETTLING):
        crawl_and_send(batch, sender)

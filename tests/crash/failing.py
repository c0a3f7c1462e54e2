"""Crawl processes whose database fails them: run in a child instead of the crawl."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine, create_engine, event, text

from crawler.batch import Batch
from scheduler.children import crawl_and_send


def disk_full(batch: Batch, sender: Connection) -> None:
    """Let the file of the database grow no further."""

    def limit(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    crawl_and_send(batch, sender)


def impatient(batch: Batch, sender: Connection) -> None:
    """Wait for locks for a moment only."""

    def hurry(connection: Any, _record: object) -> None:
        if batch.database_url.startswith("sqlite"):
            connection.execute("PRAGMA busy_timeout = 50")
        else:
            connection.execute("SELECT set_config('lock_timeout', '50ms', false)")
            connection.commit()

    def on_create(engine: Engine) -> None:
        event.listen(engine, "connect", hurry)

    _after_opening(on_create)
    crawl_and_send(batch, sender)


def connection_lost(batch: Batch, sender: Connection) -> None:
    """Let the server end the connection in the middle of settling, once."""
    left = [1]

    def end(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        if left and statement.startswith("INSERT INTO changes"):
            left.clear()
            pid = connection.connection.dbapi_connection.info.backend_pid
            other = create_engine(connection.engine.url, isolation_level="AUTOCOMMIT")
            with other.connect() as administrator:
                administrator.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            other.dispose()

    event.listen(Engine, "before_cursor_execute", end)
    crawl_and_send(batch, sender)


def _after_opening(listen: Any) -> None:
    """Call ``listen`` with every engine of the crawl, after its own preparations were registered."""
    from crawler import batch as module

    opening = module.open_engine  # type: ignore[attr-defined]

    def open_and_listen(*arguments: Any, **options: Any) -> Engine:
        engine = opening(*arguments, **options)
        listen(engine)
        return engine

    module.open_engine = open_and_listen  # type: ignore[attr-defined]

"""The databases of `benchmarks.scale`: what each holds, how large it is, and what its server takes."""

from __future__ import annotations

import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
from sqlalchemy import Engine, select, text, update

from storage.engine import reading, sqlite_file, writing
from storage.schema import ready
from storage.tables import Article, Change, Source
from tests.conftest import administration, fresh_database, start_server


@dataclass(frozen=True, kw_only=True)
class Store:
    """One database. ``server`` is the process of its server, None where there is none."""

    kind: str
    url: str
    engine: Engine
    server: psutil.Process | None = None

    def make_due(self, now: datetime) -> None:
        """Let every source be due, and no article: these are looked at again on a rhythm of their own."""
        with writing(self.engine) as connection:
            connection.execute(update(Source).values(next_due_at=now))
            connection.execute(
                update(Article).where(Article.next_look_at.is_not(None)).values(next_look_at=None)
            )

    def last_seq(self) -> int:
        """Return where the log ends."""
        with reading(self.engine) as connection:
            return connection.execute(select(Change.seq).order_by(Change.seq.desc()).limit(1)).scalar() or 0

    def announced(self, after: int) -> Counter[str]:
        """Return the addresses that the log tells as published behind a place, with how often."""
        query = select(Change.url).where(Change.seq > after, Change.kind == "published")
        with reading(self.engine) as connection:
            return Counter(connection.execute(query).scalars())

    def size(self) -> int:
        """Return the bytes of the database, its write-ahead log brought in."""
        if sqlite_file(self.engine) is not None:
            with self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                [[pages]] = driver.execute("PRAGMA page_count").fetchall()
                [[bytes_each]] = driver.execute("PRAGMA page_size").fetchall()
            return int(pages) * int(bytes_each)
        with self.engine.connect() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def server_cpu(self) -> float:
        """Return the CPU seconds that its server has used since it was started."""
        if self.server is None:
            return 0.0
        own = self.server.cpu_times()
        running = [each.cpu_times() for each in self.server.children()]
        return sum(own[:4]) + sum(each.user + each.system for each in running)


@contextmanager
def opened(kind: str) -> Iterator[Store]:
    """Yield an empty database of a kind, ``sqlite`` or ``postgresql``, that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="tidings-scale-") as name:
        folder = Path(name)
        if kind == "sqlite":
            engine = ready(f"sqlite:///{folder / 'tidings.db'}")
            yield Store(kind=kind, url=f"sqlite:///{folder / 'tidings.db'}", engine=engine)
            engine.dispose()
            return
        address = start_server(folder)
        server = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))
        try:
            with administration(address) as run:  # as it is installed, and not as quick tests want it
                run("ALTER SYSTEM RESET ALL")
                run("SELECT pg_reload_conf()")
            with fresh_database(address, "template1") as url:
                engine = ready(url)
                yield Store(kind=kind, url=url, engine=engine, server=server)
                engine.dispose()
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait(60)

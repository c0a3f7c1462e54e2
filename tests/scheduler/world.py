"""A database, and sources on local sites: one site, and so one host, for each source unless they are put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select, update

from crawler.batch import Batch
from news.run import Settled, Verdict
from news.source import RequestRules, Source, Wrapper
from storage import tables
from storage.engine import database_now, open_engine, reading, writing
from storage.leases import lease_named
from storage.settings import Settings
from storage.source_status import SourceStatus, list_sources
from storage.sources import save_sources
from tests.crawler.site import LocalSite

WRAPPER = Wrapper(item=("li.item",), link=("a",), title=("a",), body=("p",), next_page=("a.next",))


SENTENCES = (
    "The committee met in the morning and heard what the villages had to say about the wells.",
    "It was agreed that each of them will be measured twice a year, in spring and after the harvest.",
    "The figures will be written down in a book that anybody may read in the town hall.",
    "A second meeting in the autumn is to decide who pays for the new pumps and who looks after them.",
)


def listing(*numbers: int, edited: int = 0, prefix: str = "item") -> str:
    """Return a listing that carries whole articles, so that no other page has to be asked for."""
    items = "".join(
        f'<li class="item"><a href="/{prefix}/{number}">Item {number} of the {prefix}s</a>'
        f"<p>This is number {number}. {' '.join(SENTENCES[:2] if number == edited else SENTENCES)}</p></li>"
        for number in numbers
    )
    return (
        f"<!doctype html><html lang=en><head><title>News</title></head><body><ul>{items}</ul></body></html>"
    )


@dataclass
class World:
    """What a test of the scheduler sets up, changes and looks at."""

    engine: Engine
    url: str
    stack: ExitStack
    sites: dict[str, LocalSite] = field(default_factory=dict)
    reports: list[Settled] = field(default_factory=list)

    def site(self) -> LocalSite:
        """Open another site."""
        return self.stack.enter_context(LocalSite())

    def declare(self, *names: str, together: bool = False, delay_seconds: float = 0.0, **fields: Any) -> None:
        """Declare sources that are due now, each on a site of its own or all on one, and put five items on each."""
        shared = self.site() if together else None
        sources = []
        for name in names:
            site = self.sites[name] = shared or self.site()
            site.page(f"/{name}/", listing(5, 4, 3, 2, 1, prefix=name))
            sources.append(
                Source(
                    name=name,
                    url=site.url(f"/{name}/"),
                    wrapper=WRAPPER,
                    request=RequestRules(delay_seconds=delay_seconds, allow_private=True),
                    schedule=fields.get("schedule", "15m"),
                    time_zone=fields.get("time_zone", "UTC"),
                )
            )
        save_sources(self.engine, sources, origin="catalogue", now=self.now() - timedelta(seconds=1))

    def now(self) -> datetime:
        """The database's clock."""
        with reading(self.engine) as connection:
            return database_now(connection)

    def make_due(self, *names: str, since: timedelta = timedelta(seconds=1)) -> None:
        """Let sources (all, when none is named) have been due for a while."""
        query = update(tables.Source)
        if names:
            query = query.where(tables.Source.name.in_(names))
        at = self.now() - since
        with writing(self.engine) as connection:
            connection.execute(query.values(next_due_at=at))

    def status(self, name: str) -> SourceStatus:
        [status] = list_sources(self.engine, [name])
        return status

    def verdicts(self) -> dict[str, str]:
        return {status.name: status.verdict for status in list_sources(self.engine)}

    def batch(self, *names: str, **fields: Any) -> Batch:
        """Lease the named sources, and return them as a batch."""
        leased = lease_named(self.engine, names, owner="test", seconds=120)
        ids = {status.name: status.id for status in list_sources(self.engine)}
        return Batch(
            database_url=self.url,
            leases=tuple(lease for lease, _ in leased),
            source_ids=tuple(ids[name] for name in names),
            **{"wall_seconds": 30.0, "log_level": "CRITICAL", **fields},
        )

    def leased(self) -> list[str]:
        """The hosts that somebody holds."""
        with reading(self.engine) as connection:
            query = select(tables.Host.name).where(tables.Host.lease_until.is_not(None))
            return list(connection.execute(query).scalars())

    def settings(self, **fields: Any) -> Settings:
        wanted = {"log_level": "error", "tick_seconds": 0.1, "wall_seconds": 30.0, **fields}
        return Settings(database_url=self.url, **wanted)

    def report(self, settled: Settled) -> None:
        self.reports.append(settled)

    def reported(self) -> dict[str, Verdict]:
        """The last verdict that was reported of each source."""
        return {settled.source: settled.verdict for settled in self.reports}


@contextmanager
def a_world(url: str) -> Generator[World]:
    engine = open_engine(url)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        yield World(engine, url, stack)


def eventually(true: Callable[[], object], what: str, *, seconds: float = 30) -> None:
    """Poll until something is true; fail when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} seconds"
        time.sleep(0.02)

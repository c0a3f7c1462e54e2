"""A database with sources and a clock, at which whole crawls are settled by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event, func, select

from news.article import Content, Look, Sight, Way
from news.change import Change
from news.dates import Precision, Stamp
from news.entry import Entry
from news.fingerprint import content_fingerprint, exact_digest
from news.run import Plan, Problem, Profile, Reading, Settled, Trouble
from news.source import Source, Wrapper
from news.urls import url_key
from storage import tables
from storage.engine import reading
from storage.leases import lease_named
from storage.opening import open_plans
from storage.settling import settle
from storage.sources import save_sources

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOST = "site.example"
WORDS = "the reading room opened again and its visitors saw the old maps that had been mended over the long winter"
SHAPES = Profile(entries=3, dated=1.0, bodied=0.0, summarised=0.0, shapes=("/news/*",))


def url(name: str) -> str:
    return f"https://{HOST}/news/{name}"


def entry(name: str, *, title: str = "", hour: int = 0, spelled: str = "") -> Entry:
    at = Stamp(at=START + timedelta(hours=hour), precision=Precision.SECOND, provenance="test")
    return Entry(
        url=spelled or url(name),
        key=url_key(spelled or url(name)),
        title=title or f"Title of {name}",
        published=at,
        summary=f"In short: {name}",
    )


def content(name: str, *, title: str = "", body: str = "", extractor: str = "1") -> Content:
    title, body = title or f"Title of {name}", body or f"{name}: {WORDS}"
    return Content(
        title=title,
        body_text=body,
        fingerprint=content_fingerprint(title, body),
        digest=exact_digest(title, body),
        extractor=extractor,
        raw=f"<p>{body}</p>",
    )


class Desk:
    """A database, its sources and a clock; each `run` is one whole crawl of one source."""

    def __init__(self, engine: Engine, *names: str | Source, extractor: str = "1") -> None:
        self.engine, self.now, self.extractor = engine, START, extractor
        sources = [
            name
            if isinstance(name, Source)
            else Source(
                name=name,
                url=f"https://{HOST}/{name}" if name != "far" else "https://far.example/news",
                wrapper=Wrapper(item=("li",), link=("a",)),
                schedule="30m",
            )
            for name in names or ("one",)
        ]
        save_sources(engine, sources, origin="file", now=self.now)

    def plan(self, source: str = "one") -> Plan:
        [(lease, ids)] = lease_named(self.engine, [source], owner="test", seconds=600, now=self.now)
        [plan] = open_plans(self.engine, [lease], ids, extractor=lambda _: self.extractor, now=self.now)
        return plan

    def saw(
        self,
        *entries: Entry,
        plan: Plan | None = None,
        source: str = "one",
        looks: Sequence[Look] | None = None,
        **more: Any,
    ) -> Reading:
        """Return the reading of a run that saw ``entries`` and read every article of them."""
        plan = plan or self.plan(source)
        fields: dict[str, Any] = {
            "source": plan.source.name,
            "source_id": plan.source_id,
            "host": plan.host,
            "lease": plan.lease,
            "extractor": plan.extractor,
            "started_at": self.now,
            "finished_at": self.now,
            "entries": entries,
            "looks": [self.look(_name(each), url_=each.url) for each in entries] if looks is None else looks,
            "joined": True,
            "pages": 1,
            "requests": 1,
            "profile": replace(SHAPES, entries=len(entries)),
            "gap_ids": plan.gap_ids,
        }
        fields |= more
        fields["looks"] = tuple(fields["looks"])
        return Reading(**fields)

    def look(
        self, name: str, *, url_: str = "", final: str = "", sight: Sight = Sight.READ, **more: Any
    ) -> Look:
        asked = url_ or url(name)
        made = more.pop("content", None) or content(name, extractor=self.extractor, **more)
        return Look(
            url=asked,
            final_url=final or asked,
            sight=sight,
            way=Way.PAGE,
            captured_at=self.now,
            content=made if sight is Sight.READ else None,
        )

    def run(self, *entries: Entry, **more: Any) -> Settled:
        [settled] = self.settle(self.saw(*entries, **more))
        return settled

    def settle(self, *readings: Reading, **more: Any) -> tuple[Settled, ...]:
        return settle(self.engine, readings, now=self.now, **more)

    def later(self, **parts: float) -> None:
        self.now += timedelta(**parts)

    def row(self, source: str = "one") -> Any:
        query = select(tables.Source.__table__).where(tables.Source.name == source)
        with reading(self.engine) as connection:
            return connection.execute(query).one()

    def all(self, table: type[Any], *order: Any) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(table.__table__).order_by(*order)).all())

    def count(self, table: type[Any]) -> int:
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _name(each: Entry) -> str:
    return each.title.removeprefix("Title of ")


def told(settled: Settled) -> list[tuple[str, str]]:
    return named(settled.changes)


def named(changes: Sequence[Change]) -> list[tuple[str, str]]:
    return [(change.kind.value, change.title.removeprefix("Title of ")) for change in changes]


BASE = (entry("a", hour=-1), entry("b", hour=-2), entry("c", hour=-3))


def based(engine: Engine) -> Desk:
    """Return a desk with one source whose baseline took a, b and c an hour ago."""
    desk = Desk(engine)
    desk.run(*BASE)
    desk.later(hours=1)
    return desk


def short(desk: Desk, *entries: Entry, **more: Any) -> Reading:
    """Return the reading of a run that stopped before it met the frontier."""
    problem = Problem(trouble=Trouble.PAGE_FAILED, detail="HTTP 500")
    fields: dict[str, Any] = {
        "joined": False,
        "problems": (problem,),
        "next_url": "https://site.example/one?page=2",
    }
    return desk.saw(*entries, **(fields | more))


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)

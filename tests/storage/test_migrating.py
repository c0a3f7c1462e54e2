"""Databases of every earlier schema, with data in them: all of it is there afterwards, and nothing is told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.compose import compose, load
from news.article import Sight
from news.entry import Entry
from news.run import Problem, Trouble, Verdict
from news.search_query import parse_query
from news.urls import url_key
from storage import tables
from storage.approving import approve
from storage.changes import changes_after
from storage.checking import find_faults
from storage.engine import open_engine, reading
from storage.reader_tables import Digest
from storage.schema import REVISIONS, check_schema
from storage.searching import search_articles
from storage.source_status import list_sources
from storage.subscriptions import DigestFilter, subscribe
from tests.storage.desk import BASE, SHAPES, WORDS, Desk, entry, named, short, told, url
from tests.storage.earlier import Columns, Rows, made_as_of, rows_of

FORUM = (
    "The second forum on harbour archives met in the old customs house on Tuesday. Its forty guests compared how small "
    "ports keep their logs, charts and pilot books dry through the winter, and who may read them once they are mended. "
    "A list of ships that called between the wars is to be printed in spring, with the names of their masters and what "
    "they carried, so that families abroad can look for those who left."
)
EDITED = f"Quite other words stand here: {WORDS}"


def far(name: str, *, hour: int = 0) -> Entry:
    """Return an entry of the other source, which has a host of its own."""
    address = f"https://far.example/news/{name}"
    return replace(entry(name, hour=hour), url=address, key=url_key(address))


def lived_in(engine: Engine) -> Desk:
    """Return a desk whose sources have been read for some days, with something open of every kind."""
    desk = Desk(engine, "one", "far")
    desk.run(*BASE)
    desk.run(far("d", hour=-1), far("e", hour=-2), far("f", hour=-3), source="far")
    desk.later(hours=1)
    forum = desk.look("x", body=FORUM)
    desk.run(entry("x", hour=1), *BASE, looks=[forum, desk.look("a", body=EDITED)])
    desk.later(hours=1)
    desk.run(
        entry("x", hour=1, title="Another title of x"),
        *BASE,
        looks=[desk.look("x", body=FORUM, title="Another title of x")],
    )
    subscribe(engine, "daily", filter=DigestFilter(), now=desk.now, from_start=True)
    assert compose(engine, "daily", now=desk.now) is not None
    desk.later(hours=1)
    desk.run(entry("p", hour=2), entry("x", hour=1), *BASE, looks=[desk.look("p", sight=Sight.UNREADABLE)])
    desk.later(hours=1)
    desk.settle(short(desk, entry("z", hour=4), entry("y", hour=3)))
    desk.later(hours=1)
    suspect = desk.run(far("h", hour=4), far("d", hour=-1), source="far", profile=replace(SHAPES, dated=0.0))
    assert suspect.verdict is Verdict.SUSPECT
    desk.later(hours=1)
    down = Problem(trouble=Trouble.NETWORK, detail="no answer", fatal=True)
    assert desk.run(problems=(down,), looks=()).verdict is Verdict.FAILED
    for table in (tables.Held, tables.Gap, tables.Pending, Digest, tables.Run, tables.Change):
        assert desk.count(table), table
    return desk


@pytest.fixture(params=REVISIONS[:-1])
def old(
    request: pytest.FixtureRequest, engine: Engine, tmp_path: Path
) -> Iterator[tuple[Desk, Columns, Rows]]:
    """A desk whose database is of an earlier schema, on the same kind of database as ``engine``."""
    desk = lived_in(engine)
    fixture = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[engine.dialect.name]
    there = str(request.getfixturevalue(fixture))
    columns, rows = made_as_of(request.param, there, engine, tmp_path)
    desk.engine = open_engine(there)
    desk.later(hours=1)
    yield desk, columns, rows
    desk.engine.dispose()


def words_find(engine: Engine, words: str) -> list[str]:
    """Return the names of the articles that a search finds."""
    with reading(engine) as connection:
        found = search_articles(connection, parse_query(words))
    return [article.url.rpartition("/")[2] for article in found]


def published(desk: Desk) -> Counter[str]:
    with reading(desk.engine) as connection:
        changes = changes_after(connection, 0)
    return Counter(change.url for change in changes if change.kind.value == "published")


def test_everything_is_still_there_after_an_upgrade_and_the_next_runs_tell_nothing_twice(
    old: tuple[Desk, Columns, Rows],
) -> None:
    desk, columns, rows = old
    upgrade = check_schema(desk.engine)
    assert upgrade is not None
    assert upgrade.after == REVISIONS[-1]
    assert rows_of(desk.engine, columns) == rows
    with reading(desk.engine) as connection:
        assert find_faults(connection) == []
    assert {status.name: status.held for status in list_sources(desk.engine)} == {"one": 0, "far": 1}
    assert words_find(desk.engine, "customs house") == words_find(desk.engine, "another x") == ["x"]
    before = published(desk)
    stored = load(desk.engine, "daily", 1)

    # The same listing again, then one that brings something new.
    listing = [
        entry("z", hour=4),
        entry("y", hour=3),
        entry("p", hour=2),
        entry("x", hour=1, title="Another title of x"),
        *BASE,
    ]
    assert told(desk.run(*listing, looks=[])) == []
    desk.later(hours=1)
    assert told(desk.run(entry("w", hour=5), *listing, looks=[desk.look("w"), desk.look("p")])) == [
        ("published", "p"),
        ("published", "w"),
    ]
    desk.later(hours=1)
    assert told(desk.run(entry("w", hour=5), *listing, looks=[desk.look("a", body=EDITED)])) == []

    # What was held is told by a person's word, once.
    assert named(approve(desk.engine, "far", now=desk.now)) == [("published", "h")]
    desk.later(hours=1)
    assert told(desk.run(far("h", hour=4), far("d", hour=-1), far("e", hour=-2), source="far")) == []

    after = published(desk)
    assert set(after.values()) == {1}
    assert after - before == Counter({url("p"): 1, url("w"): 1, "https://far.example/news/h": 1})

    # The reader goes on where he was.
    assert load(desk.engine, "daily", 1) == stored
    digest = compose(desk.engine, "daily", now=desk.now)
    assert digest is not None
    assert (digest.number, digest.after_seq) == (2, stored.upto_seq)
    assert sorted(item.change.title for item in digest.items) == [
        f"Title of {name}" for name in ("h", "p", "w", "y", "z")
    ]

"""Settling: what runs saw becomes known in one transaction, in both databases, once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from news.errors import StorageError
from news.run import Verdict
from news.source import Source, Wrapper
from news.urls import url_key
from storage import tables
from storage.engine import open_engine, reading, writing
from storage.leases import lease_named
from storage.opening import open_plans
from storage.settling import settle
from storage.sources import save_sources
from tests.storage.desk import (
    BASE,
    HOST,
    START,
    Desk,
    based,
    content,
    entry,
    statements,
    told,
    url,
)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


# ---------------------------------------------------------------------------------- baseline and news


def test_a_baseline_is_taken_in_silence(engine: Engine) -> None:
    desk = Desk(engine)
    settled = desk.run(*BASE)
    row = desk.row()
    assert (settled.verdict, settled.baseline, settled.changes) == (Verdict.OK, 3, ())
    assert (row.baseline_run_id, row.horizon_key) == (settled.run_id, url_key(url("c")))
    assert row.frontier == [each.key for each in BASE]
    assert (desk.count(tables.Article), desk.count(tables.Revision), desk.count(tables.Sighting)) == (3, 3, 3)


def test_news_is_published_once_with_all_that_a_reader_needs(desk: Desk) -> None:
    [change] = desk.run(entry("x"), *BASE).changes
    assert (change.seq, change.kind.value, change.at, change.source) == (1, "published", desk.now, "one")
    assert (change.title, change.url, change.summary) == ("Title of x", url("x"), "In short: x")
    assert (change.published_at, change.first_seen_at) == (START, desk.now)
    desk.later(hours=1)
    assert desk.run(entry("x"), *BASE).changes == ()
    assert desk.row().last_new_at == START + timedelta(hours=1)


def test_one_article_in_two_sections_and_three_spellings_is_one(engine: Engine) -> None:
    desk = Desk(engine, "one", "two")
    for source in ("one", "two"):
        desk.run(*BASE, source=source)
    desk.later(hours=1)
    spellings = (url("x"), f"http://www.{HOST}/news/x/", f"https://{HOST}/news/x?utm_source=mail#top")
    told_by = []
    for spelled, source in zip(spellings, ("one", "two", "one"), strict=True):
        told_by += told(desk.run(entry("x", spelled=spelled), *BASE, source=source))
        desk.later(hours=1)
    assert told_by == [("published", "x"), ("listed", "x")]
    assert desk.count(tables.Article) == 4


def test_two_runs_settled_together_decide_one_after_the_other(engine: Engine) -> None:
    desk = Desk(engine, "one", "far")
    for source in ("one", "far"):
        desk.run(*BASE, source=source)
    desk.later(hours=1)
    both = desk.settle(desk.saw(entry("x"), *BASE), desk.saw(entry("x"), *BASE, source="far"))
    assert [told(settled) for settled in both] == [[("published", "x")], [("listed", "x")]]


# ------------------------------------------------------------------- edited, and at another address at once


@pytest.mark.parametrize(
    "way", ["listed there before", "by redirect", "by canonical link", "by its old address"]
)
@pytest.mark.parametrize(("edit", "grade"), [("repaired", "minor"), ("mended in Fez", "substantive")])
def test_an_edit_has_its_class_however_its_article_was_recognised(
    desk: Desk, way: str, edit: str, grade: str
) -> None:
    """What it is compared with must be there also where only an answer, or an old address, led to the article."""
    there = "moved/a"
    body = content("a").body_text.replace("mended", edit)
    made = replace(content("a", body=body), canonical_url=url("a") if way == "by canonical link" else "")
    if way == "listed there before":
        desk.run(replace(entry("a"), url=url(there), key=url_key(url(there))), *BASE[1:])
        desk.later(hours=1)
    look = desk.look("a", url_=url(there), final=url("a") if way == "by redirect" else "", content=made)
    probes = {url_key(url(there)): ((url("a"), url(there)),)} if way == "by its old address" else {}
    listed = replace(entry("a"), url=url(there), key=url_key(url(there)))
    [change] = desk.run(listed, *BASE[1:], looks=[look], probes=probes).changes
    assert (change.kind.value, change.edit_class.value) == ("edited", grade)


# ----------------------------------------------------------------------- all or nothing, once and in order


def test_a_run_whose_lease_has_passed_on_is_dropped(desk: Desk) -> None:
    zombie = desk.saw(entry("x"), *BASE)
    desk.later(hours=1)
    successor = desk.saw(*BASE)
    [late] = desk.settle(zombie)
    assert (late.stale, late.run_id, late.changes) == (True, None, ())
    assert (desk.count(tables.Article), desk.row().runs_total) == (3, 1)
    assert desk.settle(successor)[0].verdict is Verdict.OK


@contextmanager
def failing_at(engine: Engine, word: str) -> Iterator[None]:
    """Let the first statement that contains ``word`` fail, as a full disk would."""

    def fail(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if word in statement:
            raise OSError(28, "No space left on device")

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


ALL = (
    tables.Article, tables.Alias, tables.Revision, tables.Sighting, tables.Change, tables.Run, tables.Pending,
    tables.Validator, tables.Gap, tables.Counter, tables.Host, tables.Source,
)  # fmt: skip


@pytest.mark.parametrize(
    "word",
    ["INSERT INTO runs", "INSERT INTO articles", "INSERT INTO revisions", "UPDATE counters", "INSERT INTO changes",
     "UPDATE sources", "UPDATE hosts"],
)  # fmt: skip
def test_a_settling_that_fails_leaves_nothing_and_can_be_repeated(engine: Engine, word: str) -> None:
    desk = Desk(engine, "one", "far")
    for source in ("one", "far"):
        desk.run(*BASE, source=source)
    desk.later(hours=1)
    runs = desk.saw(entry("y"), *BASE, source="far"), desk.saw(entry("x"), *BASE)
    before = [desk.all(table) for table in ALL]
    with failing_at(engine, word), pytest.raises((StorageError, OSError)):
        desk.settle(*runs)
    assert [desk.all(table) for table in ALL] == before
    assert [told(settled) for settled in desk.settle(*runs)] == [[("published", "y")], [("published", "x")]]


def test_one_failing_run_takes_the_others_back_with_it(engine: Engine) -> None:
    desk = Desk(engine, "one", "far")
    for source in ("one", "far"):
        desk.run(*BASE, source=source)
    desk.later(hours=1)
    good = desk.saw(entry("x"), *BASE)
    bad = desk.saw(*BASE, source="far", source_id=999)
    with pytest.raises((KeyError, StorageError)):
        desk.settle(good, bad)
    assert (desk.count(tables.Change), desk.count(tables.Run)) == (0, 2)


def test_the_order_of_seq_is_the_order_of_commits(database_url: str) -> None:
    """Four writers, each with its own host and connection; a fifth follows the log and must never miss a change."""
    engine = open_engine(database_url)
    hosts = [f"host{number}.example" for number in range(4)]
    sources = [
        Source(name=host, url=f"https://{host}/", wrapper=Wrapper(item=("li",), link=("a",)))
        for host in hosts
    ]
    save_sources(engine, sources, origin="file", now=START)
    followed, failures, done = _follow_while(
        engine, [partial(_many_runs, database_url, host) for host in hosts]
    )
    engine.dispose()
    assert failures == []
    assert done == list(range(1, 4 * 6 + 1))
    assert followed == done


def _many_runs(database_url: str, host: str) -> None:
    own = open_engine(database_url)
    desk = Desk.__new__(Desk)
    desk.engine, desk.now, desk.extractor = own, START, "1"
    base = [entry(name, spelled=f"https://{host}/{name}") for name in ("a", "b")]
    try:
        for number in range(7):
            new = [entry(f"n{i}", spelled=f"https://{host}/n{i}", hour=i) for i in range(number, 0, -1)]
            desk.run(*new, *base, source=host)
            desk.later(minutes=30)
    finally:
        own.dispose()


def _follow_while(
    engine: Engine, writers: Sequence[Callable[[], None]]
) -> tuple[list[int], list[BaseException], list[int]]:
    failures: list[BaseException] = []

    def guarded(write: Callable[[], None]) -> None:
        try:
            write()
        except BaseException as error:  # noqa: BLE001 - reported by the test
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(write,)) for write in writers]
    for thread in threads:
        thread.start()
    followed: list[int] = []
    while any(thread.is_alive() for thread in threads):
        followed += _after(engine, followed[-1] if followed else 0)
    for thread in threads:
        thread.join()
    followed += _after(engine, followed[-1] if followed else 0)
    return followed, failures, _after(engine, 0)


def _after(engine: Engine, seq: int) -> list[int]:
    query = select(tables.Change.seq).where(tables.Change.seq > seq).order_by(tables.Change.seq)
    with reading(engine) as connection:
        return list(connection.execute(query).scalars())


# ------------------------------------------------------------------------------------ counting, costs


def test_an_unchanged_listing_costs_no_row_and_few_statements(desk: Desk) -> None:
    unchanged = desk.saw(
        not_modified=True, joined=False, looks=(), requests=1, not_modified_count=1, received_bytes=7
    )
    with statements(desk.engine) as seen:
        [settled] = desk.settle(unchanged)
    assert (settled.verdict, settled.run_id) == (Verdict.NOT_MODIFIED, None)
    row = desk.row()
    assert (row.runs_total, row.unchanged_total, row.requests_total) == (2, 1, 2)
    assert (row.not_modified_total, row.received_bytes) == (1, 7)
    assert row.last_ok_at == desk.now
    assert desk.count(tables.Run) == 1
    assert len([s for s in seen if not s.startswith(("BEGIN", "PRAGMA", "COMMIT"))]) <= 5, seen


def test_settling_two_hundred_articles_is_a_bounded_number_of_statements(desk: Desk) -> None:
    new = [entry(f"n{number}", hour=number) for number in range(200, 0, -1)]
    read = desk.saw(*new, *BASE)
    with statements(desk.engine) as seen:
        [settled] = desk.settle(read)
    assert len(settled.changes) == 200
    assert [change.seq for change in settled.changes] == list(range(1, 201))
    assert len(seen) <= 40, seen


def test_the_host_s_lease_ends_with_the_last_of_its_sources(engine: Engine) -> None:
    desk = Desk(engine, "one", "two")
    leased = lease_named(engine, ["one", "two"], owner="test", seconds=600, now=desk.now)
    [(lease, ids)] = leased
    plans = open_plans(engine, [lease], ids, extractor=lambda _: "1", now=desk.now)
    for plan, last, owner in zip(plans, (False, True), ("test", None), strict=True):
        desk.settle(desk.saw(*BASE, plan=plan, last_of_host=last))
        [host] = desk.all(tables.Host)
        assert (host.lease_owner, host.lease_until is None) == (owner, owner is None)


def test_settling_takes_the_databases_clock_when_none_is_given(desk: Desk) -> None:
    read = desk.saw(entry("x"), *BASE)
    [settled] = settle(desk.engine, [read])
    assert abs(settled.changes[0].at - datetime.now(UTC)) < timedelta(minutes=1)


def test_nothing_to_settle_asks_nothing(engine: Engine) -> None:
    with statements(engine) as seen:
        assert settle(engine, []) == ()
    assert seen == []


def test_a_paused_counter_row_is_waited_for(database_url: str) -> None:
    """Two settlers never decide at once: the second reads what the first has committed."""
    first, second = open_engine(database_url), open_engine(database_url)
    desk = Desk(first, "one", "far")
    for source in ("one", "far"):
        desk.run(*BASE, source=source)
    desk.later(hours=1)
    runs = desk.saw(entry("x"), *BASE), desk.saw(entry("x"), *BASE, source="far")
    results: dict[int, str] = {}

    def work(number: int, engine: Engine) -> None:
        [settled] = settle(engine, [runs[number]], now=desk.now)
        results[number] = settled.changes[0].kind.value

    with writing(first) as connection:
        connection.execute(update(tables.Counter).values(value=tables.Counter.value))
        thread = threading.Thread(target=work, args=(1, second))
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
    thread.join()
    work(0, first)
    first.dispose()
    second.dispose()
    assert results == {1: "published", 0: "listed"}


def test_what_a_listing_files_an_article_under_outlasts_a_look_at_its_page(desk: Desk) -> None:
    """Its page names a section of its own, and the feed is not asked when only the page is looked at again."""
    filed = replace(entry("filed", hour=1), sections=("Tides",))
    first = replace(content("filed"), sections=("World", "Tides"))
    desk.run(filed, *BASE, looks=[desk.look("filed", content=first)])
    desk.later(hours=1)
    later = replace(
        content("filed", body="It says something else now, and at some length."), sections=("Region",)
    )
    desk.run(*BASE, looks=[desk.look("filed", content=later)])
    [row] = [row for row in desk.all(tables.Article) if row.url == url("filed")]
    assert row.revision == 2
    assert row.sections == ["Region", "World", "Tides"]

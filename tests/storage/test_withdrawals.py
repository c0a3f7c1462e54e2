"""What is kept of withdrawals: what a listing lacks, and that nothing which we let go of becomes new again."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, delete, update

from news.article import Sight
from storage import tables
from storage.engine import writing
from storage.sources import load_source, remove, save_sources
from tests.storage.desk import BASE, HOST, Desk, based, entry, told


def without_b(desk: Desk, *, sight: Sight | None = None) -> list[tuple[str, str]]:
    looks = [] if sight is None else [desk.look("b", sight=sight)]
    return told(desk.run(BASE[0], BASE[2], looks=looks))


def test_promise_4_what_a_listing_lacks_is_kept_until_it_is_settled(engine: Engine) -> None:
    desk = based(engine)
    assert without_b(desk) == []
    [absent] = desk.row().absent
    assert absent["runs"] == 1
    [b] = [row for row in desk.all(tables.Article) if row.title == "Title of b"]
    assert b.next_look_at == desk.now
    desk.later(minutes=10)
    assert without_b(desk, sight=Sight.UNREADABLE) == []
    assert desk.row().absent[0]["runs"] == 2
    desk.later(minutes=10)
    assert without_b(desk, sight=Sight.MISSING) == [("withdrawn", "b")]
    assert desk.row().absent == []


def test_promise_4_what_a_listing_lacks_is_due_again_whenever_the_runs_without_it_have_doubled(
    engine: Engine,
) -> None:
    desk = based(engine)
    due = []
    for _ in range(9):
        desk.later(hours=100)
        assert without_b(desk) == []
        [b] = [row for row in desk.all(tables.Article) if row.title == "Title of b"]
        due.append(b.next_look_at == desk.now)
    assert [run for run, is_due in enumerate(due, 1) if is_due] == [1, 2, 4, 8]


def test_promise_4_what_is_listed_again_is_no_longer_lacked(engine: Engine) -> None:
    desk = based(engine)
    without_b(desk)
    desk.later(minutes=10)
    assert told(desk.run(*BASE)) == []
    assert desk.row().absent == []


def test_promise_4_a_late_recording_does_not_move_what_is_lacked(engine: Engine) -> None:
    desk = based(engine)
    late = desk.saw(*BASE)
    desk.later(hours=1)
    without_b(desk)
    [before] = desk.row().absent
    desk.settle(late)
    assert desk.row().absent == [before]


@pytest.mark.parametrize(
    "statement",
    [
        update(tables.Revision).values(raw=None),
        delete(tables.Revision),
        delete(tables.Validator),
        delete(tables.Change),
        update(tables.Source).values(frontier=[], first_page=0),
        update(tables.Article).values(digest="", fingerprint="", raw_digest="", extractor=""),
    ],
    ids=["raw pages", "revisions", "validators", "the log", "frontiers", "digests"],
)
def test_what_we_let_go_of_never_makes_an_article_new_again(engine: Engine, statement: object) -> None:
    desk = based(engine)
    assert told(desk.run(entry("n"), *BASE)) == [("published", "n")]
    with writing(engine) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    desk.later(hours=1)
    assert told(desk.run(entry("n"), *BASE)) == []
    desk.later(hours=1)
    assert told(desk.run(entry("new"), entry("n"), *BASE)) == [("published", "new")]


def test_a_source_that_was_forgotten_and_is_added_again_makes_nothing_new_that_was_known(
    engine: Engine,
) -> None:
    """What goes with a source: its sightings, frontier, gaps, pending entries, validators, selectors and runs."""
    desk = based(engine)
    declared = load_source(engine, "one")
    desk.later(hours=1)
    remove(engine, "one", now=desk.now)
    assert desk.count(tables.Sighting) == desk.count(tables.Run) == 0
    assert desk.count(tables.Article) == len(BASE)
    save_sources(engine, [declared], origin="file", now=desk.now)
    desk.later(hours=1)
    assert told(desk.run(*BASE[:2])) == []
    desk.later(hours=1)
    assert told(desk.run(entry("new", hour=5), *BASE)) == [("published", "new")]
    desk.later(hours=1)
    assert told(desk.run(entry("new", hour=5), *BASE)) == []


def test_a_withdrawn_article_that_we_let_go_of_is_no_news_when_it_is_back(engine: Engine) -> None:
    desk = based(engine)
    desk.run(entry("n"), *BASE)
    desk.later(hours=1)
    gone = desk.look("n", sight=Sight.GONE)
    assert told(desk.run(*BASE, looks=[gone])) == [("withdrawn", "n")]
    with writing(engine) as connection:
        connection.execute(delete(tables.Revision))
    desk.later(hours=1)
    assert told(desk.run(entry("n"), *BASE)) == [("restored", "n")]


@pytest.mark.parametrize("sight", [Sight.MISSING, Sight.GONE])
def test_promise_4_an_article_is_not_withdrawn_before_it_was_asked_for_where_its_text_was_seen_last(
    engine: Engine, sight: Sight
) -> None:
    """It went there unnoticed: when another section listed it there, nobody had asked its old address."""
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    desk.run(*BASE, source="two")
    desk.later(hours=1)
    desk.run(entry("n"), *BASE)
    there = f"https://{HOST}/news/n-1"
    carried = desk.saw(entry("n", spelled=there), *BASE, source="two")
    assert told(desk.settle(carried)[0]) == [("listed", "n")]
    desk.later(hours=5)
    assert told(desk.run(*BASE, looks=[desk.look("n", sight=sight)])) == []
    [row] = [each for each in desk.all(tables.Article) if each.title == "Title of n"]
    assert (row.fetch_url, row.next_look_at) == (there, desk.now)
    desk.later(hours=5)
    missing = told(desk.run(*BASE, looks=[desk.look("n", url_=there, sight=sight)]))
    assert missing == ([("withdrawn", "n")] if sight is Sight.GONE else [])

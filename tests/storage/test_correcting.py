"""A person's word on which article is which: nothing is told twice by it, nothing is lost, and it can be undone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from news.errors import StorageError
from storage import tables
from storage.articles import addresses, list_articles, show_article
from storage.checking import find_faults
from storage.correcting import corrections, merge, split
from storage.correction_table import Correction
from storage.engine import reading, writing
from tests.storage.desk import BASE, Desk, based, entry, told, url


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A source that has listed x and y, which are one article, above its baseline."""
    desk = based(engine)
    desk.run(entry("y"), entry("x"), *BASE)
    desk.later(hours=1)
    return desk


def faults(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        return find_faults(connection)


def number(desk: Desk, name: str) -> int:
    with reading(desk.engine) as connection:
        return show_article(connection, url(name)).id


def merged(desk: Desk, one: str, other: str) -> tuple[int, int]:
    with writing(desk.engine) as connection:
        return merge(connection, url(one), url(other), now=desk.now)


def parted(desk: Desk, one: int | str, *others: int | str) -> tuple[int, int]:
    with writing(desk.engine) as connection:
        return split(connection, one, others, now=desk.now)


def state(desk: Desk, article_id: int) -> dict[str, Any]:
    [row] = [row for row in desk.all(tables.Article) if row.id == article_id]
    return dict(row._asdict())


def ledger(desk: Desk) -> dict[str, Any]:
    """Return all that is known of articles, less the word of mouth itself."""
    return {
        table.__tablename__: desk.all(table, *table.__table__.primary_key)
        for table in (tables.Article, tables.Alias, tables.Revision, tables.Change, tables.Sighting)
    }


def test_what_is_merged_is_one_article_under_both_addresses(desk: Desk) -> None:
    kept, gone = merged(desk, "x", "y")
    assert number(desk, "x") == number(desk, "y") == kept
    with reading(desk.engine) as connection:
        assert len(addresses(connection, kept)) == 2
        assert gone not in [row.id for row in list_articles(connection)]
        assert show_article(connection, gone).merged_into == kept
    assert faults(desk) == []


@pytest.mark.parametrize("again", [("x",), ("y",), ("y", "x"), ("x", "y")])
def test_a_merge_tells_nothing_now_or_later(desk: Desk, again: tuple[str, ...]) -> None:
    before = desk.count(tables.Change)
    merged(desk, "x", "y")
    for _ in range(3):
        desk.later(hours=1)
        assert told(desk.run(*map(entry, again), *BASE, looks=())) == []
    assert desk.count(tables.Change) == before
    assert faults(desk) == []


def test_a_third_address_of_what_was_merged_is_no_news_either(desk: Desk) -> None:
    merged(desk, "x", "y")
    moved = entry("z", title="Title of y")
    look = desk.look("y", url_=url("z"), final=url("y"))
    assert told(desk.run(moved, *BASE, looks=[look])) == [("edited", "y")]
    assert number(desk, "z") == number(desk, "x")


def test_an_article_that_a_baseline_took_counts_as_told_once_it_is_one_that_was(desk: Desk) -> None:
    kept, _ = merged(desk, "a", "y")
    assert state(desk, kept)["announced"] is True


def test_what_another_merge_made_of_an_article_stays_until_that_is_undone_too(desk: Desk) -> None:
    first, one = merged(desk, "a", "x")
    _, other = merged(desk, "a", "y")
    parted(desk, first, one)
    assert state(desk, first)["announced"] is True, "y was told, and is this article"
    parted(desk, first, other)
    assert state(desk, first)["announced"] is False


def test_merges_that_are_undone_from_the_last_one_back_leave_each_what_was_before_it(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        gone = update(tables.Article).where(tables.Article.id.in_([number(desk, "a"), number(desk, "x")]))
        connection.execute(gone.values(withdrawn_at=desk.now, missing_at=desk.now))
    kept, one = merged(desk, "a", "x")
    between = state(desk, kept)
    _, other = merged(desk, "a", "y")
    assert state(desk, kept)["withdrawn_at"] is None
    parted(desk, kept, other)
    assert state(desk, kept) == between
    parted(desk, kept, one)
    assert (state(desk, kept)["withdrawn_at"], state(desk, kept)["announced"]) == (desk.now, False)


def test_a_withdrawn_article_takes_the_address_of_the_one_that_stands(desk: Desk) -> None:
    moment = desk.now
    with writing(desk.engine) as connection:
        gone = update(tables.Article).where(tables.Article.id == number(desk, "x"))
        connection.execute(gone.values(withdrawn_at=moment, missing_at=moment))
    kept, _ = merged(desk, "x", "y")
    row = state(desk, kept)
    assert (row["fetch_url"], row["withdrawn_at"], row["next_look_at"]) == (url("y"), None, moment)
    parted(desk, url("x"), url("y"))
    row = state(desk, kept)
    assert (row["fetch_url"], row["withdrawn_at"]) == (url("x"), moment)


@pytest.mark.parametrize("by", ["number", "address"])
def test_a_split_undoes_a_merge_to_the_last_row(desk: Desk, by: str) -> None:
    before = ledger(desk)
    kept, gone = merged(desk, "x", "y")
    assert parted(desk, kept, gone if by == "number" else url("y")) == (kept, gone)
    assert ledger(desk) == before
    with reading(desk.engine) as connection:
        said = [(each.kind, each.undone_at is None) for each in corrections(connection, gone)]
    assert said == [("merged", False), ("split", True)]
    assert faults(desk) == []


def test_what_was_merged_into_what_was_merged_comes_back_with_all_its_names(desk: Desk) -> None:
    before = ledger(desk)
    merged(desk, "y", "a")
    kept, gone = merged(desk, "x", "y")
    assert number(desk, "a") == kept
    parted(desk, kept, gone)
    assert number(desk, "a") == number(desk, "y") == gone
    parted(desk, gone, url("a"))
    assert {name: rows for name, rows in ledger(desk).items() if name != "articles"} == {
        name: rows for name, rows in before.items() if name != "articles"
    }
    assert faults(desk) == []


def test_what_came_along_is_shown_and_it_is_said_how_to_split_it_off(desk: Desk) -> None:
    between, first = merged(desk, "y", "a")
    kept, _ = merged(desk, "x", "y")
    with reading(desk.engine) as connection:
        said = corrections(connection, kept)
    assert [(each.article_id, each.other_id) for each in said] == [(between, first), (kept, between)]
    told_how = f"came along with article {between}.*articles split {kept} {between}.*split {between} {first}"
    with pytest.raises(StorageError, match=told_how):
        parted(desk, kept, str(first))
    parted(desk, kept, str(between))
    assert parted(desk, between, str(first)) == (between, first)


def test_an_address_that_was_taken_for_an_article_becomes_one_in_silence(desk: Desk) -> None:
    taken = entry("z", title="Title of x")
    desk.run(taken, *BASE, looks=[desk.look("x", url_=url("z"), final=url("x"))])
    desk.later(hours=1)
    kept, own = parted(desk, url("x"), url("z"))
    assert (number(desk, "z"), number(desk, "x")) == (own, kept)
    assert faults(desk) == []
    z = entry("z")
    assert told(desk.run(z, *BASE, looks=[desk.look("z")])) == []
    assert [row.title for row in desk.all(tables.Revision) if row.article_id == own] == ["Title of z"]
    desk.later(hours=1)
    edited = desk.look("z", content=None, body="something else stands here now")
    assert told(desk.run(z, *BASE, looks=[edited])) == [("edited", "z")]


def test_a_split_is_undone_by_a_merge(desk: Desk) -> None:
    desk.run(entry("z", title="Title of x"), *BASE, looks=[desk.look("x", url_=url("z"), final=url("x"))])
    kept, own = parted(desk, url("x"), url("z"))
    with writing(desk.engine) as connection:
        merge(connection, kept, own, now=desk.now)
    assert number(desk, "z") == kept
    desk.later(hours=1)
    assert told(desk.run(entry("z", title="Title of x"), *BASE, looks=())) == []
    assert faults(desk) == []


def test_an_article_that_was_read_at_a_foreign_address_goes_back_to_its_own_in_silence(desk: Desk) -> None:
    desk.run(
        entry("z", title="Title of x"), *BASE, looks=[desk.look("x", url_=url("z"))]
    )  # the same text: x moved
    kept = number(desk, "x")
    assert state(desk, kept)["fetch_url"] == url("z")
    desk.later(hours=1)
    parted(desk, kept, url("z"))
    assert state(desk, kept)["fetch_url"] == url("x")
    desk.later(hours=1)
    assert told(desk.run(entry("x"), *BASE, looks=[desk.look("x", body="what x says itself")])) == []


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("x", "x", "one article already"),
        ("x", "nowhere", "No article is known"),
        ("4", "99", "No article has the number 99"),
    ],
)
def test_what_cannot_be_merged_is_said(desk: Desk, one: str, other: str, said: str) -> None:
    names = [each if each.isdigit() else url(each) for each in (one, other)]
    with pytest.raises(StorageError, match=said), writing(desk.engine) as connection:
        merge(connection, *names)


def test_what_was_merged_is_not_merged_again(desk: Desk) -> None:
    kept, gone = merged(desk, "x", "y")
    with pytest.raises(StorageError, match=f"merged into article {kept}"), writing(desk.engine) as connection:
        merge(connection, url("a"), gone)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (("x",), "known for good"),
        (("y",), "does not lead to it"),
        (("99",), "was not merged into"),
    ],
)
def test_what_cannot_be_split_is_said_and_nothing_is_done(
    desk: Desk, others: tuple[str, ...], said: str
) -> None:
    before = ledger(desk)
    names = [each if each.isdigit() else url(each) for each in others]
    with pytest.raises(StorageError, match=said):
        parted(desk, url("x"), *names)
    assert ledger(desk) == before


def test_corrections_are_kept_in_order(desk: Desk) -> None:
    kept, gone = merged(desk, "x", "y")
    with reading(desk.engine) as connection:
        [said] = corrections(connection, kept)
        assert [said] == corrections(connection, gone)
        stored = connection.execute(select(Correction.kind)).scalars().all()
    assert (said.kind, said.article_id, said.other_id, said.at) == ("merged", kept, gone, desk.now)
    assert stored == ["merged"]

"""The search index made anew, and the check that says when it has to be."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, delete, text

from news.errors import TidingsError
from news.run import Settled
from news.search_query import parse_query
from storage import searching
from storage.checking import find_faults
from storage.engine import reading, writing
from storage.search_table import FULL_TEXT, SearchText
from storage.searching import reindex, search_articles
from tests.faults.meanwhile import meanwhile
from tests.faults.points import NeverStruckError
from tests.storage.desk import BASE, Desk, entry


@pytest.fixture
def filled(engine: Engine) -> Engine:
    desk = Desk(engine, "one")
    desk.run(*BASE)
    desk.later(hours=1)
    desk.run(entry("x", hour=1), *BASE, looks=[desk.look("x")])
    return engine


def found(engine: Engine, words: str) -> list[str]:
    with reading(engine) as connection:
        return [each.url.rpartition("/")[2] for each in search_articles(connection, parse_query(words))]


def faults(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return find_faults(connection)


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
def test_what_is_lost_is_found_again(filled: Engine, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "REINDEXED_AT_ONCE", at_once)
    before = {word: found(filled, word) for word in ("x", "title")}
    assert before["x"] == ["x"]
    with writing(filled) as connection:
        connection.execute(delete(SearchText))
    [fault] = faults(filled)
    assert (
        fault == f"search index: {len(BASE) + 1} articles are not in it; `tidings db reindex` makes it anew"
    )
    steps: list[int] = []
    assert reindex(filled, steps.append) == len(BASE) + 1
    assert steps[-1] == len(BASE) + 1
    assert faults(filled) == []
    assert {word: found(filled, word) for word in before} == before


def test_an_index_that_is_gone_altogether_is_made(sqlite_url: str) -> None:
    from storage.schema import ready

    engine = ready(sqlite_url)
    desk = Desk(engine, "one")
    desk.run(*BASE)
    with writing(engine) as connection:
        connection.execute(text(f"DROP TABLE {FULL_TEXT}"))
    assert reindex(engine) == len(BASE)
    assert faults(engine) == []
    assert len(found(engine, "title")) == len(BASE)
    engine.dispose()


def test_what_settles_meanwhile_is_in_it_once(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "REINDEXED_AT_ONCE", 1)
    desk = Desk(filled, "two")

    def settle(done: int) -> None:
        if done == 1:
            desk.run(entry("late", hour=2), source="two")

    reindex(filled, settle)
    assert faults(filled) == []
    assert found(filled, "late") == ["late"]


def test_another_process_settles_at_every_statement_of_it_or_is_told_to_wait(filled: Engine) -> None:
    settled = refused = 0
    for at in range(1, 100):
        name = f"late-{at}"

        def settle(other: Engine, name: str = name, hours: int = at) -> Settled:
            desk = Desk(other)
            desk.later(hours=hours)
            return desk.run(entry(name, hour=hours), *BASE)

        try:
            with meanwhile(filled, settle, at=at) as struck:
                reindex(filled)
        except NeverStruckError:  # it has no more statements
            break
        assert faults(filled) == []
        is_in = found(filled, name) == [name]
        assert is_in is not isinstance(struck.brought[0], TidingsError)
        settled, refused = settled + is_in, refused + (not is_in)
    assert settled > 0
    assert refused > 0

"""Moving from SQLite to PostgreSQL: everything arrives as it is, or nothing does."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text, update

from digest.compose import compose, load
from news.errors import StorageError
from news.search_query import parse_query
from storage import transferring
from storage.checking import find_faults
from storage.engine import open_engine, reading, writing
from storage.schema import REVISIONS, VERSION_TABLE, ready, stored_revision
from storage.searching import search_articles
from storage.tables import Article, Counter, Wrapper
from storage.tables import Source as SourceRow
from storage.transferring import transfer
from tests.storage.desk import BASE, Desk, entry, named, told
from tests.storage.test_migrating import lived_in

LAST = REVISIONS[-1]


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    """A database in which everything has happened: edits, gaps, pending entries, held runs, digests."""
    engine = open_engine(sqlite_url)
    yield lived_in(engine)
    engine.dispose()


@pytest.fixture
def target(empty_postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_postgres_url)
    yield engine
    engine.dispose()


def rows(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Article.metadata.sorted_tables
            if table.name != "search_texts"
        }


def found(engine: Engine, words: str) -> list[str]:
    with reading(engine) as connection:
        return sorted(article.url for article in search_articles(connection, parse_query(words)))


def test_every_row_arrives_and_the_source_stays_as_it_was(
    desk: Desk, target: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transferring, "AT_ONCE", 2)  # many pieces of every table
    with writing(desk.engine) as connection:
        long = "every word of a text that is long enough to be kept compressed " * 20
        connection.execute(text("UPDATE revisions SET body_text = :long WHERE number = 1"), {"long": long})
    before, heard = rows(desk.engine), []
    made = transfer(desk.engine, target, lambda *told: heard.append(told))
    assert rows(target) == before == rows(desk.engine)
    assert {each.table: each.rows for each in made} == {name: len(kept) for name, kept in before.items()}
    with reading(target) as connection:
        assert find_faults(connection) == []
    assert found(target, "customs house") == found(desk.engine, "customs house") != []
    assert heard[-1] == ("indexing articles", len(before["articles"]), len(before["articles"]))
    with reading(target) as new, reading(desk.engine) as old:  # nothing is not JSON's null
        nothing = select(func.count()).select_from(Wrapper).where(Wrapper.evidence.is_(None))
        horizon = select(func.count()).select_from(SourceRow).where(SourceRow.horizon.is_(None))
        for query in (nothing, horizon):
            assert new.execute(query).scalar_one() == old.execute(query).scalar_one()


def test_the_next_runs_go_on_as_if_nothing_had_happened(desk: Desk, target: Engine) -> None:
    transfer(desk.engine, target)
    stored = load(desk.engine, "daily", 1)
    desk.engine = target
    desk.later(hours=1)
    listing = [
        entry("z", hour=4),
        entry("y", hour=3),
        entry("p", hour=2),
        entry("x", hour=1, title="Another title of x"),
        *BASE,
    ]
    assert told(desk.run(*listing, looks=[])) == []
    desk.later(hours=1)
    run = desk.run(entry("w", hour=5), *listing, looks=[desk.look("w")])
    assert ("published", "w") in named(run.changes)
    assert load(target, "daily", 1) == stored
    digest = compose(target, "daily", now=desk.now)
    assert digest is not None
    assert (digest.number, digest.after_seq) == (2, stored.upto_seq)
    with reading(target) as connection:
        assert find_faults(connection) == []


def test_a_target_that_holds_something_is_refused(desk: Desk, postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    Desk(engine)
    before = rows(engine)
    with pytest.raises(StorageError, match=r"holds something already \(\w+: 1\)"):
        transfer(desk.engine, engine)
    assert rows(engine) == before
    engine.dispose()


def test_an_empty_database_of_today_s_schema_is_a_target_too(desk: Desk, postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    transfer(desk.engine, engine)
    assert rows(engine) == rows(desk.engine)
    with pytest.raises(StorageError, match="holds something already"):
        transfer(desk.engine, engine)
    engine.dispose()


def test_only_from_sqlite_to_postgresql(desk: Desk, postgres_url: str, tmp_path: Path) -> None:
    other = ready(f"sqlite:///{tmp_path / 'other.db'}")
    engine = open_engine(postgres_url)
    for source, there in ((desk.engine, other), (engine, engine)):
        with pytest.raises(StorageError, match="from SQLite to PostgreSQL only"):
            transfer(source, there)
    engine.dispose()
    other.dispose()


def test_a_source_of_an_older_version_is_refused(desk: Desk, target: Engine) -> None:
    with writing(desk.engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0009'"))
    with pytest.raises(StorageError, match="its schema is 0009"):
        transfer(desk.engine, target)
    assert stored_revision(target) is None


def test_what_postgresql_cannot_keep_is_named_and_nothing_is_transferred(desk: Desk, target: Engine) -> None:
    with writing(desk.engine) as connection:
        connection.execute(update(Article).where(Article.id == 1).values(title="a\0b"))
    with pytest.raises(StorageError, match="transfer of table articles"):
        transfer(desk.engine, target)
    is_empty(target)


def test_a_row_that_did_not_arrive_as_it_was_is_found_and_nothing_is_transferred(
    desk: Desk, target: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = transferring._put

    def altered(table: Any) -> Any:
        statement = honest(table)
        if table.name != "revisions":
            return statement
        return statement.values({"title": func.upper(text(":title_"))})

    monkeypatch.setattr(transferring, "_put", altered)
    with pytest.raises(StorageError, match=r"transfer of table revisions: .* but not the same"):
        transfer(desk.engine, target)
    is_empty(target)
    monkeypatch.undo()
    transfer(desk.engine, target)
    assert rows(target) == rows(desk.engine)


def is_empty(target: Engine) -> None:
    with reading(target) as connection:
        for table in Article.metadata.sorted_tables:
            query = select(func.count()).select_from(table)
            if table is Counter.__table__:
                query = query.where(Counter.value != 0)
            assert connection.execute(query).scalar_one() == 0, table.name


def _transfer_until(step: str, source: str, target: str) -> None:
    def dies(what: str, *_: object) -> None:
        if what == step:
            os.kill(os.getpid(), 9)

    transfer(open_engine(source), open_engine(target), dies)


@pytest.mark.parametrize("step", ["copying changes", "comparing articles", "indexing articles"])
def test_promise_2_killed_in_the_middle_nothing_has_arrived_and_it_can_be_repeated(
    desk: Desk, target: Engine, sqlite_url: str, empty_postgres_url: str, step: str
) -> None:
    before = rows(desk.engine)
    process = multiprocessing.get_context("spawn").Process(
        target=_transfer_until, args=(step, sqlite_url, empty_postgres_url)
    )
    process.start()
    process.join(120)
    assert process.exitcode == -9
    is_empty(target)
    transfer(desk.engine, target)
    assert rows(target) == before == rows(desk.engine)

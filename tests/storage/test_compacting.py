"""Texts that are kept compressed, those that an older version left as they are, and files made small again."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, Text, delete, func, select, text, type_coerce

from storage import compacting
from storage.checking import find_faults
from storage.columns import PACKED_FROM
from storage.compacting import compact
from storage.engine import open_engine, reading, sqlite_file, writing
from storage.tables import Revision
from tests.storage.desk import BASE, Desk, based, entry, told

LONG = "The reading room opened again, and its visitors saw the old maps. قاعة المطالعة " * 30


def kinds(engine: Engine) -> list[str]:
    """Return how SQLite keeps the texts: as text, or as bytes."""
    with reading(engine) as connection:
        kind = func.typeof(type_coerce(Revision.body_text, Text))
        return list(connection.execute(select(kind).order_by(Revision.article_id)).scalars())


def texts(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(Revision.body_text).order_by(Revision.article_id)).scalars())


def as_an_older_version_did(engine: Engine) -> None:
    """Keep all texts as they are."""
    with writing(engine) as connection:
        connection.execute(text("UPDATE revisions SET body_text = :long"), {"long": LONG})


@pytest.mark.parametrize(
    "words", ["", "short", "x" * (PACKED_FROM - 1), "x" * PACKED_FROM, LONG, "\U0001f980é" * 999]
)
def test_a_text_comes_back_as_it_was(engine: Engine, words: str) -> None:
    desk = Desk(engine)
    desk.run(*BASE, looks=[desk.look("a", body=words or "b")])
    with writing(engine) as connection:
        connection.execute(Revision.__table__.update().values(body_text=words))  # type: ignore[attr-defined]
    assert texts(engine) == [words]
    packed = engine.dialect.name == "sqlite" and len(words) >= PACKED_FROM
    if engine.dialect.name == "sqlite":
        assert kinds(engine) == ["blob" if packed else "text"]


def test_what_an_older_version_kept_is_read_as_it_is(engine: Engine) -> None:
    desk = based(engine)
    as_an_older_version_did(engine)
    assert texts(engine) == [LONG] * 3
    longer = LONG + "Nobody had expected so many of them."
    assert told(desk.run(*BASE, looks=[desk.look("a", body=longer)])) == [("edited", "a")]


@pytest.fixture
def sqlite(sqlite_url: str) -> Engine:
    engine = open_engine(sqlite_url)
    desk = based(engine)
    for number in range(40):
        desk.later(minutes=10)
        desk.run(entry(f"n{number}", hour=1), *BASE, looks=[desk.look(f"n{number}")])
    as_an_older_version_did(engine)
    return engine


def test_older_texts_are_compressed_and_free_pages_given_back(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compacting, "AT_ONCE", 7)
    file = sqlite_file(sqlite)
    assert file is not None
    heard: list[tuple[int, int]] = []
    made = compact(sqlite, file, lambda _, done, total: heard.append((done, total)))
    assert made.texts == 43
    assert made.after < made.before
    assert heard[-1] == (43, 43)
    assert set(kinds(sqlite)) == {"blob"}
    assert texts(sqlite) == [LONG] * 43
    with writing(sqlite) as connection:
        connection.execute(delete(Revision).where(Revision.number > 1))
        assert find_faults(connection) == []
    again = compact(sqlite, file)
    assert (again.texts, again.before) == (0, made.after)


def _compact_until(url: str, pieces: int) -> None:
    compacting.AT_ONCE = 7
    engine = open_engine(url)
    file = sqlite_file(engine)
    assert file is not None
    heard: list[int] = []

    def dies(_what: str, done: int, _total: int) -> None:
        heard.append(done)
        if len(heard) == pieces:
            os.kill(os.getpid(), 9)

    compact(engine, file, dies)


def test_promise_2_killed_in_the_middle_every_text_is_there_and_the_rest_is_compressed_later(
    sqlite: Engine, sqlite_url: str
) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_compact_until, args=(sqlite_url, 3))
    process.start()
    process.join(120)
    assert process.exitcode == -9
    assert kinds(sqlite).count("blob") == 21
    assert texts(sqlite) == [LONG] * 43
    file = sqlite_file(sqlite)
    assert isinstance(file, Path)
    assert compact(sqlite, file).texts == 22
    with reading(sqlite) as connection:
        assert find_faults(connection) == []

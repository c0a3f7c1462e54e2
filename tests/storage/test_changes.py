from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from news.change import ChangeKind
from news.errors import StorageError
from news.redline import EditClass
from storage.changes import changes_after, first_told, last_seq, oldest_seq, revision_pair, seq_before
from storage.engine import reading
from tests.digest.logs import START, Log

URL = "https://news.example/{}"


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine)
    log.source("a")
    log.source("b")
    return log


def test_changes_come_in_the_order_of_the_log_with_all_that_was_true_then(log: Log) -> None:
    article = log.published(
        "a", URL.format("x"), "Title", "One.", language="en", summary="Sum.", at=START, precision="day"
    )
    log.edited("b", article, "Two.", EditClass.SUBSTANTIVE, title="New title")
    with reading(log.engine) as connection:
        published, retitled = changes_after(connection, 0)
    assert (published.seq, published.kind, published.source, published.title) == (
        1,
        "published",
        "a",
        "Title",
    )
    assert (published.published_at, published.published_precision) == (START, "day")
    assert (published.language, published.summary, published.revision) == ("en", "Sum.", 1)
    assert (retitled.seq, retitled.kind, retitled.source) == (2, "retitled", "b")
    assert (retitled.title, retitled.old_title, retitled.edit_class) == ("New title", "Title", "substantive")
    assert retitled.at == START + timedelta(minutes=2)


def test_a_range_a_limit_sources_and_kinds_narrow_what_is_read(log: Log) -> None:
    for number, source in enumerate("abab"):
        log.published(source, URL.format(number), f"Title {number}")
    log.change(ChangeKind.WITHDRAWN, "a", 1)
    with reading(log.engine) as connection:
        assert [change.seq for change in changes_after(connection, 1, upto=3)] == [2, 3]
        assert [change.seq for change in changes_after(connection, 0, limit=2)] == [1, 2]
        assert [change.seq for change in changes_after(connection, 0, sources=["b"])] == [2, 4]
        assert [change.seq for change in changes_after(connection, 0, sources=[])] == []
        assert [change.seq for change in changes_after(connection, 0, kinds=[ChangeKind.WITHDRAWN])] == [5]
        assert changes_after(connection, 5) == []


def test_the_ends_of_the_log_are_known_also_when_it_is_empty(log: Log) -> None:
    with reading(log.engine) as connection:
        assert (oldest_seq(connection), last_seq(connection), seq_before(connection, START)) == (None, 0, 0)
    log.published("a", URL.format(1), "One")
    log.published("a", URL.format(2), "Two")
    with reading(log.engine) as connection:
        assert (oldest_seq(connection), last_seq(connection)) == (1, 2)
        assert seq_before(connection, START) == 0
        assert seq_before(connection, START + timedelta(seconds=90)) == 1
        assert seq_before(connection, START + timedelta(days=1)) == 2


def test_a_revision_comes_with_the_one_that_it_replaced(log: Log) -> None:
    article = log.published("a", URL.format("x"), "Title", "One.")
    log.edited("a", article, "Two.", EditClass.MINOR)
    with reading(log.engine) as connection:
        none, first = revision_pair(connection, article, 1)
        before, second = revision_pair(connection, article, 2)
        with pytest.raises(StorageError, match="no revision 3"):
            revision_pair(connection, article, 3)
    assert none is None
    assert before == first
    assert (first.body_text, second.body_text, second.edit_class) == ("One.", "Two.", "minor")


def test_first_told_is_the_first_of_the_sources_that_are_asked_about(log: Log) -> None:
    article = log.published("a", URL.format("x"), "Title")
    log.change(ChangeKind.LISTED, "b", article)
    with reading(log.engine) as connection:
        assert first_told(connection, [article], sources=["a", "b"]) == {article: 1}
        assert first_told(connection, [article], sources=["b"]) == {article: 2}
        assert first_told(connection, [], sources=["b"]) == {}

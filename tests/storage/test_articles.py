from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert

from news.errors import StorageError, UrlError
from news.redline import EditClass
from storage import tables
from storage.articles import addresses, identities, list_articles, revisions, show_article
from storage.engine import reading, writing
from tests.digest.logs import START, Log

URL = "https://news.example/{}"


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine)
    log.source("a")
    log.source("b")
    for number, (title, language) in enumerate(
        [("Libraries of the Valley", "en"), ("L’été 100 % sûr", "fr-CA"), ("مكتبات", "ar")]
    ):
        log.article(URL.format(number), title, f"Body {number}.", language=language)
        log.now += timedelta(hours=1)
    log.sighting("a", 1)
    log.sighting("b", 1)
    log.sighting("b", 2)
    return log


def ids(log: Log, **wanted: object) -> list[int]:
    with reading(log.engine) as connection:
        return [row.id for row in list_articles(connection, **wanted)]  # type: ignore[arg-type]


def test_articles_are_listed_newest_first_and_narrowed(log: Log) -> None:
    assert ids(log) == [3, 2, 1]
    assert ids(log, source="b") == [2, 1]
    assert ids(log, source="nobody") == []
    assert ids(log, language="fr") == [2]
    assert ids(log, language="f") == []
    assert ids(log, since=START + timedelta(hours=1)) == [3, 2]
    assert ids(log, query="VALLEY") == [1]
    assert ids(log, query="100 %") == [2]
    assert ids(log, query="%") == [2], "a percent sign is a letter, not a joker"


def test_pages_follow_each_other_without_holes_or_repeats(log: Log) -> None:
    assert ids(log, limit=2) == [3, 2]
    assert ids(log, limit=2, before_id=2) == [1]
    assert ids(log, limit=None) == [3, 2, 1]


def test_a_row_holds_all_that_is_known(log: Log) -> None:
    log.alias(1, URL.format("moved"))
    log.revision(1, 2, "Libraries", "Newer body.", EditClass.MINOR)
    with reading(log.engine) as connection:
        row = show_article(connection, 1)
    assert (row.title, row.body_text, row.revision, row.sources, row.aliases) == (
        "Libraries", "Newer body.", 2, ("a", "b"), 1,
    )  # fmt: skip
    assert (row.first_seen_at, row.captured_at, row.withdrawn_at) == (START, log.now, None)
    assert (row.host, row.language, row.authors) == ("news.example", "en", ())


def test_an_article_without_a_body_has_an_empty_one(log: Log) -> None:
    number = log.article(URL.format("teaser"), "Teaser")
    with reading(log.engine) as connection:
        row = show_article(connection, number)
    assert (row.body_text, row.revision, row.captured_at, row.sources) == ("", 0, None, ())


@pytest.mark.parametrize(
    "spelling",
    ["1", 1, URL.format(0), "http://www.news.example/0/?utm_source=x#top", URL.format("moved") + "/"],
)
def test_an_article_is_found_by_number_and_any_spelling_of_any_address(log: Log, spelling: str | int) -> None:
    log.alias(1, URL.format("moved"))
    with reading(log.engine) as connection:
        assert show_article(connection, spelling).id == 1


def test_what_is_not_stored_is_said_and_what_is_pending_too(log: Log) -> None:
    from news.urls import url_key

    waiting = {
        "source_id": 1, "key": url_key(URL.format("late")), "entry": {}, "title_key": "t", "rank": "above",
        "reason": "the page answers 500", "first_seen_at": START, "next_look_at": START,
    }  # fmt: skip
    with writing(log.engine) as connection:
        connection.execute(insert(tables.Pending), [waiting])
    with reading(log.engine) as connection:
        with pytest.raises(StorageError, match="No article has the number 99"):
            show_article(connection, "99")
        with pytest.raises(StorageError, match="No article is known under"):
            show_article(connection, URL.format("nowhere"))
        with pytest.raises(StorageError, match="is pending: its page could not be read"):
            show_article(connection, URL.format("late"))
        with pytest.raises(UrlError):
            show_article(connection, "javascript:alert(1)")


def test_every_revision_and_address_is_kept_in_order(log: Log) -> None:
    log.now += timedelta(minutes=1)
    log.alias(1, URL.format("moved"))
    log.revision(1, 2, "Libraries", "Newer body.", EditClass.MINOR)
    with reading(log.engine) as connection:
        assert [(each.number, each.body_text) for each in revisions(connection, 1)] == [
            (1, "Body 0."),
            (2, "Newer body."),
        ]
        assert addresses(connection, 1) == [URL.format(0), URL.format("moved")]
        assert revisions(connection, 99) == []
        assert identities(connection, [1, 99])[1].first_seen_at == START


def test_many_articles_are_read_in_several_statements(log: Log) -> None:
    for number in range(10, 30):
        log.article(URL.format(number), f"Title {number}")
    with reading(log.engine) as connection:
        assert len(identities(connection, range(2_000))) == 23

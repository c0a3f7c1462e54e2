"""*Search*: what is found, how it is shown, and that no words break the page."""

from __future__ import annotations

from datetime import UTC, datetime

import feedparser
import pytest
from sqlalchemy import update

from digest.content import content_hash
from news import word_filter
from storage import tables
from storage.engine import writing
from storage.forgetting import forget
from storage.searching import index_articles
from storage.settings import Settings
from tests.digest.logs import Log
from tests.pages.conftest import Site, client_of, statements


def titles(page: object) -> list[str]:
    return [" ".join(each.text_content().split()) for each in page.all("//article//*[@class='name']")]  # type: ignore[attr-defined]


def written(log: Log, title: str, body: str, **more: str) -> int:
    """Write an article as settling would, with its words in the index."""
    article = log.published("a", f"https://news.example/{title}", title, body, **more)
    log.sighting("a", article)
    with writing(log.engine) as connection:
        index_articles(connection, [article])
    return article


@pytest.fixture
def shelf(site: Site, log: Log) -> Site:
    log.source("a", title="The Gazette")
    written(log, "Tide tables", "The harbour opens. Old maps of the oasis were mended. It rained.")
    written(log, "افتتاح المدرسة", "بمشاركة الوزير في المدرسة الأولى.", language="ar")
    written(log, "Maps again", "Nothing but old tables.")
    return site


def test_without_words_it_only_asks_for_them(shelf: Site) -> None:
    page = shelf.get("/search")
    assert page.status == 200
    assert page.all("//main//form[@action='/search']//input[@name='q']")
    assert titles(page) == []
    assert "No article fits" not in page.words()


def test_every_page_has_the_field(shelf: Site) -> None:
    for address in ("/", "/sources", "/search?q=old"):
        assert shelf.get(address).all("//header//form[@action='/search']//input[@name='q']")


def test_what_is_found_stands_the_newest_first_with_the_sentence_that_holds_it(shelf: Site) -> None:
    page = shelf.get("/search", q="OLD maps")
    assert titles(page) == ["Maps again", "Tide tables"]
    assert "Old maps of the oasis were mended." in page.words("(//article)[2]")
    assert "The harbour opens" not in page.words("(//article)[2]")
    assert "The Gazette" in page.words("(//article)[2]")


def test_a_text_keeps_its_language_and_direction(shelf: Site) -> None:
    page = shelf.get("/search", q="مدرسه")
    [article] = page.all("//article")
    assert (article.get("lang"), article.get("dir")) == ("ar", "rtl")


def test_nothing_found_says_so(shelf: Site) -> None:
    page = shelf.get("/search", q="unicorn")
    assert page.status == 200
    assert "No article fits" in page.words("//main")


@pytest.mark.parametrize(
    "words", ['"', "-old", "!!!", "\x00", "w " * 600, "x" * 10_000, "<script>alert(1)</script>", "{{7*7}}"]
)
def test_no_words_break_the_page(shelf: Site, words: str) -> None:
    page = shelf.get("/search", q=words)
    assert page.status in {200, 422}
    assert not page.all("//main//script")
    if page.status == 422:
        assert page.words("//*[@role='alert']")


def test_pages_are_followed_to_the_end_and_hold_everything_once(site: Site, log: Log) -> None:
    log.source("a")
    for number in range(65):
        written(log, f"Tide {number}", "")
    found: list[str] = []
    page = site.get("/search", q="tide")
    while True:
        found += titles(page)
        older = page.all("//a[@rel='next']/@href")
        if not older:
            break
        page = site.get(older[0])
    assert found == [f"Tide {number}" for number in reversed(range(65))]
    assert page.all("//nav[@aria-label='Pages']//a[text()='Newest']")


def test_withdrawn_articles_are_marked_and_forgotten_ones_are_not_there(shelf: Site, log: Log) -> None:
    article = written(log, "Old news", "Old.")
    withdrawn = update(tables.Article).where(tables.Article.id == article).values(withdrawn_at=log.now)
    with writing(log.engine) as connection:
        connection.execute(withdrawn)
    page = shelf.get("/search", q="old news")
    assert "Withdrawn since" in page.words("//article")
    forget(shelf.engine, article, seal=content_hash)
    assert titles(shelf.get("/search", q="old news")) == []


def test_it_asks_as_much_of_the_database_for_many_as_for_few(shelf: Site, log: Log) -> None:
    counts = []
    for turn in range(2):
        with statements(shelf.engine) as asked:
            shelf.get("/search", q="tide")
        counts.append(len(asked))
        for number in range(20):
            written(log, f"Tide {turn}-{number}", "")
    assert counts[0] == counts[1] <= 12


def test_what_was_typed_stands_in_the_field_again_however_long_it_is(site: Site) -> None:
    words = " ".join(f"word{number:04d}" for number in range(19)) + " " + "x" * 400
    page = site.get("/search", q=words)
    assert page.all("//input[@id='words']/@value") == [words]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"source": "b"}, ["Late tide"]),
        ({"language": "fr"}, ["Marée tide"]),
        ({"since": "2026-02-02"}, ["Late tide"]),
        ({"since": "2026-02-01", "until": "2026-02-01"}, ["Marée tide"]),
        ({"source": "", "language": "", "since": "", "until": ""}, ["Late tide", "Marée tide"]),
    ],
)
def test_it_can_be_looked_for_in_some_places(
    site: Site, log: Log, where: dict[str, str], found: list[str]
) -> None:
    log.source("a", language="fr")
    log.source("b")
    for source, title, day, language in (("a", "Marée tide", 1, "fr"), ("b", "Late tide", 3, "en")):
        at = datetime(2026, 2, day, 12, tzinfo=UTC)
        number = log.published(source, f"https://news.example/{day}", title, "", language=language, at=at)
        log.sighting(source, number)
        with writing(log.engine) as connection:
            index_articles(connection, [number])
    page = site.get("/search", q="tide", **where)
    assert titles(page) == found
    for name, value in where.items():
        typed = page.all(
            f"//main//*[@name='{name}']/@value | //main//*[@name='{name}']/option[@selected]/@value"
        )
        assert typed == ([value] if value or name in ("since", "until") else []), name


@pytest.mark.parametrize(
    ("zone", "since", "until", "found"),
    [
        ("America/New_York", "2026-11-18", "2026-11-18", ["A day", "A late hour"]),
        ("America/New_York", "", "2026-11-17", []),
        ("Asia/Tokyo", "2026-11-18", "2026-11-18", ["A day"]),
        ("Asia/Tokyo", "2026-11-19", "", ["A late hour"]),
    ],
)
def test_a_day_is_that_day_in_every_zone_and_a_time_the_readers(
    log: Log, zone: str, since: str, until: str, found: list[str]
) -> None:
    log.source("a")
    for title, at, precision in (
        ("A late hour", datetime(2026, 11, 19, 3, tzinfo=UTC), "minute"),
        ("A day", datetime(2026, 11, 18, tzinfo=UTC), "day"),
    ):
        number = log.published(
            "a", f"https://news.example/{precision}", title, "tide", at=at, precision=precision
        )
        with writing(log.engine) as connection:
            index_articles(connection, [number])
    with client_of(log.engine, Settings(time_zone=zone)) as client:
        page = Site(engine=log.engine, client=client).get("/search", q="tide", since=since, until=until)
    assert titles(page) == found


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "1" * 41])
def test_a_day_that_there_is_not_is_refused_or_finds_nothing(shelf: Site, day: str) -> None:
    for name in ("since", "until"):
        assert shelf.get("/search", q="old", **{name: day}).status in (200, 422)
    assert shelf.get("/search", q="old", since="yesterday").all("//*[@role='alert']")


def test_a_search_becomes_a_feed_and_a_subscription(shelf: Site) -> None:
    page = shelf.get("/search", q='old "maps of" -rain', source="a", language="en")
    [feed] = page.all("//main//a[@type='application/atom+xml']/@href")
    [subscribe] = page.all("//main//a[starts-with(@href, '/subscriptions/new')]/@href")
    assert page.all("//head/link[@type='application/atom+xml']/@href") == [feed]
    told = feedparser.parse(shelf.get(feed).text)
    assert [entry.title for entry in told.entries] == ["Tide tables"]
    assert told.feed.links[-1].href.endswith("/search?q=old+%22maps+of%22+-rain&source=a&language=en")
    form = shelf.get(subscribe)
    assert form.all("//input[@name='include']/@value") == ["old + maps of"]
    assert form.all("//input[@name='exclude']/@value") == ["rain"]
    assert form.all("//input[@name='source'][@checked]/@value") == ["a"]


def test_what_cannot_be_a_feed_offers_none_and_says_why(shelf: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_filter, "MOST_CHARACTERS", 20)
    words = "several words that are many"
    page = shelf.get("/search", q=words)
    assert page.status == 200
    assert not page.all("//main//a[@type='application/atom+xml']")
    assert "too long to become a feed" in page.words("//main")
    for refused in (words, "!!!"):
        assert shelf.get("/feeds/choice.atom", q=refused).status == 422
        assert shelf.get("/subscriptions/new", q=refused).status == 422

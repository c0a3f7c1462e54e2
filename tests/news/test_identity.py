"""Which article it is: addresses first, then texts, and a title that agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from news.agreeing import ENOUGH_WORDS, is_telling
from news.article import Content, Look, Sight, Way
from news.entry import Entry
from news.fingerprint import content_fingerprint, exact_digest
from news.identity import Match, which_article
from news.known import ArticleState, Known
from news.text import title_key
from news.urls import url_key

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONG = "In the spring the archive lent its oldest letters to nine schools so that pupils could read them aloud in class"
TITLE = "Letters travel to school"


def url(name: str) -> str:
    return f"https://site.example/{name}"


def content(title: str = TITLE, body: str = LONG, canonical: str = "") -> Content:
    return Content(
        title=title,
        body_text=body,
        fingerprint=content_fingerprint(title, body),
        digest=exact_digest(title, body),
        extractor="1",
        canonical_url=canonical,
    )


def look(name: str, final: str = "", made: Content | None = None, sight: Sight = Sight.READ) -> Look:
    return Look(
        url=url(name),
        final_url=url(final or name),
        sight=sight,
        way=Way.PAGE,
        captured_at=NOW,
        content=(made or content()) if sight is Sight.READ else None,
    )


def entry(name: str, title: str = TITLE) -> Entry:
    return Entry(url=url(name), key=url_key(url(name)), title=title)


def state(name: str, **more: object) -> ArticleState:
    fields: dict[str, object] = {
        "key": url_key(url(name)),
        "url": url(name),
        "fetch_url": url(name),
        "title": TITLE,
        "title_key": title_key(TITLE),
        "first_seen_at": NOW,
    }
    return ArticleState(**(fields | more))  # type: ignore[arg-type]


def known(*names: str, **more: object) -> Known:
    fields: dict[str, object] = {
        "host": "site.example",
        "aliases": {url_key(url(name)): url_key(url(name)) for name in names},
        "articles": {url_key(url(name)): state(name) for name in names},
        "by_fingerprint": {content().fingerprint: url_key(url(names[0]))} if names else {},
    }
    return Known(**(fields | more))  # type: ignore[arg-type]


A = url_key(url("a"))
OTHER = content("Sign in", "Please sign in")


@pytest.mark.parametrize(
    ("name", "seen", "said", "expected"),
    [
        pytest.param(
            "a", None, entry("a", "Anything"), Match(article=A, evidence="listed"), id="a known address"
        ),
        pytest.param("x", None, entry("x"), Match(), id="an unknown one that was not asked"),
        pytest.param("x", look("x", made=OTHER), entry("x"), Match(), id="unknown address and text"),
        pytest.param(
            "x",
            look("x", "a", OTHER),
            entry("x"),
            Match(article=A, evidence="redirect"),
            id="led to a known one",
        ),
        pytest.param(
            "x",
            look("x", "a"),
            entry("x", "Another title"),
            Match(foreign=True),
            id="led to one of another title",
        ),
        pytest.param(
            "x",
            look("x", made=replace(OTHER, canonical_url=url("a"))),
            entry("x"),
            Match(article=A, evidence="canonical"),
            id="says that it is a known one",
        ),
        pytest.param(
            "x",
            look("x", made=replace(OTHER, canonical_url=url("a"))),
            entry("x", "Another title"),
            Match(),
            id="every page says that it is the home page",
        ),
        pytest.param(
            "x", look("x"), entry("x"), Match(article=A, evidence="fingerprint"), id="a known text and title"
        ),
        pytest.param("x", look("x"), entry("x", "Another title"), Match(), id="a known text, another title"),
        pytest.param("x", look("x", sight=Sight.GONE), entry("x"), Match(), id="gone"),
        pytest.param(
            "x", look("x"), None, Match(article=A, evidence="fingerprint"), id="not listed: its own title"
        ),
    ],
)
def test_which_article_it_is(name: str, seen: Look | None, said: Entry | None, expected: Match) -> None:
    assert which_article(url_key(url(name)), seen, said, known("a", "b")) == expected


@pytest.mark.parametrize(
    ("name", "canonical", "made", "expected"),
    [
        (
            "int/news/x",
            "en/news/x",
            content(),
            Match(article=url_key(url("en/news/x")), evidence="canonical"),
        ),
        ("int/news/y", "en/news/x", content(), Match()),  # the listing may mean another article
        ("int/news/x", "en/news/x", OTHER, Match()),  # nothing of the article is there
        ("int/news/x", "en/news/x", content(body="Two clerks read the ledger of the harbour " * 5), Match()),
        ("login", "en", content(), Match()),
    ],
)
def test_what_a_listing_calls_by_its_former_title_is_the_article_that_its_page_names_and_shows(
    name: str, canonical: str, made: Content, expected: Match
) -> None:
    """A section showed it, and it could not be read; it was retitled, and read in another section."""
    seen = look(name, made=replace(made, canonical_url=url(canonical)))
    at = state(canonical, fingerprint=content().fingerprint)
    state_of_all = known(canonical, articles={at.key: at})
    assert which_article(url_key(url(name)), seen, entry(name, "Its former title"), state_of_all) == expected


def test_a_known_article_that_leads_to_another_is_not_read_as_that() -> None:
    match = which_article(A, look("a", "b"), entry("a"), known("a", "b"))
    assert match == Match(article=A, evidence="listed", foreign=True)


def test_a_known_article_that_moved_to_an_unknown_address_is_itself() -> None:
    assert not which_article(A, look("a", "a-moved"), entry("a"), known("a", "b")).foreign


def test_a_short_text_identifies_nothing() -> None:
    short = content(body="Details follow.")
    held = known("a", by_fingerprint={short.fingerprint: A})
    assert which_article(url_key(url("x")), look("x", made=short), entry("x"), held) == Match()


@pytest.mark.parametrize(("count", "telling"), [(ENOUGH_WORDS - 1, False), (ENOUGH_WORDS, True)])
def test_a_text_is_telling_from_twenty_words_on(count: int, telling: bool) -> None:
    assert is_telling(content(body=" ".join(["word"] * count))) is telling


def test_an_article_answers_to_the_title_of_its_listing_too() -> None:
    listed = state(
        "a", title="On the page", titles=frozenset({title_key(TITLE)}), title_key=title_key("On the page")
    )
    held = known("a", articles={A: listed})
    assert which_article(url_key(url("x")), look("x", "a", OTHER), entry("x"), held).article == A

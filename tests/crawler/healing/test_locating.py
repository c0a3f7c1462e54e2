"""Stored articles found again among entries: by address, by what is left of it, by title, and not by chance."""

from __future__ import annotations

import pytest

from crawler.healing.locating import likeness, locate, marks
from news.entry import Entry
from news.healing import Means, Seed
from news.text import title_key
from news.urls import url_key

SITE = "https://site.example"


def seed(url: str, title: str) -> Seed:
    return Seed(
        article=url_key(SITE + url),
        url=SITE + url,
        title=title,
        keys=frozenset({url_key(SITE + url)}),
        title_keys=frozenset({title_key(title)}),
    )


def entry(url: str, title: str) -> Entry:
    return Entry(url=SITE + url, key=url_key(SITE + url), title=title)


FERRY = "The ferry to the outer islands sails again"
LIBRARY = "A second library for the old harbour"
MINISTER = "افتتاح مكتبة جديدة في الميناء القديم"


@pytest.mark.parametrize(
    ("old", "new", "by"),
    [
        (("/news/ferry-sails", FERRY), ("/news/ferry-sails/?utm_source=x", FERRY), Means.ADDRESS),
        (("/news/ferry-sails", FERRY), ("/news/ferry-sails", "More"), Means.ADDRESS),
        (("/news/ferry-sails-again", FERRY), ("/2026/05/ferry-sails-again.html", FERRY), Means.PATH),
        (("/news/4711", FERRY), ("/?p=4711", FERRY + " on Monday"), Means.PATH),
        (("/2026/05/04/ferry-sails-again/", FERRY), ("/2026/ferry-sails-again", "Quite another title"), None),
        (("/news/4711", FERRY), ("/?p=4712", "A new pier is to be built"), None),
        (("/news/2026", FERRY), ("/stories/2026", "A new pier is to be built"), None),
        (("/n/1", FERRY), ("/stories/boats", FERRY.upper()), Means.TITLE),
        (("/n/1", FERRY), ("/stories/boats", "The ferry to the outer…"), Means.TITLE),
        (("/n/1", MINISTER), ("/ar/stories/9", MINISTER), Means.TITLE),
        (("/n/1", "Annual report"), ("/stories/9", "Annual report 2026"), None),
        (("/n/1", FERRY), ("/stories/9", "The ferry to the inner islands stays"), None),
    ],
)
def test_an_article_is_recognised_by(old: tuple[str, str], new: tuple[str, str], by: Means | None) -> None:
    found = locate([entry(*new)], [seed(*old)])
    assert [each.by for each in found.values()] == ([] if by is None else [by])


def test_what_stands_twice_on_either_side_identifies_nothing() -> None:
    weekly = "What the week has brought"
    assert locate([entry("/a", weekly), entry("/b", weekly)], [seed("/n/1", weekly)]) == {}
    assert locate([entry("/a", weekly)], [seed("/n/1", weekly), seed("/n/2", weekly)]) == {}
    tails = [seed("/2025/what-the-week-brought", weekly), seed("/2026/what-the-week-brought", weekly)]
    assert locate([entry("/week/what-the-week-brought", weekly)], tails) == {}


def test_an_article_is_taken_once_and_its_address_comes_first() -> None:
    found = locate(
        [entry("/stories/boats", FERRY), entry("/n/1", FERRY), entry("/s/2", LIBRARY)],
        [seed("/n/1", FERRY), seed("/n/2", LIBRARY)],
    )
    assert {key: each.by for key, each in found.items()} == {
        url_key(f"{SITE}/n/1"): Means.ADDRESS,
        url_key(f"{SITE}/s/2"): Means.TITLE,
    }


def test_a_year_is_no_number_that_identifies() -> None:
    assert marks(f"{SITE}/report/2026") == ()
    assert marks(f"{SITE}/list_48_31234.html") == ("list_48_31234", "#31234")


def test_titles_without_words_are_not_alike() -> None:
    assert likeness("", "") == likeness("…", "…") == 0.0

"""Items that lack what the others have are items too, if they belong to the list."""

from __future__ import annotations

import pytest

from crawler.healing.widening import is_whole, widened
from news.entry import Entry
from news.source import Wrapper
from news.urls import url_key

KNOWN = tuple(f"/news/{name}-and-more" for name in ("maps", "bees", "trains", "choirs"))


def entry(path: str) -> Entry:
    url = f"https://site.example{path}"
    title = "All news" if path == "/news/all" else f"What is told of {path}"
    return Entry(url=url, key=url_key(url), title=title)


@pytest.mark.parametrize(
    ("selector", "wider"),
    [
        ("//li[.//p]", "//li"),
        ("//article[.//a[@href][.//h1 or .//h2]]", "//article"),
        ("//li[@class='a'][.//p]", "//li[@class='a']"),
        ("//div[@class='a']", "//div[@class='a']"),
        ("//li[2]", "//li[2]"),
        ("li.card", "li.card"),
        ("div[data-a]", "div[data-a]"),
    ],
)
def test_what_an_item_must_hold_is_cut_from_its_selector(selector: str, wider: str) -> None:
    assert widened(Wrapper(item=(selector,))).item == (wider,)


@pytest.mark.parametrize(
    ("wide", "whole"),
    [
        (("/news/a-new-one", *KNOWN), True),
        (KNOWN, False),  # nothing more
        (("/about", *KNOWN), False),  # a link of the menu
        (("/news/all", *KNOWN), False),  # a link to the list itself
        (("/news/harbour", *KNOWN), True),  # a slug of one word
        (("/news/a-new-one", *reversed(KNOWN)), False),
        (("/news/a-new-one", *KNOWN[:-1]), False),
        ((*(f"/news/one-{name}-more" for name in "abc"), *KNOWN), False),  # too many
    ],
)
def test_a_wider_reading_is_taken_if_it_is_the_same_list(wide: tuple[str, ...], whole: bool) -> None:
    narrow = [entry(path) for path in KNOWN]
    known = {each.key: each for each in narrow[1:]}
    assert is_whole(narrow, [entry(path) for path in wide], known) is whole

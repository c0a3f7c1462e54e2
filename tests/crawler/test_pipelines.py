"""What the pipelines keep, cut, refuse and drop."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from scrapy.exceptions import DropItem

from crawler.items import ArticleItem
from crawler.ledger import MAX_PROBLEMS, Ledger
from crawler.pipelines import (
    MAX_BODY_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    Collect,
    Deduplicate,
    Normalise,
    Validate,
)
from news.article import Content, Look, Sight, Way
from news.entry import Entry
from news.run import Trouble
from tests.crawler.crawling import NOW, plan, source
from tests.crawler.site import article

URL = "https://a.example/2026/11/22/a-slug"
BODY = "A body that is long enough to be one, with several words in it. " * 6


def a_ledger() -> Ledger:
    return Ledger(plan(source("https://a.example/news/")), NOW)


def an_item(ledger: Ledger | None = None, html: str = "", title: str = "Title") -> ArticleItem:
    return ArticleItem(
        ledger=ledger or a_ledger(),
        url=URL,
        final_url=URL,
        way=Way.PAGE,
        captured_at=NOW,
        entry=Entry(url=URL, key="k", title=title),
        html=html or article(title, BODY),
    )


def normalised(item: ArticleItem) -> ArticleItem:
    async def read() -> ArticleItem:
        return await Normalise().process_item(item)

    return asyncio.run(read())


def with_content(item: ArticleItem, title: str = "Title", body: str = BODY) -> ArticleItem:
    return item.with_content(
        Content(title=title, body_text=body, fingerprint="f", digest=body[:10], extractor="x")
    )


def test_an_item_passes_all_four_and_ends_in_the_ledger() -> None:
    item = normalised(an_item())
    for pipeline in (Validate(), Deduplicate(), Collect()):
        item = pipeline.process_item(item)
    [look] = item.ledger.reading(item.ledger.plan.host, NOW, last_of_host=True).looks
    assert look.sight is Sight.READ
    assert look.content is not None
    assert look.content.title == "Title"


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        ("  ", BODY, "no title"),
        ("Title", " \n", "no body"),
        ("Title", "x" * (MAX_BODY_CHARACTERS + 1), "body over 1,000,000 characters"),
        ("404 Not Found", "Nothing.", "an error page with status 200"),
        ("Bad Gateway", "Nothing.", "an error page with status 200"),
        ("Erreur 500", "Rien.", "an error page with status 200"),
    ],
)
def test_what_is_no_article_is_refused_with_a_counted_reason(title: str, body: str, reason: str) -> None:
    item = with_content(an_item(title="Something else"), title, body)
    with pytest.raises(DropItem, match=reason[:10]):
        Validate().process_item(item)
    reading = item.ledger.reading(item.ledger.plan.host, NOW, last_of_host=True)
    assert reading.refused == ((reason, 1),)
    sight = Sight.LOST if title.startswith("404") else Sight.UNREADABLE
    assert [(look.sight, look.reason) for look in reading.looks] == [(sight, reason)]


def test_a_page_that_only_asks_to_log_in_is_refused() -> None:
    html = "<html><title>Log in</title><h1>Log in</h1><form>Forgot your password?<input type=password></form></html>"
    item = with_content(replace(an_item(title="News"), html=html), "Log in", "Forgot your password?")
    with pytest.raises(DropItem, match="login"):
        Validate().process_item(item)


def test_an_article_about_an_error_page_is_kept() -> None:
    title = "404: a short history of a page that is not there"
    item = with_content(an_item(title=title), title, "It is short.")
    assert Validate().process_item(item) == item


def test_a_title_of_ten_thousand_characters_is_cut_and_counted() -> None:
    item = Validate().process_item(with_content(an_item(), "x" * 10_000))
    assert item.content is not None
    assert len(item.content.title) <= MAX_TITLE_CHARACTERS
    assert item.ledger.reading(item.ledger.plan.host, NOW, last_of_host=True).refused == (("title cut", 1),)


def test_a_page_without_a_title_is_unreadable() -> None:
    item = an_item(html="<html><body></body></html>")
    with pytest.raises(DropItem):
        normalised(item)
    [look] = item.ledger.reading(item.ledger.plan.host, NOW, last_of_host=True).looks
    assert look.sight is Sight.UNREADABLE


def test_the_same_capture_is_dropped_and_another_address_of_it_is_not() -> None:
    deduplicate, item = Deduplicate(), with_content(an_item())
    deduplicate.process_item(item)
    with pytest.raises(DropItem):
        deduplicate.process_item(item)
    other = replace(item, url="https://a.example/?p=7")
    assert deduplicate.process_item(other) is other
    edited = with_content(item, body="Other words. " * 9)
    assert deduplicate.process_item(edited) is edited


def test_a_page_outranks_the_listing_and_a_body_outranks_a_failure() -> None:
    ledger = a_ledger()

    def look(sight: Sight, way: Way) -> Look:
        return Look(url=URL, final_url=URL, sight=sight, way=way, captured_at=NOW)

    for each in (look(Sight.READ, Way.PAGE), look(Sight.READ, Way.LISTING), look(Sight.UNREADABLE, Way.PAGE)):
        ledger.look(each)
    assert ledger.reading(ledger.plan.host, NOW, last_of_host=True).looks == (look(Sight.READ, Way.PAGE),)


def test_a_site_where_everything_fails_does_not_fill_the_ledger() -> None:
    ledger = a_ledger()
    for number in range(10 * MAX_PROBLEMS):
        ledger.problem(Trouble.CALLBACK, f"bug {number}")
    ledger.problem(Trouble.DIED, "the end", fatal=True)
    assert len(ledger.problems) == MAX_PROBLEMS + 1
    assert ledger.listing_failed

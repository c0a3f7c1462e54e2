"""What an answer is told as, and what to do about it."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse, TextResponse

from crawler.answers import page_in, stands_for_something_else
from crawler.clock import RunClock
from crawler.hosts import Host
from news.entry import Page
from news.run import HostState, Trouble
from news.source import Channel, Source
from tests.crawler.crawling import NOW

FEED = "https://site.example/news/feed.xml"
PAGE = b"<!doctype html><html><head><title>News</title></head><body><p>Nothing of a feed.</p></body></html>"


def host() -> Host:
    return Host(
        name="site.example",
        clock=RunClock(NOW, fixed=True),
        delay_seconds=0.0,
        state=HostState(name="site.example"),
    )


def answer(source: Source, body: bytes = PAGE, status: int = 200) -> Page | tuple[Trouble, str]:
    response = TextResponse(source.url, body=body, status=status, headers={"Content-Type": "text/html"})
    return page_in(response, source, host())


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    ("page_url", "shown"),
    [
        ("https://site.example/news/", "https://site.example/news/"),
        ("", "https://site.example/"),
    ],
)
def test_a_feed_that_is_none_any_more_is_not_healed_but_names_the_way_to_another(
    status: int, page_url: str, shown: str
) -> None:
    told = answer(Source(name="a", url=FEED, page_url=page_url, channel=Channel.FEED), status=status)
    assert not isinstance(told, Page)
    assert told[1].endswith(f"; `tidings discover {shown}` shows what the site offers now")


@pytest.mark.parametrize("status", [404, 410])
def test_a_listing_is_not_sent_elsewhere(status: int) -> None:
    told = answer(Source(name="a", url="https://site.example/news/"), status=status)
    assert not isinstance(told, Page)
    assert "discover" not in told[1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<title>Page not found</title><ul><li><a href='/a'>A known story of ours</a></li></ul>", True),
        (
            "<title>News</title><ul><li><a href='/a'>A known story of ours</a></li></ul>" + "words " * 600,
            False,
        ),
    ],
)
def test_a_page_with_entries_may_still_be_something_else(body: str, expected: bool) -> None:
    response = HtmlResponse("https://site.example/news/", body=body, encoding="utf-8")
    assert stands_for_something_else(response) is expected

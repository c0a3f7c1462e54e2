"""What an answer is told as, and what to do about it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from scrapy.http import HtmlResponse, TextResponse

from crawler.answers import page_aside, page_in, stands_for_something_else
from crawler.channels.reading import read_page
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


def feed_of(items: int, text: str = "A berth. " * 90) -> bytes:
    said = "".join(
        f"<item><title>Berth {n} is free</title><link>/berth/{n}</link><description>{text}</description></item>"
        for n in range(items)
    )
    return f'<rss version="2.0"><channel><title>Harbour</title>{said}</channel></rss>'.encode()


@pytest.mark.parametrize(("items", "aside"), [(2, False), (400, True)])
def test_a_large_answer_is_read_aside_and_holds_nobody_up(
    items: int, aside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def read(*given: Any, **named: Any) -> Page:
        threads.append(threading.get_ident())
        return read_page(*given, **named)

    monkeypatch.setattr("crawler.answers.read_page", read)
    source = Source(name="a", url=FEED, channel=Channel.FEED)
    response = TextResponse(FEED, body=feed_of(items), headers={"Content-Type": "application/rss+xml"})
    page = asyncio.run(page_aside(response, source, host()))
    assert isinstance(page, Page)
    assert len(page.entries) == items
    assert (threads != [threading.get_ident()]) is aside

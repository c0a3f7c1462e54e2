"""Pages of listings are read beside the event loop, in every channel, with the same result."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Callable
from typing import Any

import pytest
from scrapy.http import TextResponse

from crawler import answers, listing_reader
from crawler.channels.reading import read_page
from crawler.listing_reader import AT_ONCE, ListingReader
from news.entry import Page
from news.run import Trouble
from news.source import Channel, Source, Wrapper
from tests.crawler.crawling import crawl, plan, source
from tests.crawler.site import Answer, LocalSite
from tests.crawler.test_answers import host

URL = "https://site.example/news/feed"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
WORDS = "The wheel was lowered into the water this morning. "
RSS = (
    "<rss version='2.0'><channel><title>Harbour</title>"
    "<item><title>Low water</title><link>/low</link></item><item><title>High water</title></item></channel></rss>"
)
SITEMAP = (
    f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='{NEWS}'>"
    "<url><loc>https://site.example/low</loc><n:news><n:title>Low water</n:title></n:news></url></urlset>"
)
ANSWERS: dict[str, tuple[Channel, bytes]] = {
    "feed": (Channel.FEED, RSS.encode()),
    "feed that is cut off": (Channel.FEED, RSS[:-40].encode()),
    "page in place of a feed": (Channel.FEED, b"<!doctype html><title>Log in</title><input type=password>"),
    "wordpress": (
        Channel.WORDPRESS,
        b'[{"link": "/low", "title": {"rendered": "Low water"}}, {"link": "/high"}]',
    ),
    "sitemap": (Channel.SITEMAP, SITEMAP.encode()),
    "packed sitemap": (Channel.SITEMAP, gzip.compress(SITEMAP.encode(), mtime=0)),
    "listing": (Channel.LISTING, b"<ul><li><a href='/low'>Low water</a></li><li>none</li></ul>"),
    "page without entries": (Channel.LISTING, b"<!doctype html><title>Nothing</title>"),
}


def declared(channel: Channel) -> Source:
    wrapper = Wrapper(item=("li",), link=("a",), title=("a",)) if channel is Channel.LISTING else Wrapper()
    return Source(name="a", url=URL, channel=channel, wrapper=wrapper)


def answered(body: bytes) -> TextResponse:
    return TextResponse(URL, body=body, headers={"Content-Type": "text/html"})


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_read_beside_the_loop_is_what_is_read_on_it(name: str) -> None:
    channel, body = ANSWERS[name]
    beside = asyncio.run(ListingReader().page_in(answered(body), declared(channel), host()))
    assert beside == answers.page_in(answered(body), declared(channel), host())


def reading_by(how: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every page be read as it is, after something else has been done by whoever reads it."""

    def read(*given: Any, **named: Any) -> Page:
        how()
        return read_page(*given, **named)

    monkeypatch.setattr(answers, "read_page", read)


@pytest.mark.parametrize("name", [name for name in ANSWERS if "page" not in name and "cut" not in name])
def test_the_loop_goes_on_while_a_page_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked = threading.Event()
    seen: list[bool] = []
    reading_by(lambda: seen.append(ticked.wait(10)), monkeypatch)
    channel, body = ANSWERS[name]

    async def both() -> Page | tuple[Trouble, str]:
        reading = asyncio.create_task(ListingReader().page_in(answered(body), declared(channel), host()))
        await asyncio.sleep(0)
        ticked.set()
        return await reading

    assert isinstance(asyncio.run(both()), Page)
    assert seen == [True]


def test_no_more_than_two_pages_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may hold a tree of hundreds of megabytes."""
    lock, reading, most = threading.Lock(), [0], [0]
    both = threading.Barrier(AT_ONCE)

    def count() -> None:
        with lock:
            reading[0] += 1
            most[0] = max(most[0], reading[0])
        both.wait(10)  # nobody goes on before there are two
        with lock:
            reading[0] -= 1

    reading_by(count, monkeypatch)

    async def six() -> None:
        reader = ListingReader()
        channel, body = ANSWERS["feed"]
        await asyncio.gather(
            *(reader.page_in(answered(body), declared(channel), host()) for _ in range(3 * AT_ONCE))
        )

    asyncio.run(six())
    assert most == [AT_ONCE]


def test_a_page_that_takes_too_long_is_a_trouble_of_ours_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()
    slow = iter([True, True, True])
    reading_by(lambda: next(slow, False) and ended.wait(60), monkeypatch)
    monkeypatch.setattr(listing_reader, "READING_SECONDS", 0.2)
    channel, body = ANSWERS["feed"]

    async def four() -> Page | tuple[Trouble, str]:
        reader = ListingReader()
        for _ in range(3):  # more than are read at once
            read = await reader.page_in(answered(body), declared(channel), host())
            assert read == (Trouble.CALLBACK, "reading the page took more than 0.2 seconds")
        monkeypatch.setattr(listing_reader, "READING_SECONDS", 60.0)
        return await reader.page_in(answered(body), declared(channel), host())

    assert isinstance(asyncio.run(four()), Page)
    ended.set()


def _ticks(_: object) -> dict[str, Any]:
    """Note, from inside the crawl, how long the event loop ever was away."""
    gaps: list[float] = [0.0]

    async def tick() -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            await asyncio.sleep(0.005)
            gaps[0], before = max(gaps[0], loop.time() - before), loop.time()

    return {"gaps": gaps, "ticking": str(asyncio.get_running_loop().create_task(tick()))}


def test_a_crawl_of_a_large_feed_with_whole_bodies_never_keeps_its_loop_waiting() -> None:
    body = f"<p>{WORDS * 12}</p>" * 5
    items = "".join(
        f"<item><title>Berth {n} is free</title><link>/b/{n}</link><description><![CDATA[{body}]]></description></item>"
        for n in range(900)
    )
    with LocalSite() as site:
        feed = f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>"
        assert len(feed) > 2_500_000
        site.script("/feed", Answer(body=feed, content_type="application/rss+xml"))
        watched = source(site.url("/feed"), channel=Channel.FEED)
        crawled = crawl(plan(watched), inspect=_ticks)
    reading = crawled.readings["site"]
    assert [entry.title for entry in reading.entries] == [f"Berth {n} is free" for n in range(900)]
    assert len(reading.looks) == 900
    assert crawled.facts["gaps"][0] < 0.5  # on the loop it is more than a second on an idle machine

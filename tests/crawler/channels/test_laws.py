"""Laws of all channels: no item is lost in silence, and what is read of mangled documents can be kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from crawler.channels.entries import MAX_ENTRIES
from crawler.channels.listing import MAX_TITLE_CHARS, SUMMARY_CHARS
from crawler.channels.reading import read_page
from news.entry import Page
from news.errors import ExtractionError
from news.source import Channel, Source, Wrapper
from news.urls import fetchable_url, url_key
from tests.crawler.channels.feeds import BASE, PUB, RSS_CHANNEL, RSS_FEATURES, json_feed, rss
from tests.crawler.channels.test_wordpress_and_sitemaps import URLSET, post, url

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
Said = tuple[str, str, str]


def read(body: bytes, channel: Channel) -> Page:
    wrapper = Wrapper(item=("li",), link=("a",), title=("a",)) if channel is Channel.LISTING else Wrapper()
    source = Source(name="tide", url=f"{BASE}list", channel=channel, wrapper=wrapper)
    return read_page(TextResponse(source.url, body=body, encoding="utf-8"), source, now=NOW)


def of_rss(items: Sequence[Said]) -> tuple[Channel, str]:
    def item(link: str, title: str, name: str) -> str:
        guid = f"<guid isPermaLink='false'>{name}</guid>" if name else ""
        return f"<item><title>{title}</title><link>{escape(link)}</link>{guid}</item>"

    said = "".join(item(*one) for one in items)
    return Channel.FEED, f"<rss version='2.0'><channel><title>Tide</title>{said}</channel></rss>"


def of_atom(items: Sequence[Said]) -> tuple[Channel, str]:
    def entry(link: str, title: str, name: str) -> str:
        place = f"<link href='{escape(link)}'/>" if link else ""
        return f"<entry><title>{title}</title>{place}{f'<id>{name}</id>' if name else ''}</entry>"

    return (
        Channel.FEED,
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{''.join(entry(*one) for one in items)}</feed>",
    )


def of_json(items: Sequence[Said]) -> tuple[Channel, str]:
    objects = [{"url": link, "title": title, "id": name} for link, title, name in items]
    return Channel.FEED, json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": objects})


def of_wordpress(items: Sequence[Said]) -> tuple[Channel, str]:
    posts = [{"link": link, "title": {"rendered": title}, "id": name} for link, title, name in items]
    return Channel.WORDPRESS, json.dumps(posts)


def kept_and_told(items: Sequence[Said]) -> tuple[list[Said], int]:
    """Return which items are entries, and how many must be counted, by the words of the decision record."""
    kept: dict[str, Said] = {}
    told = 0
    for link, title, name in items:
        place = link.removeprefix(BASE).removeprefix("/")
        if not link or place in ("#top", "javascript:x"):
            told += 1
        elif place in kept:
            _, first_title, first_name = kept[place]
            told += bool((title and title != first_title) or (name and first_name and name != first_name))
        elif title:
            kept[place] = (link, title, name)
        else:
            told += 1
    return list(kept.values()), told


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from((f"{BASE}low", "/low", "/high", "/ebb", "", "#top", "javascript:x")),
            st.sampled_from(("", "Low water", "High water")),
            st.sampled_from(("", "t1", "t2")),
        ),
        max_size=8,
    )
)
@pytest.mark.parametrize("make", [of_rss, of_atom, of_json, of_wordpress])
def test_every_item_is_an_entry_or_counted_or_was_said_before(
    make: Callable[[Sequence[Said]], tuple[Channel, str]], items: list[Said]
) -> None:
    channel, text = make(items)
    page = read(text.encode(), channel)
    kept, told = kept_and_told(items)
    assert [(entry.title, entry.site_id) for entry in page.entries] == [
        (title, name) for _, title, name in kept
    ]
    assert sum(number for _, number in page.refused) == told


DOCUMENTS: tuple[tuple[Channel, bytes], ...] = (
    (
        Channel.FEED,
        rss(new=PUB + RSS_FEATURES["content:encoded"], channel=RSS_CHANNEL["hours to skip"]).encode(),
    ),
    (Channel.FEED, json_feed(new=', "summary": "The wheel.", "date_published": "2026-11-22"').encode()),
    (Channel.WORDPRESS, json.dumps([post(22), post(21)]).encode()),
    (
        Channel.SITEMAP,
        f"{URLSET}{url('a', title='A', date='2026-11-24')}{url('b', title='B')}</urlset>".encode(),
    ),
    (Channel.SITEMAP, b"https://tide.example/low\nhttps://tide.example/high\n"),
    (
        Channel.LISTING,
        b"<ul><li><a href='/low'>Low</a> 2026-11-22</li><li><a href='/2026/11/20/b'>B</a></li></ul>",
    ),
    (Channel.FEED, b""),
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_document_however_mangled_is_refused_or_gives_what_can_be_kept(data: st.DataObject) -> None:
    channel, whole = data.draw(st.sampled_from(DOCUMENTS))
    body = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 10))):
        place = data.draw(st.integers(0, len(body)))
        put = data.draw(
            st.binary(max_size=6) | st.sampled_from((b"<", b">", b"&", b'"', b"]]>", b"\0", b"{", b"["))
        )
        body[place : place + data.draw(st.integers(0, 5))] = put
    if data.draw(st.booleans()):
        channel = data.draw(st.sampled_from(sorted(Channel)))  # it is not always what it was declared as
    with suppress(ExtractionError):
        can_be_kept(read(bytes(body), channel))


def can_be_kept(page: Page) -> None:
    assert len({entry.key for entry in page.entries}) == len(page.entries) <= MAX_ENTRIES
    assert all(number > 0 for _, number in page.refused)
    assert page.wait_seconds >= 0
    assert all(0 <= hour < 24 for hour in page.skips.hours)
    assert all(0 <= day < 7 for day in page.skips.days)
    for address in (*page.parts, *([page.next_url] if page.next_url else [])):
        assert fetchable_url(address)
    for entry in page.entries:
        assert url_key(fetchable_url(entry.url)) == entry.key
        assert 0 < len(entry.title.strip()) <= MAX_TITLE_CHARS
        assert len(entry.summary) <= SUMMARY_CHARS
        assert all(
            stamp.at.tzinfo is UTC and stamp.at <= NOW + timedelta(days=1)
            for stamp in (entry.published, entry.modified)
            if stamp
        )
        for text in (entry.title, entry.summary, entry.body_html, entry.site_id, *entry.authors):
            assert "\0" not in text
            text.encode()  # without half of a pair of surrogates, which no database takes

"""Attacks on the readers of feeds, posts and sitemaps: refused within bounded memory and time (threats 6 and 7)."""

from __future__ import annotations

import multiprocessing
import resource
import socket
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import pytest
from scrapy.http import TextResponse

from crawler.channels.reading import read_page
from news.entry import Page
from news.errors import ChannelError
from news.source import Channel, Source
from tests.crawler.channels.feeds import BASE, rss

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MEGABYTE = 1024 * 1024


def read(text: str | bytes, channel: Channel = Channel.FEED) -> Page:
    body = text if isinstance(text, bytes) else text.encode()
    source = Source(name="tide", url=f"{BASE}feed", channel=channel)
    return read_page(TextResponse(source.url, body=body, encoding="utf-8"), source, now=NOW)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def billion_laughs() -> bytes:
    return f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>{rss(title="&l11;").partition("?>")[2]}'.encode()


def quadratic_blow_up() -> bytes:
    return f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>{rss(title="&a;" * 50_000).partition("?>")[2]}'.encode()


def a_hundred_thousand_levels() -> bytes:
    return b"<rss>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</rss>"


def a_million_elements() -> bytes:
    return rss(new="<a/>" * MEGABYTE).encode()


def a_hundred_thousand_elements_of_one_item() -> bytes:
    return rss(new="<category>x</category>" * 100_000).encode()


def a_million_entities() -> bytes:
    return rss(new=f"<description><![CDATA[{'&' * 4 * MEGABYTE}]]></description>").encode()


def a_hundred_megabytes() -> bytes:
    return rss(new=f"<description>{'x' * 100 * MEGABYTE}</description>").encode()


def a_json_feed_of_a_hundred_megabytes() -> bytes:
    return b'{"version": "https://jsonfeed.org/version/1.1", "items": ["' + b"x" * 100 * MEGABYTE + b'"]}'


def a_json_feed_of_millions_of_objects() -> bytes:
    return b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + b"{}," * 4_000_000 + b"{}]}"


def a_hundred_thousand_levels_of_json() -> bytes:
    return b'{"items": ' + b"[" * 100_000


def a_hundred_megabytes_of_posts() -> bytes:
    return b'[{"link": "/a", "title": {"rendered": "' + b"x" * 100 * MEGABYTE + b'"}}]'


def a_sitemap_of_a_hundred_megabytes() -> bytes:
    return b"<urlset>" + b"<url><loc>/a</loc></url>" * (100 * MEGABYTE // 24) + b"</urlset>"


def a_packed_sitemap_of_a_gigabyte() -> bytes:
    packer = zlib.compressobj(level=1, wbits=31)
    spaces = b" " * MEGABYTE
    return b"".join(packer.compress(spaces) for _ in range(1_024)) + packer.flush()


def a_hundred_megabytes_of_addresses() -> bytes:
    return b"https://tide.example/a\n" * (100 * MEGABYTE // 23)


@pytest.mark.parametrize(
    ("make", "channel", "reason"),
    [
        (billion_laughs, Channel.FEED, "entities"),
        (quadratic_blow_up, Channel.FEED, "entities"),
        (a_hundred_thousand_levels, Channel.FEED, "too-deep"),
        (a_million_elements, Channel.FEED, "too-large"),
        (a_hundred_thousand_elements_of_one_item, Channel.FEED, "too-large"),
        (a_million_entities, Channel.FEED, "too-large"),
        (a_hundred_megabytes, Channel.FEED, "too-large"),
        (a_json_feed_of_a_hundred_megabytes, Channel.FEED, "too-large"),
        (a_json_feed_of_millions_of_objects, Channel.FEED, "too-large"),
        (a_hundred_thousand_levels_of_json, Channel.FEED, "too-deep"),
        (a_hundred_megabytes_of_posts, Channel.WORDPRESS, "too-large"),
        (a_sitemap_of_a_hundred_megabytes, Channel.SITEMAP, "too-large"),
        (a_packed_sitemap_of_a_gigabyte, Channel.SITEMAP, "too-large"),
        (a_hundred_megabytes_of_addresses, Channel.SITEMAP, "too-large"),
        (billion_laughs, Channel.SITEMAP, "entities"),
        (a_hundred_thousand_levels, Channel.SITEMAP, "too-deep"),
    ],
)
def test_an_attack_is_refused_within_bounded_memory_and_time(
    make: Callable[[], bytes], channel: Channel, reason: str
) -> None:
    """Measured in a process of its own, beside what the body itself takes; the time is that of the processor."""
    said, grown, seconds = measured(make, channel)
    assert said == reason
    assert grown < 500 * MEGABYTE
    assert seconds < 10


def test_a_feed_just_within_its_bounds_is_read_within_them_too() -> None:
    said, grown, seconds = measured(a_feed_at_its_bounds, Channel.FEED)
    assert said == "1000 entries"
    assert grown < 500 * MEGABYTE
    assert seconds < 30


def a_feed_at_its_bounds() -> bytes:
    body = "<p>The <b>wheel</b> of the mill turns again since this very morning.</p>" * 190
    items = "".join(
        f"<item><title>{n}</title><link>/{n}</link><description><![CDATA[{body}]]></description></item>"
        for n in range(1_000)
    )
    return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()


def measured(make: Callable[[], bytes], channel: Channel) -> tuple[str, int, float]:
    """Return what came of reading, how many bytes the process grew, and the seconds of processor that it took."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_attacked, args=(make(), channel, sender))
    child.start()
    sender.close()
    assert receiver.poll(120), "it hangs"
    found: tuple[str, int, float] = receiver.recv()
    child.join(10)
    return found


def _attacked(body: bytes, channel: Channel, sender: Connection) -> None:
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        said = f"{len(read(body, channel).entries)} entries"
    except ChannelError as error:
        said = error.reason
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    sender.send((said, grown, time.process_time() - begin))
    sender.close()


@pytest.mark.parametrize("piece", ["<a href='", '<a href="', "<a href=", "<p a=1 b"])
def test_markup_that_is_never_closed_takes_time_that_grows_with_its_length_alone(piece: str) -> None:
    """feedparser's own parser of HTML takes minutes for some of them; a feed of news is read in a few milliseconds."""
    body = piece * (1_500_000 // len(piece))
    begin = time.process_time()
    page = read(rss(new=f"<description><![CDATA[{body}]]></description>"))
    assert len(page.entries) == 2
    assert time.process_time() - begin < 3


@pytest.mark.parametrize("form", ['<!ENTITY x SYSTEM "{url}">', '<!ENTITY % x SYSTEM "{url}"> %x;'])
def test_an_external_entity_reaches_nobody(form: str) -> None:
    """Threat 7: a listener on loopback hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hits: list[int] = []
        listener.settimeout(0.3)

        def listen() -> None:
            try:
                listener.accept()
                hits.append(1)
            except OSError:
                return

        hearing = threading.Thread(target=listen)
        hearing.start()
        entity = form.format(url=f"http://127.0.0.1:{listener.getsockname()[1]}/x")
        with suppress(ChannelError):
            read(f"<!DOCTYPE rss [{entity}]>{rss(title='&x;').partition('?>')[2]}")
        hearing.join()
        assert hits == []


def test_a_file_of_ours_never_stands_in_an_item() -> None:
    entity = '<!ENTITY x SYSTEM "file:///etc/hostname">'
    with pytest.raises(ChannelError):
        read(f"<!DOCTYPE rss [{entity}]>{rss(title='&x;').partition('?>')[2]}")

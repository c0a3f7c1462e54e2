"""What is fuzzed: each target draws something that the world could send, and holds what must be true of the answer.

A target lets no error through but those of `news.errors`, and needs at most `SECONDS` of the processor's time.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from scrapy.http import TextResponse

from crawler.channels.reading import read_page
from crawler.failures import RefusedAddress
from crawler.gate import Gate, named_endpoint
from crawler.opml import read_opml
from crawler.recordings.find import open_recording
from crawler.recordings.manifest import MANIFEST
from crawler.recordings.model import Recording
from crawler.recordings.warc import write_warc
from news.addresses import why_blocked
from news.errors import ExtractionError, RecordingError, TidingsError, UrlError
from news.source import Channel, Source, Wrapper
from news.urls import canonical_url, endpoint_of, fetchable_url, host_key, shown_url, url_key
from tests.crawler.channels.test_laws import DOCUMENTS, can_be_kept
from tests.recordings.shapes import small_recording

SECONDS = 5.0
MAX_BYTES = 2_000_000
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Target:
    """One reader: what it is given, and what is asked of it."""

    name: str
    given: st.SearchStrategy[Any]
    ask: Callable[[Any], None]


@contextmanager
def in_time() -> Generator[None]:
    """Fail when the block needs more of the processor's time than a reader may take."""
    begin = time.process_time()
    yield
    took = time.process_time() - begin
    assert took < SECONDS, f"it took {took:.1f} s"


# ------------------------------------------------------------------------------------------- the gate

_ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
    st.ip_addresses(v=4).map(lambda address: f"64:ff9b::{address}"),
    st.integers(0, 2**32 - 1).map(lambda number: f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"),
    st.sampled_from(
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "93.184.215.14", "", "x"]
    ),
)
_PIECES = st.one_of(
    st.sampled_from("http https :// // / \\ @ : . ? # [ ] % %2f %40 %00 ;x= & \t \r\n 80 0x7f 127.1".split(" ")),
    st.sampled_from("\u3002\uff0f"),
    st.sampled_from(["public.example", "10.0.0.1", "[::1]", "localhost", "xn--", "a" * 70, "é", "\u202e", "\ud800"]),
    _ADDRESSES,
    st.text(max_size=4),
)  # fmt: skip
URLS = st.tuples(
    st.sampled_from(["", "http://", "HTTPS://", "http://public.example", "//"]),
    st.lists(_PIECES, max_size=10).map("".join),
).map("".join)


def ask_gate(given: tuple[str, list[str], int]) -> None:
    """Whatever an address is and wherever its name leads: it is refused, or nothing blocked is given out."""
    url, answers, port = given

    async def resolve(host: str) -> tuple[str, ...]:
        return tuple(answers)

    for read in (canonical_url, fetchable_url, host_key, shown_url, url_key):
        with suppress(UrlError):
            read(url)
    with suppress(RefusedAddress):
        named_endpoint(url, port)
    try:
        endpoint = endpoint_of(url)
    except UrlError:
        return
    try:
        found = asyncio.run(Gate(resolve).addresses(endpoint.host, endpoint.port))
    except (RefusedAddress, OSError):
        return
    assert found
    assert all(why_blocked(address) is None for address in found), (url, found)


GATE = Target(
    name="gate",
    given=st.tuples(URLS, st.lists(_ADDRESSES, max_size=4), st.integers(-1, 70_000)),
    ask=ask_gate,
)

# ---------------------------------------------------------------------------------- feeds and their like

_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["https://tide.example/a", "//x", "javascript:x", "http://[", "2026-11-22", "Sun, 22 Nov 2026 08:00:00 GMT",
         "2026-13-45T99:99:99Z", "0000-00-00T00:00:00", "99999999999999999999", "-1", "NaN", "&#0;", "&lt;b&gt;",
         "\x00", "\ud800", "\u202e", "<![CDATA[x]]>", "]]>", "<p>x", "<a href='", "1e400", " " * 300, "é" * 300]
    ),
)  # fmt: skip
_JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), _TEXTS,
        st.sampled_from([10**400, -0.0, "https://jsonfeed.org/version/1.1"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                "version items url id title rendered link content_html content_text date_published date_modified "
                "authors author name language tags excerpt content date_gmt modified_gmt date slug type status "
                "external_url summary attachments _embedded guid protected".split()
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=25,
)  # fmt: skip
_NAMES = st.sampled_from(
    "rss channel item title link description guid pubDate feed entry id updated published content summary author "
    "name content:encoded dc:date dc:creator media:content itunes:x ttl skipHours hour skipDays day rdf:RDF li "
    "urlset url loc lastmod news:news news:title news:publication_date sitemapindex sitemap atom:link div p "
    "opml body outline head".split()
)
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        "href rel type isPermaLink xml:base xml:lang version xmlns xmlns:dc xmlUrl text url encoding".split()
    ),
    _TEXTS.map(lambda text: text.replace("<", "&lt;").replace("'", "").replace("\x00", "")),
    max_size=3,
)


def _element(name: str, attributes: dict[str, str], inside: list[str], *, closed: bool) -> str:
    said = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<{name}{said}>{''.join(inside)}" + (f"</{name}>" if closed else "")


_TREES = st.recursive(
    _TEXTS,
    lambda inner: st.builds(
        _element, _NAMES, _ATTRIBUTES, st.lists(inner, max_size=5), closed=st.integers(0, 30).map(bool)
    ),
    max_leaves=40,
)
_ROOTS = st.sampled_from(
    ["<rss version='2.0'><channel>{}</channel></rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>{}</feed>",
     "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>", "<sitemapindex>{}</sitemapindex>",
     "<rdf:RDF>{}</rdf:RDF>", "<?xml version='1.0' encoding='utf-16'?>{}", "{}", "<html><ul>{}</ul></html>",
     "<!DOCTYPE x [<!ENTITY a 'b'>]><rss><channel>{}&a;</channel></rss>"]
)  # fmt: skip


@st.composite
def mangled(draw: st.DrawFn, wholes: tuple[bytes, ...]) -> bytes:
    """Draw a document in which pieces were overwritten, repeated, taken out, or that was cut."""
    body = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(body)))
        taken = draw(st.integers(0, 40))
        put = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from(
                    (b"<", b">", b"&", b'"', b"]]>", b"\0", b"{", b"[", b"\r\n", b"\xff\xfe", b"9" * 30)
                ),
                st.just(bytes(body[place : place + taken]) * 3),
            )
        )
        body[place : place + taken] = put
        del body[MAX_BYTES:]
    return bytes(body)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


FEED_BODIES = st.one_of(
    mangled(tuple(body for _, body in DOCUMENTS)),
    st.tuples(_ROOTS, st.lists(_TREES, max_size=4).map("".join)).map(
        lambda pair: _encoded(pair[0].replace("{}", pair[1]))
    ),
    _JSON.map(lambda value: _encoded(json.dumps(value))),
    _JSON.map(lambda value: _encoded(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [value]}))),
    _JSON.map(lambda value: _encoded(json.dumps([value], ensure_ascii=False))),
    st.binary(max_size=200),
)  # fmt: skip


def ask_feeds(given: tuple[bytes, Channel, str]) -> None:
    """A document is refused by name, or gives what can be kept, through whichever channel it comes."""
    body, channel, kind = given
    wrapper = Wrapper(item=("li",), link=("a",), title=("a",)) if channel is Channel.LISTING else Wrapper()
    source = Source(name="tide", url="https://tide.example/list", channel=channel, wrapper=wrapper)
    response = TextResponse(source.url, body=body, headers={"Content-Type": kind}, encoding="utf-8")
    with in_time(), suppress(ExtractionError):
        can_be_kept(read_page(response, source, now=NOW))
    with in_time(), suppress(TidingsError):
        read_opml(body)


FEEDS = Target(
    name="feeds",
    given=st.tuples(
        FEED_BODIES,
        st.sampled_from(sorted(Channel)),
        st.sampled_from(
            ["text/xml", "application/json", "application/rss+xml; charset=utf-16", "", "text/html"]
        ),
    ),
    ask=ask_feeds,
)

# ------------------------------------------------------------------------------------------ recordings

_MANIFESTS = (
    b"""schema = 1
clock = 2026-11-20T08:00:00Z
sources = ["port-en"]
definitions = "definitions.toml"

[[answers]]
url = "https://port.example/"
status = 200
headers = [["Content-Type", "text/html"]]
file = "a.html"

[[answers]]
url = "https://port.example/x"
method = "HEAD"
at = 2026-11-20T08:00:01Z
error = "timeout"
""",
    b"""schema = 1
clock = 2026-11-20T08:00:00Z
sources = []

[discovery]
url = "https://port.example/"
channels = ["feed"]
language = "en"
browser = false

[[answers]]
url = "https://port.example/"
body = "x"
""",
)


def _written(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_warc(small_recording(), path)
        return path.read_bytes()


_WARCS = (_written("a.warc"), _written("a.warc.gz"))


def ask_recordings(given: tuple[str, bytes]) -> None:
    """A file is refused by name, or gives a recording that says what was asked."""
    name, data = given
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "series" / "one"
        inside.mkdir(parents=True)
        path = inside / name
        path.write_bytes(data)
        if name == MANIFEST:
            (inside / "a.html").write_bytes(b"<html>")
            (inside / "definitions.toml").write_bytes(b"")
        with in_time(), suppress(RecordingError):
            can_be_replayed(open_recording(path, max_total_bytes=10 * MAX_BYTES))


def can_be_replayed(recording: Recording) -> None:
    """Hold what a replay relies on."""
    assert recording.clock.tzinfo is UTC
    for answer in recording.answers:
        assert answer.url.lower().startswith(("http://", "https://"))
        assert "\n" not in answer.url
        assert bool(answer.error) != bool(answer.status)
        assert answer.at.tzinfo is UTC


def _manifests() -> st.SearchStrategy[tuple[str, bytes]]:
    return mangled(_MANIFESTS).map(lambda data: (MANIFEST, data))


def _warcs() -> st.SearchStrategy[tuple[str, bytes]]:
    return st.tuples(st.sampled_from(["a.warc", "a.warc.gz"]), mangled(_WARCS) | st.binary(max_size=100))


RECORDINGS = Target(name="recordings", given=st.one_of(_manifests(), _warcs()), ask=ask_recordings)

TARGETS = (GATE, FEEDS, RECORDINGS)


def named(names: list[str]) -> Iterator[Target]:
    """Yield the targets of these names, all where there are none."""
    yield from (target for target in TARGETS if not names or target.name in names)

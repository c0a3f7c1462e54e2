"""Lists of feeds: read whoever wrote them, refused where they are hostile, and read back as they were written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from crawler.opml import MAX_BYTES, MAX_OUTLINES, Outline, read_opml, write_opml
from news.errors import ChannelError
from news.text import normalise_title, truncate
from tests.digest.test_hostile import PAYLOADS, URLS

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
LIST = """\
<?xml version="1.0" encoding="{encoding}"?>
<opml version="1.0"><head><title>Mine</title></head><body>
  <outline text="Région">
    <outline text="Été &amp; hiver" type="rss" xmlUrl="https://one.example/feed?a=1&amp;b=2" htmlUrl="https://one.example/"
      language="fr"/>
    <outline title="Only a title" xmlurl=" https://two.example/rss "/>
    <outline text="Again" xmlUrl="https://two.example/rss"/>
  </outline>
  <outline text="A page" type="link" url="https://three.example/news/"/>
  <outline text="" xmlUrl="https://four.example/atom" htmlUrl="javascript:alert(1)"/>
  <outline text="A note"/>
</body></opml>
"""


def of(body: str, *, root: str = "opml") -> bytes:
    return f'<?xml version="1.0"?><{root} version="2.0"><head/><body>{body}</body></{root}>'.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_folders_are_flattened_and_each_address_is_listed_once(encoding: str) -> None:
    assert read_opml(LIST.format(encoding=encoding).encode(encoding)).outlines == (
        Outline(
            title="Été & hiver", feed_url="https://one.example/feed?a=1&b=2", page_url="https://one.example/",
            language="fr",
        ),
        Outline(title="Only a title", feed_url="https://two.example/rss"),
        Outline(title="A page", page_url="https://three.example/news/"),
        Outline(title="https://four.example/atom", feed_url="https://four.example/atom"),
    )  # fmt: skip


@pytest.mark.parametrize("url", [*URLS[:10], "ftp://a.example/feed", "feed:x", "http://u:p@a.example/feed"])
def test_threat_4_what_is_no_web_address_is_left_out_and_told(url: str) -> None:
    body = etree.Element("outline", {"text": "x", "xmlUrl": "".join(c for c in url if c >= " ")})
    found = read_opml(of(etree.tostring(body, encoding="unicode")))
    assert found.outlines == ()
    assert len(found.refused) == 1


def bomb(levels: int = 9) -> bytes:
    entities = ['<!ENTITY a0 "laugh">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels + 1)]
    return (
        f'<?xml version="1.0"?><!DOCTYPE opml [{"".join(entities)}]><opml><body>'
        f'<outline text="&a{levels};" xmlUrl="https://a.example/"/></body></opml>'
    ).encode()


HOSTILE = {
    "entities": bomb(),
    "a file": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>'
              b'<outline text="&a;" xmlUrl="https://a.example/"/></body></opml>',
    "too large": of(" " * MAX_BYTES),
    "too many marks": of("<a/>" * 250_000),
    "too many outlines": of("".join(
        f'<outline text="x" xmlUrl="https://a.example/{n}"/>' for n in range(MAX_OUTLINES + 1)
    )),
    "too deep": of("<outline>" * 100_000 + "</outline>" * 100_000),
    "cut off": of('<outline text="x" xmlUrl="https://a.example/"/>')[:-20],
    "a feed": of("", root="rss"),
    "a page": b"<!doctype html><html><body><p>Hello</body></html>",
    "empty": b"",
    "JSON": b"{}",
    "noise": bytes(range(256)),
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_threat_7_a_hostile_list_is_refused(data: bytes) -> None:
    with pytest.raises(ChannelError):
        read_opml(data)


@settings(deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(of))
def test_whatever_the_bytes_are_they_are_read_or_refused(data: bytes) -> None:
    try:
        found = read_opml(data)
    except ChannelError:
        return
    assert all(outline.title and (outline.feed_url or outline.page_url) for outline in found.outlines)


@settings(deadline=None)
@given(st.lists(st.text(max_size=60) | st.sampled_from(sorted(PAYLOADS.values())), max_size=5))
def test_a_list_reads_back_as_it_was_written(titles: list[str]) -> None:
    written = [
        Outline(
            title=title, feed_url=f"https://a.example/{n}", page_url=f"https://a.example/{n}/p", language="ar"
        )
        for n, title in enumerate(titles)
    ]
    text = write_opml("A list", written, at=NOW)
    root = etree.fromstring(text.encode())
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/dateCreated") == "Sun, 22 Nov 2026 07:05:00 GMT"
    assert all(node.get("text") and node.get("type") == "rss" for node in root.iter("outline"))
    found = read_opml(text.encode())
    assert found.refused == ()
    shown = [
        truncate(normalise_title(title), 300) or f"https://a.example/{n}" for n, title in enumerate(titles)
    ]
    assert [outline.title for outline in found.outlines] == shown
    assert [(o.feed_url, o.page_url, o.language) for o in found.outlines] == [
        (o.feed_url, o.page_url, o.language) for o in written
    ]

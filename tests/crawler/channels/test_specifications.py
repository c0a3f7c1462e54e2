"""What the specifications allow, one feature a row: RSS 0.90 to 2.0, Atom (RFC 4287), JSON Feed, dates, encodings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.http import TextResponse

from crawler.channels.reading import read_page
from news.dates import Precision, Stamp
from news.entry import Page
from news.source import Channel, Source
from tests.crawler.channels.feeds import BASE, LONG, NEW, atom, json_feed, rdf, rss

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CONTENT, DC = "http://purl.org/rss/1.0/modules/content/", "http://purl.org/dc/elements/1.1/"
ATOM, MILL = "http://www.w3.org/2005/Atom", f"{BASE}mill"
RELATIVE = atom().replace(f'href="{BASE}', 'href="')


def read(text: str | bytes, content_type: str = "application/xml") -> Page:
    body = text if isinstance(text, bytes) else text.encode()
    source = Source(name="tide", url=f"{BASE}feed", channel=Channel.FEED)
    return read_page(
        TextResponse(source.url, body=body, headers={"Content-Type": content_type}), source, now=NOW
    )


def prefixed(text: str, namespace: str, names: str) -> str:
    """Return a feed whose own elements bear a prefix instead of standing in the default namespace."""
    text = text.replace(f'xmlns="{namespace}"', f'xmlns:p="{namespace}"')
    for name in names.split():
        for end in " >/":
            text = text.replace(f"<{name}{end}", f"<p:{name}{end}")
        text = text.replace(f"</{name}>", f"</p:{name}>")
    return text


# --------------------------------------------------------------------------------------------- addresses


def linked(*links: str) -> str:
    return atom().replace(f'<link href="{MILL}"/>', "".join(f"<link {link}/>" for link in links))


def guided(guid: str) -> str:
    return rss(new=guid).replace(f"<link>{MILL}</link>", "")


ADDRESSES = {
    "rss in a namespace of its own": (rss().replace("<rss ", '<rss xmlns="http://backend.userland.com/rss2" '), MILL),
    "rss 1.0 with a prefix": (prefixed(rdf(), "http://purl.org/rss/1.0/", "channel item title link"), MILL),
    "atom with a prefix": (prefixed(atom(), ATOM, "feed entry title link id"), MILL),
    "a link in a section, between blanks": (
        rss().replace(f"<link>{MILL}</link>", f"<link>\n <![CDATA[ {MILL} ]]>\n</link>"),
        MILL,
    ),
    "a relative link of rss": (rss().replace(f"<link>{MILL}", "<link>/mill"), MILL),
    "two links of rss": (rss(new=f"<link>{BASE}other</link>"), MILL),
    "an empty link beside one of atom": (
        rss(new=f'<atom:link rel="alternate" href="{MILL}"/>').replace(f"<link>{MILL}</link>", "<link/>"),
        MILL,
    ),
    "a link of atom to the item itself": (rss(new=f'<atom:link rel="self" href="{MILL}.xml"/>'), MILL),
    "a guid that is a permalink by default": (guided(f"<guid>{MILL}</guid>"), MILL),
    "a guid that says so, between blanks": (guided(f"<guid isPermaLink='true'>\n {MILL} </guid>"), MILL),
    "a base of the feed and one of the entry": (
        RELATIVE.replace("<feed ", '<feed xml:base="/news/" ').replace("<entry>", '<entry xml:base="2026/">'),
        f"{BASE}news/2026/mill",
    ),
    "a base of the link": (RELATIVE.replace('<link href="mill"', '<link xml:base="/x/" href="mill"'), f"{BASE}x/mill"),
    "other relations first": (
        linked(f'rel="self" href="{MILL}.atom"', f'rel="edit" href="{BASE}e"', f'rel="alternate" href="{MILL}"'),
        MILL,
    ),
    "an enclosure first": (linked(f'rel="enclosure" type="image/png" href="{BASE}m.png"', f'href="{MILL}"'), MILL),
    "a file before the page": (
        linked(
            f'rel="alternate" type="application/pdf" href="{MILL}.pdf"', f'type="text/html" href="{MILL}"'
        ),
        MILL,
    ),
    "a file alone": (linked(f'rel="alternate" type="application/pdf" href="{MILL}.pdf"'), f"{MILL}.pdf"),
    "two languages": (
        linked(f'rel="alternate" hreflang="en" href="{MILL}"', f'rel="alternate" hreflang="fr" href="{BASE}moulin"'),
        MILL,
    ),
    "a relation written out": (
        linked(f'rel="http://www.iana.org/assignments/relation/alternate" href="{MILL}"'),
        MILL,
    ),
    "related pages alone": (linked('rel="related" href="https://a.example/"', 'rel="via" href="https://b.ex/"'), ""),
    "an enclosure alone": (linked(f'rel="enclosure" type="audio/mpeg" href="{BASE}m.mp3"'), ""),
    "json: an external address alone": (json_feed().replace(f'"url": "{MILL}"', f'"external_url": "{MILL}"'), MILL),
    "json: an identity that is an address": (
        json_feed().replace(f'"id": "1", "url": "{MILL}"', f'"id": "{MILL}"'),
        MILL,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_item_has_its_own_address(name: str) -> None:
    text, expected = ADDRESSES[name]
    page = read(text)
    assert page.entries[0].url == (expected or f"{BASE}bench")
    assert len(page.entries) == 1 + bool(expected)
    assert page.refused == (() if expected else (("no link", 1),))


# ----------------------------------------------------------------------------------------- titles, texts


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&amp;T", "AT&T"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("<![CDATA[Fish & chips]]>", "Fish & chips"),
        ("<![CDATA[Fish &amp; chips]]>", "Fish & chips"),
        ("&lt;b&gt;Bold&lt;/b&gt; news", "Bold news"),
        ("<b>Bold</b> news", "Bold news"),
        ("1 &lt; 2 and 3 &gt; 2", "1 < 2 and 3 > 2"),
        ("Use of &lt;blink&gt; in HTML", "Use of <blink> in HTML"),
        ("&amp;#8220;Quoted&amp;#8221;", "“Quoted”"),
        ("&#x201C;Quoted&#8221;", "“Quoted”"),
        ("Two\n   lines", "Two lines"),
    ],
)
def test_a_title_of_rss_is_read_as_people_read_it(written: str, title: str) -> None:
    assert read(rss(title=written)).entries[0].title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('<title type="text">AT&amp;T &lt;3</title>', "AT&T <3"),
        ("<title>a &lt;b&gt; c</title>", "a <b> c"),
        ('<title type="html">AT&amp;amp;T</title>', "AT&T"),
        ('<title type="html"><![CDATA[The <b>tide</b> mill &amp; co]]></title>', "The tide mill & co"),
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The <b>tide</b> mill</div></title>',
            "The tide mill",
        ),
        ("<title/>", "Some words of it."),
        ("", "Some words of it."),
    ],
)
def test_a_title_of_atom_is_what_its_type_says(written: str, title: str) -> None:
    text = atom(new='<content type="html">&lt;p&gt;Some words of it.&lt;/p&gt;</content>')
    assert read(text.replace(f"<title>{NEW}</title>", written)).entries[0].title == title


WORDS = "The wheel was lowered into the water this morning. " * 8


@pytest.mark.parametrize(
    ("text", "summary", "body"),
    [
        (rss(new=f'<c:encoded xmlns:c="{CONTENT}">{LONG}</c:encoded>'), "The wheel was", "<p>The wheel was"),
        (rss(new="<content:encoded/><description>Words.</description>"), "Words.", ""),
        (
            rss(new=f"<description>Short.</description><content:encoded>{LONG}</content:encoded>"),
            "Short.",
            "<p>The wheel was",
        ),
        (atom(new=f'<content type="text/plain">{WORDS}</content>'), "The wheel was", "<p>The wheel was"),
        (atom(new=f'<content type="text/html">{LONG}</content>'), "The wheel was", "<p>The wheel was"),
        (atom(new=f'<content type="image/png">{"aGVsbG8gd29ybGQg" * 40}</content>'), "", ""),
        (atom(new='<content type="image/png" src="/m.png"/><summary>Words.</summary>'), "Words.", ""),
        (
            atom(
                new='<summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Wor<i>ds</i>.</div></summary>'
            ),
            "Words.",
            "",
        ),
        (json_feed(new=f', "content_text": "{WORDS}", "summary": "Words."'), "Words.", "<p>The wheel was"),
    ],
)
def test_a_text_is_the_summary_or_the_body_as_its_place_and_type_say(
    text: str, summary: str, body: str
) -> None:
    entry = read(text).entries[0]
    assert entry.summary.startswith(summary)
    assert bool(entry.summary) is bool(summary)
    assert entry.body_html.startswith(body)
    assert bool(entry.body_html) is bool(body)


@pytest.mark.parametrize(
    ("new", "image"),
    [
        (
            (
                '<enclosure url="https://tide.example/m.mp3" type="audio/mpeg" length="1"/>'
                '<enclosure url="https://tide.example/m.jpg" type="image/jpeg" length="1"/>'
            ),
            f"{BASE}m.jpg",
        ),
        (
            (
                '<media:group><media:content url="https://tide.example/v.mp4" type="video/mp4"/>'
                '<media:thumbnail url="https://tide.example/t.jpg"/></media:group>'
            ),
            f"{BASE}t.jpg",
        ),
        ('<enclosure url="https://tide.example/m.mp3" type="audio/mpeg" length="1"/>', ""),
    ],
)
def test_of_several_enclosures_the_picture_is_the_image(new: str, image: str) -> None:
    assert read(rss(new=new)).entries[0].image_url == image


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (atom().replace("<feed ", '<feed xml:lang="fr" '), "fr"),
        (rss(channel="<language>en-gb</language>"), "en-GB"),
        (rss(channel=f'<d:language xmlns:d="{DC}">ar</d:language>'), "ar"),
        (json_feed(feed=', "language": "de-DE"'), "de-DE"),
        (rss(), ""),
    ],
)
def test_a_feed_says_its_language(text: str, language: str) -> None:
    assert read(text).language == language


@pytest.mark.parametrize(
    "text",
    [
        "<rss version='2.0'><channel><title>x</title></channel></rss>",
        f"<feed xmlns='{ATOM}'><title>x</title></feed>",
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/>'
            "</rdf:RDF>"
        ),
        '{"version": "https://jsonfeed.org/version/1.1", "items": []}',
    ],
)
def test_a_feed_without_items_is_empty_and_no_error(text: str) -> None:
    page = read(text)
    assert (page.entries, page.refused) == ((), ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("?>", '?><?xml-stylesheet type="text/xsl" href="x.xsl"?>'),
        ('"1.0"?', '"1.1"?'),
        ('"1.0"?', '"1.0" standalone="yes"?'),
        ("?>", '?><!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY % x PUBLIC "-//W3C//X" "x.ent">]>'),
    ],
)
def test_what_stands_before_the_root_changes_nothing(old: str, new: str) -> None:
    plain = rss(new="<description>a b</description>")
    assert read(plain.replace(old, new, 1)) == read(plain)


# ------------------------------------------------------------------------------------------------- dates

MORNING, DAY = datetime(2026, 11, 22, 8, 30, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
RFC_822 = {
    "Sun, 22 Nov 2026 08:30:00 GMT": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 08:30:00 UT": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 08:30:00 Z": (MORNING, Precision.SECOND),
    "22 Nov 2026 09:30:00 +0100": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 09:30:00 +01:00": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 09:30:00 GMT+1": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 09:30:00 CET": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 03:30:00 EST": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 00:30:00 PST": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026  08:30:00  +0000 (UTC)": (MORNING, Precision.SECOND),
    "Sunday, 22 November 2026 08:30:00 GMT": (MORNING, Precision.SECOND),
    "Thu, 22 Nov 2026 08:30:00 GMT": (MORNING, Precision.SECOND),  # the wrong weekday
    "dim., 22 nov. 2026 09:30:00 +0100": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026 08:30 GMT": (MORNING, Precision.MINUTE),
    "Sun Nov 22 08:30:00 UTC 2026": (MORNING, Precision.SECOND),
    "Sun, 22 Nov 2026": (DAY, Precision.DAY),
    "2026-11-22 08:30:00": (MORNING, Precision.SECOND),
}
RFC_3339 = {
    "2026-11-22T08:30:00Z": (MORNING, Precision.SECOND),
    "2026-11-22t08:30:00z": (MORNING, Precision.SECOND),
    "2026-11-22T09:30:00+01:00": (MORNING, Precision.SECOND),
    "2026-11-22T09:30:00+0100": (MORNING, Precision.SECOND),
    "2026-11-22T08:30:00-00:00": (MORNING, Precision.SECOND),
    "2026-11-22T08:30:00.5Z": (MORNING.replace(microsecond=500_000), Precision.SECOND),
    "2026-11-22T08:30:60Z": (MORNING.replace(second=59), Precision.SECOND),  # a leap second
    "20261122T083000Z": (MORNING, Precision.SECOND),
    "2026-11-22T08:30Z": (MORNING, Precision.MINUTE),
    "2026-11-22": (DAY, Precision.DAY),
    "2026-11": (datetime(2026, 11, 1, tzinfo=UTC), Precision.MONTH),
    "2026": (datetime(2026, 1, 1, tzinfo=UTC), Precision.YEAR),
}


@pytest.mark.parametrize("written", RFC_822)
def test_a_date_of_rss_is_read_in_all_its_forms(written: str) -> None:
    at, precision = RFC_822[written]
    expected = Stamp(at=at, precision=precision, provenance="feed")
    assert read(rss(new=f"<pubDate>{written}</pubDate>")).entries[0].published == expected


@pytest.mark.parametrize("written", RFC_3339)
def test_a_date_of_atom_json_and_dublin_core_is_read_in_all_its_forms(written: str) -> None:
    at, precision = RFC_3339[written]
    expected = Stamp(at=at, precision=precision, provenance="feed")
    for text in (
        atom(new=f"<published>{written}</published>"),
        rss(new=f'<d:date xmlns:d="{DC}">{written}</d:date>'),
        json_feed(new=f', "date_published": "{written}"'),
    ):
        assert read(text).entries[0].published == expected


@pytest.mark.parametrize("written", ["2026-W47-7", "2026-326", "2026-13-01", "Sun, 31 Nov 2026 08:30:00 GMT"])
def test_a_date_that_cannot_be_read_is_none(written: str) -> None:
    assert read(atom(new=f"<published>{written}</published>")).entries[0].published is None


# --------------------------------------------------------------------------------------------- encodings

FRENCH, ARABIC, RUSSIAN = "Le moulin à marée", "عودة الطاحونة", "Приливная мельница"


@pytest.mark.parametrize(
    ("codec", "declared", "title"),
    [
        ("utf-8", None, ARABIC),
        ("utf-8", "UTF8", ARABIC),
        ("utf-8", "us-ascii", ARABIC),
        ("utf-8", "nonsense", ARABIC),
        ("utf-8-sig", "iso-8859-1", ARABIC),
        ("utf-16", "utf-16", ARABIC),
        ("utf-16-le", "utf-8", ARABIC),
        ("utf-16-be", "utf-16", ARABIC),
        ("utf-32", "utf-32", ARABIC),
        ("windows-1256", "windows-1256", ARABIC),
        ("koi8-r", "koi8-r", RUSSIAN),
        ("windows-1251", "windows-1251", RUSSIAN),
        ("shift_jis", "shift_jis", "潮の水車"),
        ("euc-jp", "euc-jp", "潮の水車"),
        ("gbk", "gb2312", "潮汐磨坊"),
        ("big5", "big5", "潮汐磨坊"),
        ("windows-1252", "iso-8859-1", "Prix : 5 € « œuf »"),
        ("windows-1252", "utf-8", FRENCH),
        ("iso-8859-15", "iso-8859-15", "Prix : 5 €"),
    ],
)
def test_a_feed_is_read_in_its_own_encoding(codec: str, declared: str | None, title: str) -> None:
    text = rss(title=title)
    if declared:
        text = text.replace('version="1.0"?', f'version="1.0" encoding="{declared}"?')
    assert read(text.encode(codec)).entries[0].title == title


@pytest.mark.parametrize(
    ("content_type", "codec", "declared"),
    [
        ("application/rss+xml; charset=windows-1251", "windows-1251", None),
        ("text/xml; charset=utf-8", "utf-8", "windows-1251"),
        ("text/xml; charset=iso-8859-1", "utf-8", "utf-8"),
        ("text/xml; charset=us-ascii", "utf-8", "utf-8"),
        ("text/html; charset=utf-8", "windows-1251", "windows-1251"),
        ("text/xml", "windows-1251", "windows-1251"),
    ],
)
def test_the_bytes_win_over_a_header_that_cannot_be_right(
    content_type: str, codec: str, declared: str | None
) -> None:
    text = rss(title=RUSSIAN)
    if declared:
        text = text.replace('version="1.0"?', f'version="1.0" encoding="{declared}"?')
    assert read(text.encode(codec), content_type).entries[0].title == RUSSIAN


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_json_feed_is_read_in_its_own_encoding(codec: str) -> None:
    assert read(json_feed().replace(NEW, ARABIC).encode(codec)).entries[0].title == ARABIC

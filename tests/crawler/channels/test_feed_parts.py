"""Well-formed feeds with elements that feedparser would take amiss: the right items, in bounded time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from crawler.channels.reading import read_page
from news.entry import Page
from news.source import Channel, Source
from tests.crawler.channels.feeds import ATOM_FEATURES, BASE, atom, rdf, rss

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SENTENCE = "The wheel was lowered into the water this morning. "
# What feedparser calls its own tables and states, and what it has methods for.
NAMES = (
    "authors links link tags contributors author publisher source sources image textinput channel feed item entry "
    "content summary subtitle title_detail summary_detail id guidislink published_parsed updated_parsed media_content "
    "media_thumbnail enclosure enclosures rights info name email url href width height category keywords generator "
    "cloud body fullitem svg math div base newlocation media_credit where psc_chapters"
).split()


def read(text: str) -> Page:
    source = Source(name="tide", url=f"{BASE}feed", channel=Channel.FEED)
    return read_page(TextResponse(source.url, body=text.encode()), source, now=NOW)


def urls(text: str) -> list[str]:
    return [entry.url for entry in read(text).entries]


@pytest.mark.parametrize(
    "form", ['<x:{0} a="b"/>', "<x:{0}>c</x:{0}>", '<x:{0} href="https://else.example/"/>']
)
@pytest.mark.parametrize("name", NAMES)
def test_an_element_of_another_module_changes_nothing_whatever_it_is_called(name: str, form: str) -> None:
    said = form.format(name).replace(f"x:{name}", f'x:{name} xmlns:x="urn:x"', 1)
    more = "<author>ines@tide.example (Ines Duarte)</author><category>Mills</category>"
    page = read(rss(new=f"{said}{more}{said}", channel=said))
    assert page == read(rss(new=more))
    assert urls(atom(new=said, feed=said)) == [f"{BASE}mill", f"{BASE}bench"]
    assert urls(rdf(new=said)) == [f"{BASE}mill", f"{BASE}bench"]


_TREES = st.recursive(
    st.sampled_from(NAMES).map(lambda name: f"<{name} a='b'/>"),
    lambda inner: st.tuples(st.sampled_from(NAMES), st.lists(inner, max_size=4)).map(
        lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(tree=_TREES, place=st.sampled_from(["new", "channel"]))
@example(tree="<channel><links a='b'/></channel>", place="channel")
def test_elements_of_no_module_make_no_feed_fail(tree: str, place: str) -> None:
    """An ``<item>`` in the channel may be one more; what is in an item is none."""
    text = rss(new=tree) if place == "new" else rss(channel=tree.replace("item>", "unit>"))
    assert len(read(text).entries) == 2
    assert f"{BASE}bench" in urls(text)


@settings(max_examples=100, deadline=None)
@given(tree=_TREES)
def test_no_element_inside_a_text_is_a_part_of_the_feed(tree: str) -> None:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{SENTENCE * 8}</p>{tree}</div>'
    page = read(
        atom(new=f'<content type="xhtml">{div}</content>' + "<published>2026-11-22T08:30:00Z</published>")
    )
    assert [entry.url for entry in page.entries] == [f"{BASE}mill", f"{BASE}bench"]
    assert SENTENCE.strip() in page.entries[0].body_html
    assert page.entries[0].published is not None


def test_pictures_and_details_in_a_body_stay_in_it() -> None:
    inside = "<picture><source srcset='a.webp'/><img src='a.png'/></picture><details><summary>More</summary>x</details>"
    div = (
        f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{SENTENCE * 8}</p>{inside}<p>The end of it.</p></div>'
    )
    body = read(atom(new=f'<content type="xhtml">{div}</content>')).entries[0].body_html
    assert "<summary>More</summary>" in body
    assert body.rstrip().endswith("<p>The end of it.</p>")


def test_a_body_whose_markup_has_a_prefix_is_html() -> None:
    div = f'<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>{SENTENCE * 8}</h:p></h:div>'
    assert (
        read(atom(new=f'<content type="xhtml">{div}</content>'))
        .entries[0]
        .body_html.startswith("<p>The wheel")
    )


def test_a_caption_is_not_the_article() -> None:
    caption = f"<media:content url='{BASE}w.jpg' medium='image'><media:description>{SENTENCE * 20}</media:description>"
    more = f"<description>The wheel turns.</description>{caption}</media:content>"
    for said in (more, f"{more}<media:description>{SENTENCE * 20}</media:description>"):
        entry = read(rss(new=said)).entries[0]
        assert (entry.body_html, entry.summary) == ("", "The wheel turns.")
        assert entry.image_url == f"{BASE}w.jpg"


def test_an_item_inside_another_module_is_none_of_the_feed() -> None:
    inner = f"<item><title>Inner</title><link>{BASE}inner</link></item>"
    assert urls(rss(new=f'<r:related xmlns:r="urn:r">{inner}</r:related>')) == [f"{BASE}mill", f"{BASE}bench"]


def test_a_picture_of_an_item_gives_neither_its_title_nor_its_address() -> None:
    image = f"<image><url>{BASE}w.png</url><title>A wheel</title><link>{BASE}gallery</link></image>"
    assert urls(rss(new=image)) == [f"{BASE}mill", f"{BASE}bench"]
    assert read(rss(new=image)).entries[0].title == read(rss()).entries[0].title


@pytest.mark.parametrize(
    "element", ["author", "dc:creator", "pubDate", "dc:date", "guid", "link", "atom:updated", "category"]
)
def test_a_very_long_value_takes_no_longer_than_a_short_one(element: str) -> None:
    """feedparser alone takes minutes for a name of two hundred thousand letters."""
    text = rss(new=f"<{element}>{'a' * 1_000_000}</{element}>")
    begin = time.process_time()
    assert f"{BASE}bench" in urls(text)
    assert time.process_time() - begin < 2


def test_what_stands_in_the_feed_is_bounded_too() -> None:
    begin = time.process_time()
    read(rss(channel=f"<managingEditor>{'a' * 1_000_000}</managingEditor>"))
    read(atom(feed=f"<author><name>{'a' * 1_000_000}</name><email>{'a' * 1_000_000}</email></author>"))
    assert time.process_time() - begin < 2


def test_xml_that_is_no_text_is_no_body() -> None:
    other = f'<content type="application/xml"><x xmlns="urn:x">{SENTENCE * 8}</x></content>'
    assert read(atom(new=other + ATOM_FEATURES["a summary"])).entries[0].body_html == ""


def body_of(inside: str) -> str:
    return read(rss(new=f"<content:encoded><![CDATA[{inside}]]></content:encoded>")).entries[0].body_html


@pytest.mark.parametrize(
    ("end", "whole"),
    [
        ("<p>The end.</p>", True),
        ("<p><a class='more-link' href='/mill'>The whole tale</a></p>", False),
        ("<p><a href='/mill#more-7'>(on)</a></p>", False),
        ("<p><a href='/mill'>Continue reading The tide mill turns again →</a></p><p>2 comments</p>", False),
        ("[vc_row][vc_column]x[/vc_column][/vc_row]", False),
    ],
)
def test_a_body_that_leads_on_or_was_not_rendered_is_not_whole(end: str, whole: bool) -> None:
    assert bool(body_of(f"<p>{SENTENCE * 8}</p>{end}")) is whole


@pytest.mark.parametrize(
    ("credit", "stays"),
    [
        ('<p>The post <a href="{0}mill">The mill</a> appeared first on <a href="{0}">Tide</a>.</p>', False),
        (
            '<p>L’article <a href="{0}mill/">X</a> est apparu en premier sur <a href="{0}">Tide</a>.</p>',
            False,
        ),
        ('<p>See <a href="{0}bench">the bench</a> and <a href="{0}">the rest</a>.</p>', True),
        (
            '<p>The <a href="{0}mill">mill</a> is two hundred years old, says the <a href="{0}">Tide</a>.</p>',
            True,
        ),
    ],
)
def test_what_wordpress_writes_behind_a_body_is_none_of_it(credit: str, stays: bool) -> None:
    said = credit.format(BASE)
    html = body_of(f"<p>{SENTENCE * 8}</p>{said}")
    assert html.startswith("<p>The wheel")
    assert (said in html) is stays
    summary = (
        read(rss(new=f"<description><![CDATA[<p>The wheel turns.</p>{said}]]></description>"))
        .entries[0]
        .summary
    )
    assert (summary == "The wheel turns.") is not stays


def test_a_long_synopsis_among_short_ones_is_no_article() -> None:
    long, short = (f"<description>{SENTENCE * count}</description>" for count in (20, 1))
    assert [bool(entry.body_html) for entry in read(rss(new=long, old=short)).entries] == [False, False]
    assert [bool(entry.body_html) for entry in read(rss(new=long, old=long)).entries] == [True, True]

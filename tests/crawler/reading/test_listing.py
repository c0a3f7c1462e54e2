"""Entries out of a listing's page."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from crawler.channels.listing import MAX_TITLE_CHARS, SUMMARY_CHARS, read_listing
from news.entry import Page
from news.errors import ExtractionError
from news.source import ArticleRules, Source, Wrapper

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Source(
    name="a",
    url="https://a.example/news/",
    wrapper=Wrapper(
        item=("article", "li"),
        link=("h2 a", "a"),
        title=("h2",),
        date=("time", ".when"),
        summary=(".lead",),
        body=(".body",),
        next_page=(".next", "a.older::attr(href)"),
    ),
    language="en",
)
SENTENCE = "The council met on Tuesday and agreed on the plan for the new school near the river. "


def read(html: str, url: str = "https://a.example/news/", source: Source = SOURCE) -> Page:
    body = html.encode()
    return read_listing(
        HtmlResponse(url, body=body, headers={"Content-Type": "text/html; charset=utf-8"}), source, now=NOW
    )


def one(inner: str) -> str:
    return f"<article><h2><a href='/x'>A title</a></h2>{inner}</article>"


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (f"<p>{SENTENCE * 3}</p>", True),
        (f"<p>{SENTENCE}</p><p>{SENTENCE}</p>", True),
        (f"<p>{SENTENCE}</p>", False),
        ("<p>Short.</p><p>By Ann.</p>", False),
        (f"<p>{SENTENCE * 4} …</p>", False),
        (f"<p>{SENTENCE * 4} [&hellip;]</p>", False),
        (f"<p>{SENTENCE * 4} [...]</p>", False),
        (f"<p>{SENTENCE * 4} and so on...</p>", False),
        (f"<p>{SENTENCE * 4} … Continue reading</p>", False),
        (f"<p>{SENTENCE * 4}</p><p><a href='/x'>Read more »</a></p>", False),
        (f"<p>{SENTENCE * 4}</p><a href='/x'>Lire la suite</a>", False),
        (f"<p>{SENTENCE * 4}</p><a href='/x'>اقرأ المزيد</a>", False),
        (f"<p>{SENTENCE * 4}</p><p><a href='/x'><span>A title</span> Read More »</a></p>", False),
        (f"<p>{SENTENCE * 4}</p><p><a href='/x'>Read More…<span> from “A title”</span></a></p>", False),
        (f"<p>{SENTENCE * 4}</p><a href='/x'>Continue reading A title →</a><p>2 comments</p>", False),
        (f"<p>{SENTENCE * 4}</p><a href='/x'>A title</a>", True),
        (f"<p>{SENTENCE * 4}</p><a class='more-link' href='/x'>The whole tale</a>", False),
        (f"<p>{SENTENCE * 4}</p><a href='/x#more-12'>(on)</a>", False),
        (f"<p>{SENTENCE * 4} “And then…” he said.</p>", True),
        (f"<p>He wanted … {SENTENCE * 4}</p>", True),
        ("", False),
    ],
)
def test_a_body_is_kept_only_if_it_is_whole(body: str, whole: bool) -> None:
    entry = read(one(f"<div class=body>{body}</div>")).entries[0]
    assert bool(entry.body_html) is whole


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("<h2>Heading</h2><a href='/x'>more</a>", "Heading"),
        ("<h2> </h2><a href='/x'>The link's own words</a>", "The link's own words"),
        ("<a href='/x' title='From the attribute'>Read more</a>", "From the attribute"),
        ("<a href='/x' aria-label='From the label'><img></a>", "From the label"),
        ("<a href='/x'><img alt='From the picture'></a>", "From the picture"),
        ("<h2><a href='/x'>Two\n lines &amp; <em>more</em></a></h2>", "Two lines & more"),
        ("<h2>&lt;b&gt;bold&lt;/b&gt; {{7*7}}</h2><a href='/x'>m</a>", "<b>bold</b> {{7*7}}"),
    ],
)
def test_a_title_is_found_where_there_is_one(item: str, title: str) -> None:
    assert [entry.title for entry in read(f"<article>{item}</article>").entries] == [title]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("<h2>Title</h2>", "no link"),
        ("<h2><a href=''>Title</a></h2>", "no link"),
        ("<h2><a href='mailto:a@b.example'>Title</a></h2>", "bad link"),
        ("<h2><a href='JaVaScRiPt:alert(1)'>Title</a></h2>", "bad link"),
        ("<h2><a href='https://user:pw@a.example/x'>Title</a></h2>", "bad link"),
        ("<h2><a href='#x'>Title</a></h2>", "bad link"),
        ("<h2><a href='/news'>Title</a></h2>", "bad link"),
        ("<h2><a href='http://[::1'>Title</a></h2>", "bad link"),
        ("<h2><a href='/x'></a></h2>", "no title"),
        ("<a href='/x'>Read more</a>", "no title"),
    ],
)
def test_an_item_that_cannot_be_an_entry_is_counted_with_the_reason(item: str, reason: str) -> None:
    page = read(f"<article>{item}</article><article><a href='/y'>Good</a></article>")
    assert [entry.title for entry in page.entries] == ["Good"]
    assert dict(page.refused) == {reason: 1}


def test_the_row_that_names_the_columns_is_no_item_that_lacks_something() -> None:
    rows = "<tr><th>Day</th><th>Title</th></tr><tr><th>1</th><td><a href='/x'>A title</a></td></tr>"
    rows += "<tr><td>none</td></tr>"
    table = replace(SOURCE, wrapper=Wrapper(item=("tr",), link=("a",)))
    page = read(f"<table>{rows}</table>", source=table)
    assert [entry.title for entry in page.entries] == ["A title"]
    assert dict(page.refused) == {"no link": 1}


def test_a_bad_link_lets_a_good_one_in_the_same_item_have_its_turn() -> None:
    page = read("<article><h2><a href='#share'>x</a></h2><a href='/y'>The title</a></article>")
    assert [entry.url for entry in page.entries] == ["https://a.example/y"]


def test_items_come_from_the_first_alternative_that_gives_an_entry() -> None:
    page = read("<article>an advert</article><ul><li><a href='/1'>One</a><li><a href='/2'>Two</a></ul>")
    assert [entry.title for entry in page.entries] == ["One", "Two"]
    assert page.refused == ()


def test_a_page_without_entries_says_what_it_refused() -> None:
    page = read("<article>an advert</article><article>another</article>")
    assert page.entries == ()
    assert page.refused == (("no link", 2),)
    assert read("").entries == ()


def test_every_spelling_of_an_address_is_one_entry_at_its_first_position() -> None:
    spelled = ["/a/", "http://www.a.example/a", "/a?utm_source=x", "/%D8%A7", "/%d8%a7/", "/ا", "/b"]
    page = read(
        "".join(f"<article><a href='{href}'>Title {n}</a></article>" for n, href in enumerate(spelled))
    )
    assert [entry.title for entry in page.entries] == ["Title 0", "Title 3", "Title 6"]


@pytest.mark.parametrize(
    ("inner", "published"),
    [
        ("<time datetime='2026-11-20T10:00:00Z'>gestern</time>", "2026-11-20T10:00 time[datetime]"),
        ("<time datetime='rubbish'>20 November 2026</time>", "2026-11-20T00:00 text"),
        ("<time></time><span class=when>20 November 2026</span>", "2026-11-20T00:00 text"),
        ("<span class=when><time datetime='2026-11-20'></time></span>", "2026-11-20T00:00 time[datetime]"),
        ("<time datetime='2027-02-01'>in winter</time>", ""),
        ("<span class=when>31 February 2026</span>", ""),
        ("<p class=body>On 19 November 2026 the council met.</p>", ""),
    ],
)
def test_a_date_is_what_the_declared_place_states(inner: str, published: str) -> None:
    stamp = read(one(inner)).entries[0].published
    assert (f"{stamp.at:%Y-%m-%dT%H:%M} {stamp.provenance}" if stamp else "") == published


@pytest.mark.parametrize(
    ("html", "next_url"),
    [
        ("<a class=next href='page/2/'>2</a>", "https://a.example/news/page/2/"),
        ("<base href='/b/'><a class=next href='2'>2</a>", "https://a.example/b/2"),
        ("<base href='https://other.example/'><a class=next href='2'>2</a>", None),
        (
            "<div class=next><a href='http://www.a.example/news/page/2'>2</a></div>",
            "http://www.a.example/news/page/2",
        ),
        ("<link class=next href='/news/2'>", "https://a.example/news/2"),
        ("<a class=next href='/news'>self</a>", None),
        ("<a class=next href='#'>top</a><a class=older href='/news/2'>2</a>", "https://a.example/news/2"),
        ("<a class=next href='https://evil.example/2'>2</a>", None),
        ("<a class=next href='javascript:next()'>2</a>", None),
        ("<a class=next>2</a>", None),
        ("", None),
    ],
)
def test_the_next_page_is_another_page_of_the_same_host(html: str, next_url: str | None) -> None:
    assert read(html).next_url == next_url


def test_what_the_article_rules_remove_is_cut_from_a_body_but_may_hold_the_link() -> None:
    source = replace(SOURCE, article=ArticleRules(remove=("h2", ".share")))
    page = read(one(f"<div class=body><p>{SENTENCE * 3}</p><p class=share>Share</p>!</div>"), source=source)
    assert page.entries[0].title == "A title"
    assert page.entries[0].body_html == f"<p>{SENTENCE * 3}</p>!"


def test_a_more_link_tells_a_teaser_even_if_it_is_to_be_removed() -> None:
    source = replace(SOURCE, article=ArticleRules(remove=(".more-link",)))
    page = read(
        one(f"<div class=body><p>{SENTENCE * 4}</p><a class='more-link' href='/x'>On</a></div>"),
        source=source,
    )
    assert page.entries[0].body_html == ""
    assert page.entries[0].summary.startswith("The council met")


def test_a_title_of_ten_thousand_characters_is_cut_and_a_summary_is_short() -> None:
    page = read(
        f"<article><h2><a href='/x'>{'word ' * 2_000}</a></h2><p class=lead>{'word ' * 500}</p></article>"
    )
    assert 900 < len(page.entries[0].title) <= MAX_TITLE_CHARS
    assert 400 < len(page.entries[0].summary) <= SUMMARY_CHARS


@pytest.mark.parametrize(
    "body", [bytes(range(256)) * 200, b"%PDF-1.7\n" + b"\x00\xff" * 5_000, b"\x89PNG\r\n\x1a\n\x00"]
)
def test_binary_data_served_as_html_gives_no_entries_and_no_error(body: bytes) -> None:
    response = HtmlResponse("https://a.example/", body=body, headers={"Content-Type": "text/html"})
    assert read_listing(response, SOURCE, now=NOW).entries == ()


def test_a_page_of_twenty_megabytes_is_refused_as_a_whole() -> None:
    with pytest.raises(ExtractionError, match="not read"):
        read("<article><a href='/x'>Title</a></article>" * 500_000)


def test_attributes_given_twice_and_markup_without_a_root_are_read() -> None:
    page = read("<li><a href='/1' href='/2' class=x class=y>One</a><li><a href=/3>Three</a></table></div>")
    assert [entry.url for entry in page.entries] == ["https://a.example/1", "https://a.example/3"]


def test_a_usual_page_is_read_in_a_few_milliseconds() -> None:
    body = "".join(f"<p>{SENTENCE * 5}</p>" for _ in range(12))
    html = "".join(
        f"<article><h2><a href='/{n}'>Title {n}</a></h2><div class=body>{body}</div></article>"
        for n in range(10)
    )
    read(html)
    started = time.process_time()
    for _ in range(10):
        assert len(read(html).entries) == 10
    # Far above what it takes, so that only a change of the algorithm's order fails here.
    assert (time.process_time() - started) / 10 < 0.1

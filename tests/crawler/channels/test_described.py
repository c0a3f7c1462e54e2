"""The list that a page describes for machines, read in place of the one that it shows: JSON-LD and microdata."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.http import HtmlResponse

from crawler.channels.described import BY_DESCRIPTION
from crawler.channels.reading import read_page
from news.entry import Page
from news.source import Channel, Source

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
URL = "https://mill.example/news/"
SOURCE = Source(name="mill", url=URL, channel=Channel.LISTING, wrapper=BY_DESCRIPTION)
NUMBERS = range(3, 0, -1)


def post(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "@type": "BlogPosting",
        "url": f"/story-{number}/",
        "headline": f"Story {number} of the mill",
        "datePublished": f"2026-11-{number:02}T08:30:00Z",
        **fields,
    }


def items(*posts: Any) -> dict[str, Any]:
    elements = [{"@type": "ListItem", "position": place, "item": one} for place, one in enumerate(posts, 1)]
    return {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": elements}


def blog(*posts: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "Blog", "blogPost": list(posts)}


def read(*described: Any, body: str = "", head: str = "") -> Page:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(one)}</script>' for one in described)
    html = (
        f"<!doctype html><html><head><title>The mill</title>{head}{scripts}</head><body>{body}</body></html>"
    )
    return read_page(HtmlResponse(URL, body=html.encode(), encoding="utf-8"), SOURCE, now=NOW)


def titles(page: Page) -> list[str]:
    return [entry.title for entry in page.entries]


ALL = [f"Story {number} of the mill" for number in NUMBERS]


@pytest.mark.parametrize(
    "described",
    [
        blog(*map(post, NUMBERS)),
        items(*map(post, NUMBERS)),
        blog(*map(post, reversed(NUMBERS))),
        {"@graph": [{"@type": "WebSite", "name": "The mill"}, blog(*map(post, NUMBERS))]},
        {"@type": "CollectionPage", "mainEntity": items(*map(post, NUMBERS))},
        {
            "@type": "ItemList",
            "itemListElement": [
                {"@type": "ListItem", "url": f"/story-{number}/", "name": f"Story {number} of the mill"}
                for number in NUMBERS
            ],
        },
        {
            "@type": "ItemList",
            "itemListElement": [
                {"name": f"Story {number} of the mill", "item": f"/story-{number}/"} for number in NUMBERS
            ],
        },
    ],
    ids=["blog", "list", "oldest first", "graph", "collection", "named items", "named addresses"],
)
def test_a_list_is_read_in_every_form_that_pages_give_it(described: Any) -> None:
    page = read(described)
    assert titles(page) == ALL
    assert [entry.url for entry in page.entries] == [
        f"https://mill.example/story-{number}/" for number in NUMBERS
    ]
    assert page.title == "The mill"


def test_an_item_says_when_it_was_published_and_changed_and_what_it_is_about() -> None:
    said = post(2, description="The <b>wheel</b> turns &amp; turns.", dateModified="2026-11-04")
    entry = read(blog(post(3), said, post(1))).entries[1]
    assert entry.published is not None
    assert (entry.published.at, entry.published.provenance) == (
        datetime(2026, 11, 2, 8, 30, tzinfo=UTC),
        "json-ld",
    )
    assert entry.modified is not None
    assert entry.modified.at.day == 4
    assert entry.summary == "The wheel turns & turns."
    assert entry.body_html == ""


def test_articles_in_microdata_are_read_without_what_they_say_of_others() -> None:
    body = "".join(
        f"""<div itemscope itemtype="https://schema.org/NewsArticle">
        <span itemprop="author" itemscope itemtype="https://schema.org/Person">
        <a itemprop="url" href="/people/1/"><span itemprop="name">A. Miller</span></a></span>
        <h2 itemprop="headline"><a itemprop="url" href="/story-{number}/">Story {number} of the mill</a></h2>
        <time itemprop="datePublished" datetime="2026-11-0{number}">in November</time>
        <p itemprop="description">The wheel turns.</p></div>"""
        for number in NUMBERS
    )
    page = read(body=body)
    assert titles(page) == ALL
    first = page.entries[0]
    assert first.published is not None
    assert (first.published.provenance, first.published.at.day, first.summary) == (
        "microdata",
        3,
        "The wheel turns.",
    )


def test_the_longest_list_of_articles_is_the_page_s_own() -> None:
    few, many = blog(*map(post, range(11, 14))), items(*map(post, range(6, 0, -1)))
    assert len(read(few, many).entries) == len(read(many, few).entries) == 6
    products = [post(number, **{"@type": "Product"}) for number in range(20, 10, -1)]
    assert titles(read(items(*products), blog(*map(post, NUMBERS)))) == ALL


@pytest.mark.parametrize(
    ("described", "left"),
    [
        (blog(*map(post, NUMBERS), post(9, headline="")), {"no title": 1}),
        (blog(*map(post, NUMBERS), post(9, url="javascript:alert(1)")), {"bad link": 1}),
        (blog(*map(post, NUMBERS), post(9, url=URL + "#top")), {"bad link": 1}),
        (blog(*map(post, NUMBERS), post(3)), {}),
    ],
    ids=["untitled", "a script", "the page itself", "said twice"],
)
def test_what_is_no_entry_is_left_out_and_counted(described: Any, left: dict[str, int]) -> None:
    page = read(described)
    assert titles(page) == ALL
    assert dict(page.refused) == left


def test_a_future_date_is_none_and_a_broken_script_is_passed_over() -> None:
    page = read(
        blog(post(3, datePublished="2036-01-01"), post(2), post(1)),
        head="<script type=application/ld+json>{</script>",
    )
    assert len(page.entries) == 3
    assert [entry.published is None for entry in sorted(page.entries, key=lambda one: one.url)] == [
        False,
        False,
        True,
    ]


def test_the_next_page_is_the_one_that_the_page_names() -> None:
    head = '<link rel="next" href="/news/page/2/">'
    assert read(blog(*map(post, NUMBERS)), head=head).next_url == "https://mill.example/news/page/2/"
    assert read(blog(*map(post, NUMBERS))).next_url is None


def test_a_page_that_describes_nothing_has_no_entries() -> None:
    assert read(body='<article><a href="/story-1/">Story 1</a></article>').entries == ()

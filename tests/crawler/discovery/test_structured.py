"""The lists that a page describes for machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawler.discovery.structured import confirming, structured_lists
from crawler.markup import parse_html
from news.urls import url_key
from tests.crawler.discovery.entries import SITE, entries

PATHS = [f"/notices/notice-{number}/" for number in range(4)]
KEYS = frozenset(url_key(f"{SITE}{path}") for path in PATHS)


def lists(*nodes: Any, body: str = "") -> tuple[frozenset[str], ...]:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return structured_lists(
        parse_html(f"<html><head>{scripts}</head><body>{body}</body></html>"), f"{SITE}/notices/"
    )


@pytest.mark.parametrize(
    "node",
    [
        {
            "@type": "ItemList",
            "itemListElement": [{"@type": "ListItem", "url": SITE + path} for path in PATHS],
        },
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": path} for path in PATHS]},
        {
            "@type": "ItemList",
            "itemListElement": [{"item": {"@type": "NewsArticle", "@id": path}} for path in PATHS],
        },
        {"@type": ["CollectionPage"], "mainEntity": {"@type": "ItemList", "itemListElement": PATHS}},
        {
            "@graph": [
                {"@type": "Blog", "blogPost": [{"@type": "BlogPosting", "url": path} for path in PATHS]}
            ]
        },
        {"@type": "CollectionPage", "hasPart": [{"mainEntityOfPage": {"@id": path}} for path in PATHS]},
        {
            "@type": "https://schema.org/Blog",
            "blogPosts": [{"url": f"{path}?utm_source=ld"} for path in PATHS],
        },
    ],
)
def test_lists_in_json_ld_are_read_in_all_their_forms(node: Any) -> None:
    assert lists(node) == (KEYS,)


@pytest.mark.parametrize(
    "node",
    [
        {"@type": "BreadcrumbList", "itemListElement": [{"item": path} for path in PATHS]},
        {
            "@type": "ItemList",
            "itemListElement": [{"@type": "SiteNavigationElement", "url": path} for path in PATHS],
        },
        {"@type": "ItemList", "itemListElement": PATHS[:2]},
        {"@type": "NewsArticle", "relatedLink": PATHS},
        {
            "@type": "ItemList",
            "itemListElement": ["javascript:1", 7, None, {"url": 5}, {"item": {"item": {}}}],
        },
        "text",
        [],
    ],
)
def test_what_is_no_list_of_articles_is_left_out(node: Any) -> None:
    assert lists(node) == ()


def test_articles_in_microdata_are_a_list() -> None:
    body = "".join(
        f'<div itemscope itemtype="https://schema.org/BlogPosting"><h2><a itemprop="url" href="{path}">x</a></h2></div>'
        for path in PATHS
    )
    assert lists(body=body) == (KEYS,)


def test_nesting_and_number_are_bounded() -> None:
    deep: Any = {"@type": "ItemList", "itemListElement": PATHS}
    for _ in range(100):
        deep = {"x": deep}
    assert lists(deep) == ()
    [many] = lists({"@type": "ItemList", "itemListElement": [f"/{number}/" for number in range(10_000)]})
    assert len(many) <= 500


def test_only_the_list_that_is_shown_is_confirmed() -> None:
    described = lists({"@type": "ItemList", "itemListElement": PATHS})
    assert confirming(described, entries(range(4))) == KEYS
    assert confirming(described, entries(range(6))) == KEYS
    assert confirming(described, entries(range(20))) == frozenset()
    assert confirming(described, entries(range(50, 54))) == frozenset()

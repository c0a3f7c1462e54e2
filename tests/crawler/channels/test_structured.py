"""Lists that pages declare for machines, beside what they show."""

from __future__ import annotations

import json

import pytest

from crawler.channels.structured import declared_lists
from crawler.markup import parse_html

BASE = "https://news.example/"


def titles(html: str) -> list[str]:
    return [item.title for item in declared_lists(parse_html(html), BASE)]


def script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


MARKED_UP = (
    '<article itemscope itemtype="https://schema.org/NewsArticle"><h2 itemprop="headline">'
    '<a itemprop="url" href="/m">M</a></h2></article>'
)
ITEM_LIST = {
    "@type": "ItemList",
    "itemListElement": [
        {"@type": "ListItem", "position": number, "url": f"/story/{number}", "name": f"Story {number}"}
        for number in (1, 2, 3)
    ],
}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (script(ITEM_LIST), ["Story 1", "Story 2", "Story 3"]),
        (script({"@type": "CollectionPage", "mainEntity": ITEM_LIST}), ["Story 1", "Story 2", "Story 3"]),
        (
            script(
                {
                    "@graph": [
                        {
                            "@type": "Blog",
                            "blogPost": [{"@type": "BlogPosting", "headline": "A", "url": "/a"}],
                        }
                    ]
                }
            ),
            ["A"],
        ),
        (
            script([{"@type": "NewsArticle", "headline": name, "url": f"/{name}"} for name in "ab"]),
            ["a", "b"],
        ),
        (
            script(
                {
                    "@type": "ItemList",
                    "itemListElement": [{"item": {"@type": "Article", "url": "/x", "name": "X"}}],
                }
            ),
            ["X"],
        ),
        (
            MARKED_UP,
            ["M"],
        ),
        (script({"@type": "BreadcrumbList", "itemListElement": ITEM_LIST["itemListElement"]}), []),
        ("<script type='application/ld+json'>{broken</script><p>nothing</p>", []),
        (
            script({"@type": "ItemList", "itemListElement": [{"url": "javascript:alert(1)", "name": "no"}]}),
            [],
        ),
    ],
)
def test_the_items_of_a_declared_list_are_read(html: str, expected: list[str]) -> None:
    assert titles(html) == expected


def test_an_address_stands_in_a_list_once() -> None:
    twice = {
        "@type": "ItemList",
        "itemListElement": [{"url": "/a", "name": "A"}, {"url": "https://news.example/a"}],
    }
    assert titles(script(twice)) == ["A"]


def test_a_list_without_end_is_read_within_bounds() -> None:
    deep: object = {"url": "/a"}
    for _ in range(400):
        deep = {"hasPart": [deep]}
    assert titles(script(deep)) == []
    wide = {"@type": "ItemList", "itemListElement": [{"url": f"/{n}"} for n in range(20_000)]}
    assert len(titles(script(wide))) <= 20_000

"""The list that a page describes for machines, as JSON-LD or microdata, read in place of the one that it shows. Pure.

Schema.org's ``ItemList``, ``Blog``, ``CollectionPage`` and ``SearchResultsPage``, and articles marked up by microdata.
Pages keep them badly, so that nothing is read by them unless a wrapper says so by `news.source.DESCRIBED`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from lxml.html import HtmlElement
from scrapy.http import TextResponse

from crawler.channels.entries import Collected, Item
from crawler.channels.feed_dates import feed_date
from crawler.channels.listing import next_url_of, page_title
from crawler.charset import page_text
from crawler.extraction.jsonld import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_SCRIPTS,
    linked_text,
    listed_values,
    parse_linked_data,
)
from crawler.extraction.meta import linked_data
from crawler.links import base_url
from crawler.markup import parse_html, text_of
from news.dates import Stamp
from news.entry import Page
from news.source import DESCRIBED, Source, Wrapper

BY_DESCRIPTION = Wrapper(item=(DESCRIBED,), next_page=("link[rel~='next']", "a[rel~='next']"))
FEWEST = 3
"""Fewer items are no list."""
_HOLDERS = {
    "ItemList": ("itemListElement",),
    "Blog": ("blogPost", "blogPosts"),
    "CollectionPage": ("hasPart",),
    "SearchResultsPage": ("hasPart",),
}
_NOT_ITEMS = frozenset(("SiteNavigationElement", "WPHeader", "WPFooter", "WebPage"))
_ARTICLES = ("article", "posting", "report")
_ANYTHING = frozenset(("thing", "creativework"))
_SAID = {
    "url": "url",
    "mainentityofpage": "url",
    "headline": "headline",
    "name": "name",
    "description": "description",
    "datepublished": "datePublished",
    "datemodified": "dateModified",
}
_MAX_ITEMS = 500
_MAX_LISTS = 20
_MAX_TYPES = 20
_MAX_CHARS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """One list of a page: its items as objects with the names of schema.org, and where it stands."""

    items: tuple[dict[str, Any], ...]
    provenance: str


def read_described(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the entries of the longest list of articles that a page describes, newest first.

    Args:
        response: the page; its ``url`` is where redirects led.
        source: whose language and time zone are used.
        now: an aware datetime, against dates in the future.

    Raises:
        ExtractionError: the page is too large or too deeply nested to be read whole.
    """
    root = parse_html(page_text(response))
    return read_described_tree(root, base_url(root, response.url), response.url, source, now=now)


def read_described_tree(root: HtmlElement, base: str, url: str, source: Source, *, now: datetime) -> Page:
    """Return the entries of a page that is parsed already, as `read_described` does.

    Args:
        root: the page's.
        base: what its relative links refer to.
        url: where it stands.
        source: as for `read_described`.
        now: as for `read_described`.
    """
    longest = Collected(base=base, whole_bodies=False, now=now)
    for described in described_lists(root):
        collected = Collected(base=base, whole_bodies=False, now=now)
        date = partial(feed_date, source=source, now=now, provenance=described.provenance)
        for node in filter(_is_news, described.items):
            collected.add(_item(node, date))
        if len(collected.entries) > len(longest.entries):
            longest = collected
    refused = tuple(sorted((reason, count) for reason, count in longest.refused.items() if count))
    return Page(
        entries=longest.newest_first(),
        next_url=next_url_of(root, base, url, source),
        title=page_title(root),
        refused=refused,
    )


def described_lists(root: HtmlElement) -> list[Described]:
    """Return each list of three items or more that a page describes; an item has an address at least."""
    found = [
        Described(items=tuple(items), provenance="json-ld")
        for text in islice(linked_data(root), MAX_SCRIPTS)
        for items in islice(_lists(parse_linked_data(text), 0, [MAX_NODES]), _MAX_LISTS)
    ]
    found.append(Described(items=tuple(islice(_microdata(root), _MAX_ITEMS)), provenance="microdata"))
    return [described for described in found if len(described.items) >= FEWEST]


def address_in(item: dict[str, Any]) -> str:
    """Return the address of an item: its ``url``, its page's or its ``@id``, empty if it has none."""
    entity = item.get("mainEntityOfPage")
    claims = (item.get("url"), entity.get("@id") if isinstance(entity, dict) else entity, item.get("@id"))
    return next((claim.strip() for claim in claims if isinstance(claim, str) and claim.strip()), "")


def _lists(value: Any, depth: int, budget: list[int]) -> Iterator[list[dict[str, Any]]]:
    """Yield the items of each list in JSON-LD, within depth and budget."""
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        return
    if isinstance(value, list):
        for one in value:
            yield from _lists(one, depth + 1, budget)
    elif isinstance(value, dict):
        for kind in _HOLDERS.keys() & set(_types(value)):  # each once, however often it is named
            for name in _HOLDERS[kind]:
                listed = listed_values(value.get(name))[:_MAX_ITEMS]
                yield [item for one in listed if address_in(item := _unwrapped(one))]
        for one in value.values():
            if isinstance(one, (dict, list)):
                yield from _lists(one, depth + 1, budget)


def _types(node: dict[str, Any]) -> list[str]:
    return [str(kind).rpartition("/")[2] for kind in listed_values(node.get("@type"))[:_MAX_TYPES]]


def _unwrapped(one: Any) -> dict[str, Any]:
    """Return an item without the ``ListItem`` around it, which may name it; empty for what is none."""
    if isinstance(one, str):
        return {"url": one}
    if not isinstance(one, dict) or _NOT_ITEMS & set(_types(one)):
        return {}
    inner = one.get("item")
    if isinstance(inner, dict):
        return {} if "item" in inner or _NOT_ITEMS & set(_types(inner)) else {"name": one.get("name")} | inner
    if isinstance(inner, str):
        return {"name": one.get("name"), "url": inner}
    return one


def _is_news(item: dict[str, Any]) -> bool:
    """Say whether an item may be an article: nothing says that it is a product, a recipe or a place."""
    kinds = [kind.lower() for kind in _types(item) if kind != "ListItem"]
    return not kinds or any(kind.endswith(_ARTICLES) or kind in _ANYTHING for kind in kinds)


def _item(node: dict[str, Any], date: Callable[[str], Stamp | None]) -> Item:
    return Item(
        link=address_in(node),
        title=_text(node, "headline") or _text(node, "name"),
        summary_html=_text(node, "description") or _text(node, "abstract"),
        published=date(_text(node, "datePublished")),
        modified=date(_text(node, "dateModified")),
    )


def _text(node: dict[str, Any], name: str) -> str:
    return linked_text(node.get(name))[:_MAX_CHARS]


def _microdata(root: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the articles that a page marks up, by the names that JSON-LD has for what they say."""
    for node in root.iter():
        kind = node.get("itemtype") if isinstance(node.tag, str) else None
        if not kind or "itemscope" not in node.attrib or not kind.strip().lower().endswith(_ARTICLES):
            continue
        said: dict[str, Any] = {}
        for inner, name in _properties(node):
            if name in _SAID and (value := _value(inner, name)):
                said.setdefault(_SAID[name], value)
        if "url" in said:
            yield said


def _properties(scope: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the properties of one item in page order, without those of the items in it (an author has a name, too)."""
    waiting = [*reversed(scope)]
    while waiting:
        node = waiting.pop()
        if not isinstance(node.tag, str):
            continue
        yield from ((node, name) for name in (node.get("itemprop") or "").lower().split())
        if "itemscope" not in node.attrib:
            waiting.extend(reversed(node))


def _value(node: HtmlElement, name: str) -> str:
    """Return what a property says: its machine's form, else its text; an address is in an attribute."""
    if _SAID[name] == "url":
        return next((text for place in ("href", "content", "itemid") if (text := node.get(place) or "")), "")
    return node.get("content") or node.get("datetime") or text_of(node, most=_MAX_CHARS)

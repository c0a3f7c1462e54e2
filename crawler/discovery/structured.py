"""The lists that a page describes for machines: JSON-LD (ItemList, Blog, CollectionPage) and microdata. Pure.

They are read by no channel, since pages keep them badly; but a list that the page names itself confirms the one that it
shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.jsonld import MAX_DEPTH, MAX_NODES, MAX_SCRIPTS, parse_linked_data
from crawler.extraction.meta import linked_data
from news.entry import Entry
from news.errors import UrlError
from news.urls import fetchable_url, url_key

FEWEST = 3
"""Fewer items are no list."""
SAME_LIST = 0.6
"""The share of the longer of two lists that must stand in the other."""
_HOLDERS = {
    "ItemList": ("itemListElement",),
    "Blog": ("blogPost", "blogPosts"),
    "CollectionPage": ("hasPart",),
    "SearchResultsPage": ("hasPart",),
}
_NOT_ITEMS = frozenset(("SiteNavigationElement", "WPHeader", "WPFooter", "WebPage"))
_ARTICLES = ("article", "posting", "report")
_MAX_ITEMS = 500


def structured_lists(root: HtmlElement, base: str) -> tuple[frozenset[str], ...]:
    """Return the URL keys of each list of three items or more that a page describes."""
    found = [
        _keys(urls, base)
        for text in islice(linked_data(root), MAX_SCRIPTS)
        for urls in _lists(parse_linked_data(text), 0, [MAX_NODES])
    ]
    found.append(_keys(_microdata(root), base))
    return tuple(dict.fromkeys(keys for keys in found if len(keys) >= FEWEST))


def confirming(lists: Iterable[frozenset[str]], visible: Iterable[Entry]) -> frozenset[str]:
    """Return the described list that is the visible one, empty where none is."""
    keys = frozenset(entry.key for entry in visible)
    for one in lists:
        if len(one & keys) >= max(FEWEST, SAME_LIST * max(len(one), len(keys))):
            return one
    return frozenset()


def _lists(value: Any, depth: int, budget: list[int]) -> Iterator[list[str]]:
    """Yield the addresses of each list in JSON-LD, within depth and budget."""
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        return
    if isinstance(value, list):
        for one in value:
            yield from _lists(one, depth + 1, budget)
    elif isinstance(value, dict):
        for kind in _types(value):
            for name in _HOLDERS.get(kind, ()):
                urls = [url for one in _listed(value.get(name)) if (url := _address(one))]
                if urls:
                    yield urls[:_MAX_ITEMS]
        for one in value.values():
            if isinstance(one, (dict, list)):
                yield from _lists(one, depth + 1, budget)


def _types(node: dict[str, Any]) -> list[str]:
    return [str(kind).rpartition("/")[2] for kind in _listed(node.get("@type"))]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _address(item: Any) -> str:
    """Return the address of one item: itself, its ``url`` or ``@id``, or those of the ``item`` that it wraps."""
    if isinstance(item, str):
        return item
    if not isinstance(item, dict) or _NOT_ITEMS & set(_types(item)):
        return ""
    inner = item.get("item")
    if isinstance(inner, (dict, str)):
        return _address(inner) if not isinstance(inner, dict) or "item" not in inner else ""
    entity = item.get("mainEntityOfPage")
    claims = (item.get("url"), entity.get("@id") if isinstance(entity, dict) else entity, item.get("@id"))
    return next((claim for claim in claims if isinstance(claim, str) and claim), "")


def _microdata(root: HtmlElement) -> Iterator[str]:
    """Yield the addresses of the articles that a page marks up: ``itemprop=url`` within each ``itemscope``."""
    for node in root.iter():
        kind = node.get("itemtype") if isinstance(node.tag, str) else None
        if not kind or "itemscope" not in node.attrib or not kind.strip().lower().endswith(_ARTICLES):
            continue
        links = (
            inner.get("href") or inner.get("content") or inner.get("itemid") or ""
            for inner in node.iter("a", "link", "meta")
            if {"url", "mainentityofpage"} & set((inner.get("itemprop") or "").lower().split())
        )
        yield next((link for link in links if link), "")


def _keys(urls: Iterable[str], base: str) -> frozenset[str]:
    keys = set()
    for url in islice(urls, _MAX_ITEMS):
        if url.strip():
            with suppress(UrlError):
                keys.add(url_key(fetchable_url(url.strip(), base)))
    return frozenset(keys)

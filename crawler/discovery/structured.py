"""What the list that a page describes for machines says of the one that it shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from lxml.html import HtmlElement

from crawler.channels.described import FEWEST, address_in, described_lists
from news.entry import Entry
from news.errors import UrlError
from news.urls import fetchable_url, url_key

SAME_LIST = 0.6
"""The share of the longer of two lists that must stand in the other."""


def structured_lists(root: HtmlElement, base: str) -> tuple[frozenset[str], ...]:
    """Return the URL keys of each list of three items or more that a page describes."""
    found = (_keys(described.items, base) for described in described_lists(root))
    return tuple(dict.fromkeys(keys for keys in found if len(keys) >= FEWEST))


def confirming(lists: Iterable[frozenset[str]], visible: Iterable[Entry]) -> frozenset[str]:
    """Return the described list that is the visible one, empty where none is."""
    keys = frozenset(entry.key for entry in visible)
    for one in lists:
        if len(one & keys) >= max(FEWEST, SAME_LIST * max(len(one), len(keys))):
            return one
    return frozenset()


def _keys(items: Iterable[dict[str, Any]], base: str) -> frozenset[str]:
    keys = set()
    for item in items:
        with suppress(UrlError):
            keys.add(url_key(fetchable_url(address_in(item), base)))
    return frozenset(keys)

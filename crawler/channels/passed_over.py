"""Items of a listing that its item selectors do not find, though they stand in its list and look like the others.

A selector may ask for what most items have, such as a teaser or a date. Then one without is not read, and nobody hears
of it. Whether such an element is an item cannot be known, so it is counted and told. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.links import absolute_url
from crawler.markup import is_element, text_of
from news.text import words
from news.url_shape import url_shape
from news.urls import canonical_url, url_key

PASSED_OVER = "like the others, but the item selectors do not find it"
ENOUGH_ITEMS = 3
"""So many items must stand side by side before what stands beside them is said to be like them."""
FEW_WORDS = 3
"""The name of a menu's link has fewer words."""
MAX_BESIDE = 500
"""Elements of one list that are looked at."""
MAX_LINKS = 20
"""Links of one element that are looked at."""


class Alike:
    """Whether an address is built like those of a list; a slug of one word has a shape of its own.

    :param urls: where the list's items lead.
    """

    def __init__(self, urls: Iterable[str]) -> None:
        urls = list(urls)
        self._shapes = {url_shape(url) for url in urls}
        self._folders = {_folder(url) for url in urls}

    def __call__(self, url: str, title: str) -> bool:
        """Return whether ``url`` is; in a folder of theirs ``title`` must be more than a word of a menu."""
        return url_shape(url) in self._shapes or (
            _folder(url) in self._folders and len(words(title)) >= FEW_WORDS
        )


def _folder(url: str) -> str:
    """Return an address down to the last slash before its last segment."""
    return canonical_url(url).rpartition("/")[0]


def passed_over(items: Sequence[HtmlElement], urls: Collection[str], base: str) -> int:
    """Return how many elements stand among the items of a list, are built like them and were not read.

    They have the tag that all items have there and the classes that all have in common, and lead to an address that is
    built like the items' and to which no item leads.

    :param items: what the item selectors found, in the order of the page.
    :param urls: where the entries lead that were read.
    """
    is_alike, keys = Alike(urls), {url_key(url) for url in urls}
    seen: set[str] = set()
    for parent, cells in _lists(items):
        tags = {cell.tag for cell in cells}
        common = set.intersection(*(_classes(cell) for cell in cells))
        if len(tags) != 1:
            continue
        own = set(cells)
        for node in islice(parent, MAX_BESIDE):
            if is_element(node) and node not in own and node.tag in tags and common <= _classes(node):
                links = {url_key(url) for url, text in _links(node, base) if is_alike(url, text)}
                if links and not links & keys:
                    seen.add(min(links))
    return len(seen)


def _lists(items: Sequence[HtmlElement]) -> list[tuple[HtmlElement, list[HtmlElement]]]:
    """Return each element in which enough items stand side by side, with the elements in it that hold one item each."""
    held: Counter[HtmlElement] = Counter()
    for item in items:
        held.update(item.iterancestors())
    lists: dict[HtmlElement, list[HtmlElement]] = defaultdict(list)
    for item in items:
        cell = item
        while (parent := cell.getparent()) is not None and held[parent] == 1:
            cell = parent
        if parent is not None:
            lists[parent].append(cell)
    return [(parent, cells) for parent, cells in lists.items() if len(cells) >= ENOUGH_ITEMS]


def _classes(node: HtmlElement) -> set[str]:
    return set((node.get("class") or "").split())


def _links(node: HtmlElement, base: str) -> list[tuple[str, str]]:
    """Return where an element's links lead, with their texts."""
    links = ((link.get("href"), text_of(link)) for link in islice(node.iter("a"), MAX_LINKS))
    found = ((absolute_url(href, base), text) for href, text in links if href)
    return [(url, text) for url, text in found if url is not None]

"""Where the titles stand in the items of a redesigned page: what is stored shows it, whatever the markup is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from lxml.html import HtmlElement
from scrapy.http import TextResponse

from crawler.charset import page_text
from crawler.healing.locating import Located, is_namesake
from crawler.links import absolute_url, base_url, link_of
from crawler.markup import is_element, parse_html, text_of
from crawler.selectors import compile_selector, first_value
from news.source import Wrapper
from news.text import normalise_title
from news.urls import url_key

ENOUGH = 0.6
"""Share of the recognised items in which a title must stand at the same place."""
MAX_ELEMENTS = 200
"""Elements of an item that are compared with its stored title."""


def retitled(response: TextResponse, wrapper: Wrapper, found: Mapping[str, Located]) -> Wrapper:
    """Return the wrapper with a selector put before its others that reads the titles which are stored.

    It is the wrapper itself where there is no such place.

    :param found: the stored articles among the items, by URL key.
    """
    root = parse_html(page_text(response))
    base = base_url(root, response.url)
    places: Counter[str] = Counter()
    items = 0
    for item, located in _items(root, base, wrapper, found):
        items += 1
        places.update(_places(item, located))
    # Of two places that show the same title in all items, the innermost one holds nothing else.
    best = max(places, key=lambda place: (places[place], place.count("/")), default="")
    if not best or places[best] < ENOUGH * items:
        return wrapper
    return replace(wrapper, title=(best, *(each for each in wrapper.title if each != best)))


def _items(
    root: HtmlElement, base: str, wrapper: Wrapper, found: Mapping[str, Located]
) -> Iterator[tuple[HtmlElement, Located]]:
    for alternative in wrapper.item:
        any_found = False
        for item in compile_selector(alternative).elements(root):
            href = first_value(item, wrapper.link, link_of)
            url = absolute_url(href, base) if href else None
            located = found.get(url_key(url)) if url else None
            if located is not None:
                any_found = True
                yield item, located
        if any_found:
            return


def _places(item: HtmlElement, located: Located) -> set[str]:
    """Return where in an item its stored title stands alone, as paths from the item."""
    elements = islice((node for node in item.iter() if is_element(node)), MAX_ELEMENTS)
    return {
        _path(item, node)
        for node in elements
        if is_namesake(normalise_title(text_of(node)[:2_000]), located.seed)
    }


def _path(item: HtmlElement, node: HtmlElement) -> str:
    steps: list[str] = []
    while node is not item:
        parent = node.getparent()
        if parent is None:
            break
        alike = [each for each in parent if each.tag == node.tag]
        tag = str(node.tag)
        steps.append(tag if len(alike) == 1 else f"{tag}[{alike.index(node) + 1}]")
        node = parent
    return "./" + "/".join(reversed(steps)) if steps else "./self::*"

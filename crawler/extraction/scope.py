"""Where on a page its article stands, if the markup tells: so that a body is looked for there, and whole.

Two shapes of real pages mislead extractors that look at the text alone: further articles below the one that the page
is about (endless scrolling), and one body that is cut into several boxes of one class by what stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from crawler.markup import is_element, text_of
from news.text import title_key

_BODY_CLASS = re.compile(
    r"article-?_{0,2}(?:body|text|content)|(?:entry|post|story)-?_{0,2}(?:body|content)|body-?text",
    re.IGNORECASE,
)
_ENOUGH_CHARS = 700
"""Characters of paragraphs from which on an ``<article>`` is taken for the whole one, and not for its header."""
_CHUNK_CHARS = 200
_MAX_CHUNKS = 200


def own_article(root: HtmlElement, title: str) -> HtmlElement:
    """Return the innermost ``<article>`` around the page's title that holds enough text, else the root.

    Of a page with one ``h1`` that one is the title, whatever it says.
    """
    headings = list(root.iter("h1"))
    wanted = title_key(title)
    titles = [node for node in headings if title_key(text_of(node)) == wanted] or headings
    if len(titles) != 1:
        return root
    for article in titles[0].iterancestors("article"):
        if paragraph_chars(article) >= _ENOUGH_CHARS:
            return article
    return root


def paragraph_chars(node: HtmlElement) -> int:
    """Return how many characters the paragraphs of an element hold."""
    return sum(_chars(paragraph) for paragraph in node.iter("p"))


def join_chunks(root: HtmlElement) -> None:
    """Move what stands in the later boxes of a body that was cut into boxes of one class into the first.

    Boxes belong together if they have the same name, the same class that speaks of a body, stand in the same
    ``<article>`` or ``<main>``, hold paragraphs, and two of them some text.
    """
    groups: dict[tuple[object, ...], list[HtmlElement]] = {}
    for node in root.iter("div", "section"):
        name = node.get("class") or ""
        if node.get("itemprop") == "articleBody" or _BODY_CLASS.search(name):
            around = next(node.iterancestors("article", "main"), None)
            groups.setdefault((node.tag, name, around), []).append(node)
    for nodes in groups.values():
        chars = {node: _own_paragraph_chars(node) for node in _outermost(nodes)}
        chunks = [node for node in chars if chars[node]]
        if len(chunks) > _MAX_CHUNKS or sum(chars[node] > _CHUNK_CHARS for node in chunks) < 2:
            continue
        for chunk in chunks[1:]:
            chunks[0].extend(list(chunk))


def _outermost(nodes: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Keep what does not stand in another of them; they come in document order."""
    kept: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for node in nodes:
        if node in inside:
            continue
        kept.append(node)
        inside.update(below for below in node.iter("div", "section") if below is not node)
    return kept


def _own_paragraph_chars(node: HtmlElement) -> int:
    return sum(_chars(child) for child in node if is_element(child) and child.tag == "p")


def _chars(node: HtmlElement) -> int:
    return len(" ".join("".join(map(str, node.itertext())).split()))

"""The words of a title as they are meant: without what screen readers add, dates, badges and permalink signs in it."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.markup import UNSEEN, is_hidden
from news.text import normalise_title

_UNSPOKEN = re.compile(
    r"(?:^|[\s_-])(?:sr-only|sr_only|screen-?reader(?:-text|-only)?|visually-?hidden|visuallyhidden|element-invisible|assistive-text|"
    r"a11y-hidden|u-hidden-visually|show-for-sr|headerlink|header-link|header-anchor|anchor-link|heading-anchor|"
    r"heading-link|permalink-sign)(?:$|\s)",
    re.IGNORECASE,
)
_BADGE = re.compile(
    r"(?:^|[\s_-])(?:badges?|labels?|tags?|kicker|eyebrow|overline|category|categories|cat|date|time|datetime|meta|icon|"
    r"new|flag|sticky|pinned|lang|views?|comments?|count|counter|author|byline|num|number|index|ext|size|filesize|type|topic|rubric)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SIGNS = frozenset("#¶§🔗∞")
_INLINE_BADGES = frozenset(
    ("span", "i", "em", "b", "small", "time", "sup", "strong", "font", "label", "div", "svg")
)
_CUT_OFF = ("...", "…")
MIN_REST = 8


def title_text(node: HtmlElement) -> str:
    """Return the title in an element, on one line.

    What is marked as meant for screen readers only is left out, as are times; badges (a category, a date, a count in
    an element of their own) if a title remains without them. A title that the page cut off, but carries whole in its
    ``title`` attribute, is given whole.
    """
    whole = _words(node, ())
    bare = _words(node, _badges(node)) if len(node) else whole
    text = bare if len(bare) >= MIN_REST and len(bare) * 2 >= len(whole) else whole
    return _uncut(node, text) if text else ""


def _words(node: HtmlElement, left_out: tuple[HtmlElement, ...]) -> str:
    pieces: list[str] = []
    _collect(node, left_out, pieces, 0)
    return normalise_title("".join(pieces))


def _collect(node: HtmlElement, left_out: tuple[HtmlElement, ...], pieces: list[str], depth: int) -> None:
    if node.text:
        pieces.append(node.text)
    for child in node:
        if isinstance(child.tag, str) and depth < 30 and not _is_unspoken(child) and child not in left_out:
            apart = child.tag not in (
                "b",
                "i",
                "em",
                "strong",
                "span",
                "a",
                "mark",
                "u",
                "sub",
                "sup",
                "small",
                "font",
                "wbr",
                "abbr",
                "cite",
                "q",
                "code",
                "bdi",
                "bdo",
                "ruby",
            )
            pieces.append(" " if apart else "")
            _collect(child, left_out, pieces, depth + 1)
            pieces.append(" " if apart else "")
        else:
            pieces.append(" ")
        if child.tail:
            pieces.append(child.tail)


def _is_unspoken(node: HtmlElement) -> bool:
    if node.tag in UNSEEN or is_hidden(node):
        return True
    names = node.get("class")
    if names and _UNSPOKEN.search(names):
        return True
    return node.tag in ("a", "span") and (node.text or "").strip() in _SIGNS and len(node) == 0


def _badges(node: HtmlElement) -> tuple[HtmlElement, ...]:
    """Return elements within a title that are no part of it: times, and small ones with a badge's class name."""
    return tuple(
        child
        for child in node.iterdescendants(*_INLINE_BADGES)
        if child.tag == "time" or (_BADGE.search(child.get("class") or "") and not _says_title(child))
    )


def _says_title(node: HtmlElement) -> bool:
    names = (node.get("class") or "").lower()
    return "title" in names or "headline" in names or "heading" in names


def _uncut(node: HtmlElement, text: str) -> str:
    """Return the whole of a title that ends in an ellipsis, where an attribute carries it."""
    if not text.endswith(_CUT_OFF):
        return text
    start = text.rstrip(".… ")
    for place in (node, *node.iterancestors("a"), *node.iterdescendants("a")):
        whole = normalise_title(place.get("title") or place.get("aria-label") or "")
        if len(start) >= MIN_REST and whole.startswith(start) and len(whole) > len(start):
            return whole
    return text

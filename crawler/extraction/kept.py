"""What is kept of a page so that a better extractor can read it again: its HTML without what no extractor reads.

Emptied elements stay where they stood, so that selectors that count siblings mean the same before and after.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.jsonld import without_lists
from crawler.markup import outer_html, parse_html

MAX_RAW_CHARS = 512 * 1024
_EMPTIED = frozenset(
    ("style", "svg", "noscript", "template", "iframe", "object", "canvas", "math", "video", "audio")
)
_DEAD_ATTRIBUTES = re.compile(r"on\w+|srcset|sizes|data-(?!time|date).*|integrity|nonce|jsaction")
_ADDRESSES = frozenset(("src", "href", "poster", "background", "style"))
_MAX_ADDRESS_CHARS = 4_000  # longer ones are pictures written into the page
_SPACES = re.compile(r"[ \t\r\n\f]{2,}")


def kept_html(html: str) -> str:
    """Return a page's HTML without scripts (save JSON-LD), styles, drawings and comments, at most 512 KB of it.

    Of a longer page the structured data goes that describes other things, as a live blog's posts; if that is not
    enough it is cut at the end. What is read is what is kept, so both stay alike.

    Raises:
        ExtractionError: see `crawler.markup.parse_html`.
    """
    root = parse_html(html)
    for comment in list(root.iter(etree.Comment, etree.ProcessingInstruction)):
        _drop_keeping_tail(comment)
    for node in list(root.iter(etree.Element)):
        _slim(node)
    html = outer_html(root)
    if len(html) > MAX_RAW_CHARS:
        for script in root.iter("script"):
            if script.text:
                script.text = without_lists(script.text)
        html = outer_html(root)
    return html[:MAX_RAW_CHARS]


def _slim(node: HtmlElement) -> None:
    if node.tag == "script" and "ld+json" in (node.get("type") or "").lower():
        return
    if node.tag in _EMPTIED or node.tag == "script":
        node.clear(keep_tail=True)
        return
    for name, value in node.attrib.items():
        if _DEAD_ATTRIBUTES.fullmatch(str(name)) or (name in _ADDRESSES and len(value) > _MAX_ADDRESS_CHARS):
            del node.attrib[name]
    if node.text and node.tag != "pre":
        node.text = _SPACES.sub(_one_space, node.text)
    if node.tail:
        node.tail = _SPACES.sub(_one_space, node.tail)


def _one_space(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _drop_keeping_tail(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is None:
            parent.text = (parent.text or "") + node.tail
        else:
            before.tail = (before.tail or "") + node.tail
    parent.remove(node)

"""The pieces of HTML that come with items: their text, and their links made absolute.

feedparser could resolve links, too, but with a parser whose time grows with the square of what a stranger sends.
"""

from __future__ import annotations

import re
from html import escape

from lxml.html import HtmlElement

from crawler.links import absolute_url
from crawler.markup import inner_html, parse_html, text_of
from news.errors import ExtractionError

_LINKS = frozenset(("cite", "href", "poster", "src"))
_ABSOLUTE = re.compile(r"#|[a-z][a-z0-9+.-]{0,30}:", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""JSON can carry what neither UTF-8 nor a database takes: half of a pair of surrogates, and NUL."""


def storable(text: str) -> str:
    r"""Return a text without the characters that cannot be stored.

    >>> storable("a\ud800\x00b")
    'ab'
    """
    return _UNSTORABLE.sub("", text)


def text_and_html(html: str, base: str) -> tuple[str, str]:
    """Return the text of a fragment, one line a paragraph, and the fragment with absolute links.

    Both are empty for one that cannot be read within bounds: its item then stands without a body, and the article is
    asked for. One bad body must not hide the other items.
    """
    if not html.strip():
        return "", ""
    if "<" not in html and "&" not in html:
        return html.strip(), html
    try:
        root = parse_html(f"<div>{html}</div>")
    except ExtractionError:
        return "", ""
    changed = _resolve(root, base)
    text = text_of(root)
    if not changed:
        return text, html
    body = next(root.iter("body"), None)
    whole = body if body is not None else root
    return text, inner_html(whole[0]) if len(whole) == 1 and whole[0].tag == "div" else inner_html(whole)


def html_text(html: str) -> str:
    """Return the text of a fragment, one line a paragraph; empty where it cannot be read within bounds."""
    return text_and_html(html, "")[0]


def as_html(text: str) -> str:
    """Return plain text as HTML, a paragraph for each of its lines."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in text.split("\n") if line.strip())


def _resolve(root: HtmlElement, base: str) -> bool:
    changed = False
    for node in root.iter():
        for name in _LINKS.intersection(node.attrib) if base else ():
            value = str(node.attrib[name]).strip()
            url = None if _ABSOLUTE.match(value) else absolute_url(value, base)
            if url is not None:
                node.set(name, url)
                changed = True
    return changed

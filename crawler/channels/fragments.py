"""The pieces of HTML that come with items: their text, and their links made absolute.

feedparser could resolve links, too, but with a parser whose time grows with the square of what a stranger sends.
"""

from __future__ import annotations

import re
from html import escape

from lxml.html import HtmlElement

from crawler.links import absolute_url
from crawler.markup import inner_html, parse_html, text_of
from crawler.wording import invites_to
from news.errors import ExtractionError
from news.text import words
from news.urls import url_key

_MAX_CREDIT_CHARS = 1_500
_CREDIT_WORDS = 6
_MORE_MARK = re.compile(r"#more-\d|class\s*=\s*[\"'][^\"'<>]{0,200}\bmore-link\b")
_SHORTCODE = re.compile(r"\[/?(?:vc|et_pb|fusion|av|cs|mk|fl)_\w")
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


def text_and_html(html: str, base: str, *, url: str = "") -> tuple[str, str]:
    """Return the text of a fragment, one line a paragraph, and the fragment with absolute links.

    A last paragraph that does nothing but link the item, at ``url``, and its site is left out: WordPress writes "The
    post … appeared first on …" behind what it puts into feeds.

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
    changed = _cut_credit(root, url) if url else False
    changed = _resolve(root, base) or changed
    text = text_of(root)
    if not changed:
        return text, html
    body = next(root.iter("body"), None)
    whole = body if body is not None else root
    return text, inner_html(whole[0]) if len(whole) == 1 and whole[0].tag == "div" else inner_html(whole)


def is_cut(text: str, html: str, title: str) -> bool:
    """Tell a body that leads on to the rest of it, or that holds the unread commands of a page builder.

    >>> is_cut("The tide. Go on", '<p>The tide. <a href="/mill#more-7">Go on</a></p>', "The mill")
    True
    """
    if _MORE_MARK.search(html) or _SHORTCODE.search(text):
        return True
    return any(invites_to(title, line) for line in text.rsplit("\n", 3)[-3:])


def html_text(html: str) -> str:
    """Return the text of a fragment, one line a paragraph; empty where it cannot be read within bounds."""
    return text_and_html(html, "")[0]


def as_html(text: str) -> str:
    """Return plain text as HTML, a paragraph for each of its lines."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in text.split("\n") if line.strip())


def _cut_credit(root: HtmlElement, url: str) -> bool:
    place = next((node for node in root.iter("div") if len(node)), None)
    last = place[-1] if place is not None else None
    if last is None or last.tag != "p" or (last.tail or "").strip():
        return False
    links = list(last.iter("a"))
    around = str(last.text_content())
    if len(links) != 2 or len(around) > _MAX_CREDIT_CHARS:
        return False
    for link in links:
        around = around.replace(str(link.text_content()), " ", 1)
    own = absolute_url(links[0].get("href") or "", url)
    if own is None or url_key(own) != url_key(url) or len(words(around)) > _CREDIT_WORDS:
        return False
    last.drop_tree()
    return True


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

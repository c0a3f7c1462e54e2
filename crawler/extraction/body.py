"""The body of an article's page, as a small tree of plain HTML: what selectors name, else what trafilatura finds.

Out of the tree come the text that is stored and, on demand, HTML that is safe to show. trafilatura is imported when it
is first needed, and given the article alone where the markup tells where that is; what it brings along from above the
headline is left out.
"""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from html import escape
from types import ModuleType

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from crawler.extraction.naming import people
from crawler.extraction.scope import join_chunks, own_article, paragraph_chars
from crawler.markup import cut, parse_html, text_of
from crawler.selectors import compile_selector
from news.dates import parse_date
from news.errors import ExtractionError
from news.source import Selectors
from news.text import normalise_text, title_key

_HEADLINE_AMONG = 8
_ABOVE_HEADLINE_CHARS = 400
_LOST_SHARE = 0.2
"""A precise reading that has less than this share of the paragraphs around it has lost something."""
_LINES_ABOUT = 4
_LINE_CHARS = 100
_DATE_LINE_CHARS = 60
_DATE_LETTERS = 32
_ANY_TIME = datetime(2100, 1, 1, tzinfo=UTC)
_SENTENCE_END = re.compile(r"[.!?…؟。]['\"”»]?\Z")
_TEI = {"item": "li", "quote": "blockquote", "lb": "br", "row": "tr", "cell": "td", "code": "pre"}
_NAME = re.compile(r"[a-z][a-z0-9]*")
_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 ul ol blockquote table pre".split())
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_EMPHASIS = {"#b": "b", "#i": "i", "#u": "u", "#t": "code", "#sub": "sub", "#sup": "sup"}
_LEAVES = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "pre", "blockquote")


def declared_body(root: HtmlElement, rules: Selectors) -> list[HtmlElement]:
    """Return the outermost elements that the first selector with text finds."""
    for rule in rules:
        nodes = compile_selector(rule).elements(root)
        chosen = {id(node) for node in nodes}
        outermost = [node for node in nodes if not any(id(above) in chosen for above in node.iterancestors())]
        if any(text_of(node) for node in outermost):
            return outermost
    return []


def found_body(
    root: HtmlElement, url: str, title: str, authors: tuple[str, ...] = (), *, rich: bool = False
) -> HtmlElement | None:
    """Return the body that stands on a page without the help of selectors, or None. ``root`` is changed.

    Args:
        root: the page; see `crawler.extraction.scope` for what is done to it.
        url: where it stands, for its relative links.
        title: the article's title, which does not belong to its body,
        authors: and neither does a line with their names alone.
        rich: with links, and what is bold or slanted.

    Raises:
        ExtractionError: the library failed.
    """
    join_chunks(root)
    article = own_article(root, title)
    if article is not root:
        # In a page of its own, since extractors look for an article below the root.
        page = parse_html("<html><body></body></html>")
        page.find("body").append(deepcopy(article))  # type: ignore[union-attr]
        article = page
    body = _extracted(article, url, precise=True, rich=rich)
    if body is None or len(text_of(body)) < _LOST_SHARE * paragraph_chars(article):
        whole = _extracted(article, url, precise=False, rich=rich)
        body = whole if whole is not None else body
    if body is not None:
        cut(_above_the_headline(body, title))
        cut(_lines_about(body, set(map(title_key, authors))))
        if title_key(text_of(body)) == title_key(title):
            return None
    return body


def _extracted(root: HtmlElement, url: str, *, precise: bool, rich: bool) -> HtmlElement | None:
    try:
        found = _library().bare_extraction(
            root,
            url=url,
            include_comments=False,
            include_links=rich,
            include_formatting=rich,
            favor_precision=precise,
        )
    except Exception as error:  # a library of rules may stumble over hostile markup in any way
        raise ExtractionError(
            f"no body: trafilatura failed on {url} ({type(error).__name__}: {error}); name the body in [article] body"
        ) from error
    tree = getattr(found, "body", None)
    if tree is None:
        return None
    body = _as_html(tree)
    return body if text_of(body) else None


def _leaves(body: HtmlElement) -> list[HtmlElement]:
    return [node for node in body.iter(*_LEAVES) if next(node.iterdescendants(*_LEAVES), None) is None]


def _lines_about(body: HtmlElement, authors: set[str]) -> list[HtmlElement]:
    """Return the lines at the top with nothing but a date, or the authors' names: these have fields of their own."""
    found: list[HtmlElement] = []
    for block in _leaves(body)[:_LINES_ABOUT]:
        text = text_of(block)
        if not text or len(text) > _LINE_CHARS or _SENTENCE_END.search(text):
            break
        names = set(map(title_key, people([text], (), split=True)))
        if (names and names <= authors) or (len(text) <= _DATE_LINE_CHARS and _is_date(text)):
            found.append(block)
        else:
            break
    return found


def _is_date(text: str) -> bool:
    """Tell a line with a date and few other words; which day it is, and in whose zone, does not matter here."""
    letters = sum(map(str.isalpha, text))
    stamp = parse_date(text, language=None, now=_ANY_TIME, provenance="text", day_first=True)
    return stamp is not None and letters <= _DATE_LETTERS


@cache
def _library() -> ModuleType:
    import trafilatura

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # why a page could not be read stands in the run
    return trafilatura


def _as_html(body: etree._Element) -> HtmlElement:
    """Return trafilatura's tree, whose elements are those of TEI, as HTML."""
    for node in body.iter():
        name = _TEI.get(str(node.tag), str(node.tag))
        node.tag = name if _NAME.fullmatch(name) else "div"  # a damaged start tag: <headerclass="top">
        attributes = dict(node.attrib)
        node.attrib.clear()
        if node.tag == "head":
            level = attributes.get("rend", "")
            node.tag = level if level in _HEADINGS else "h3"
        elif node.tag == "hi":
            node.tag = _EMPHASIS.get(attributes.get("rend", ""), "i")
        elif node.tag == "list":
            node.tag = "ol" if attributes.get("rend") == "ol" else "ul"
        elif node.tag == "ref":
            node.tag = "a"
            node.set("href", attributes.get("target", ""))
    body.tag = "div"
    _wrap_loose_text(body)
    return fragment_fromstring(etree.tostring(body, method="html", encoding="unicode", with_tail=False))


def _wrap_loose_text(body: etree._Element) -> None:
    """Make paragraphs of the texts between the blocks, so that each line has an element of its own."""
    for node in [None, *body]:
        text = body.text if node is None else node.tail
        if not text or not text.strip() or (node is not None and node.tag not in _BLOCKS):
            continue
        paragraph = etree.Element("p")
        paragraph.text = text
        if node is None:
            body.text = None
            body.insert(0, paragraph)
        else:
            node.tail = None
            node.addnext(paragraph)


def _above_the_headline(body: HtmlElement, title: str) -> list[HtmlElement]:
    """Return the blocks down to the headline, if that stands near the top: kickers, captions, dates, the title."""
    blocks = _leaves(body)
    wanted, chars = title_key(title), 0
    for number, block in enumerate(blocks[:_HEADLINE_AMONG], 1):
        text = text_of(block)
        if title_key(text) == wanted:
            return blocks[:number] if number < len(blocks) else []
        chars += len(text)
        if chars > _ABOVE_HEADLINE_CHARS:
            break
    return []


def lines_as_html(text: str) -> str:
    """Return lines of text as paragraphs."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in normalise_text(text).split("\n") if line)


def markup_of(nodes: list[HtmlElement]) -> str:
    """Return elements as HTML, one after the other."""
    return "\n".join(
        etree.tostring(node, method="html", encoding="unicode", with_tail=False) for node in nodes
    )

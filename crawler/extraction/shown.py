"""Dates and authors that a page's markup marks as such: microdata, ``time``, ``rel=author``, bylines by their class.

What stands in comments, in lists of other articles and around the page is passed over, wherever the markup tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import chain, islice

from lxml.html import HtmlElement

from crawler.dating import change_of, date_of, read_date
from crawler.markup import text_of
from news.dates import Precision, Stamp
from news.source import Source
from news.text import title_key

_ELSEWHERE_TAGS = frozenset(("nav", "aside", "footer", "form"))
_ELSEWHERE = re.compile(
    r"comment|related|sidebar|footer|widget|teaser|recommend|popular|trending|latest|read-?(?:more|next|also)|newsletter|"
    r"promo|carousel|breadcrumb|navigation|\bnav\b|menu",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"publish|pub-?date|posted|entry-date|date-?line|created|issued", re.IGNORECASE)
_MODIFIED = re.compile(r"modif|updat|changed|edited", re.IGNORECASE)
_DATE = re.compile(r"(?:^|[\s_-])(?:date|datum|fecha|data|time-?stamp|meta-?date|post-?date)", re.IGNORECASE)
_BYLINE = re.compile(
    r"(?:^|[\s_-])by-?line|(?:^|[\s_-])authors?(?:[\s_-]+(?:name|names|link|url|title))?(?:$|\s)|author_?-?_?name|"
    r"(?:^|\s)(?:autor|auteur|writer|reporter|journalist)s?(?:$|[\s_-])",
    re.IGNORECASE,
)
_AUTHORS_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|as?)?|auteurs?|autori?|autore|journalists?|journalistes?|reporters?|byline|kirjoittaja)"
    r"/[^/?#]",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"bio|image|photo|avatar|social|desc|box|list|follow|role|job|email|related", re.IGNORECASE
)
_MAX_DATE_CHARS = 120
_MAX_BYLINE_CHARS = 160
_MAX_CANDIDATES = 30
_LINKED_SHARE = 0.8
_MAX_INNER = 8
_MAX_LINES = 300
_MAX_DATE_LINE_CHARS = 80
_MAX_DATE_LINE_SOURCE = 1_000  # with its indentation


def shown_dates(root: HtmlElement, source: Source, *, now: datetime, title: str) -> Iterator[Stamp]:
    """Yield the dates of publication that the markup marks, the best marked first, then those beside the headline.

    Relative ones ("2 hours ago") come last, and none that the markup or the words beside it call a change.
    """
    relative: list[Stamp] = []
    for node in chain(_date_nodes(root), _beside_headline(root, title)):
        stamp = _date_at(node, source, now)
        if stamp is not None and stamp.precision is Precision.RELATIVE:
            relative.append(stamp)
        elif stamp is not None:
            yield stamp
    yield from relative


def shown_change(root: HtmlElement, source: Source, *, now: datetime, title: str) -> Stamp | None:
    """Return when the markup, or a line beside the headline, says that the article was last changed."""
    marked = (node for node in root.iter() if "datemodified" in (node.get("itemprop") or "").lower().split())
    times = (node for node in root.iter("time") if not _is_elsewhere(node))
    some = (islice(marked, _MAX_CANDIDATES), islice(times, _MAX_CANDIDATES), _beside_headline(root, title))
    for node in chain.from_iterable(some):
        if (stamp := change_of(node, source, now=now)) is not None:
            return stamp
    return None


def days_of_changes(root: HtmlElement, source: Source, *, now: datetime) -> set[date]:
    """Return the days that any short line of the page, wherever it stands, says to be those of changes."""
    days: set[date] = set()
    lines = root.iter("time", "p", "div", "span", "li", "dd", "td", "small", "em", "strong", "b", "footer")
    few = ((node, text_of(node, most=_MAX_DATE_LINE_SOURCE)) for node in lines if len(node) <= _MAX_INNER)
    short = ((node, text) for node, text in few if len(text) <= _MAX_DATE_CHARS)
    dated = (node for node, text in short if node.tag == "time" or any(map(str.isdigit, text)))
    for node in islice(dated, _MAX_LINES):
        if (stamp := change_of(node, source, now=now)) is not None:
            days.add(stamp.at.date())
    return days


def _date_nodes(root: HtmlElement) -> Iterator[HtmlElement]:
    for node in root.iter():
        if "datepublished" in (node.get("itemprop") or "").lower().split() and not _is_elsewhere(node):
            yield node
    times = [node for node in root.iter("time") if not _is_change(node) and not _is_elsewhere(node)]
    yield from (node for node in times if node.get("pubdate") is not None or _PUBLISHED.search(_names(node)))
    yield from times[:_MAX_CANDIDATES]
    found = 0
    for node in root.iter("span", "div", "p", "li", "small", "em", "abbr", "dd", "strong", "b"):
        name = _names(node)
        if not name or not (_PUBLISHED.search(name) or _DATE.search(name)) or _is_change(node):
            continue
        if found >= _MAX_CANDIDATES:
            return
        found += 1
        if not _is_elsewhere(node):
            yield node


def _beside_headline(root: HtmlElement, title: str) -> Iterator[HtmlElement]:
    """Yield the short blocks with digits that follow the headline, as date lines do."""
    wanted = title_key(title)
    headline = next(
        (node for node in root.iter("h1", "h2", "h3") if title_key(text_of(node)) == wanted), None
    )
    if headline is None:
        return
    seen = 0
    for node in headline.xpath(
        "following::*[self::p or self::div or self::span or self::li][position() <= 120]"
    ):
        if len(node) > _MAX_INNER:
            continue
        seen += 1
        if seen > _MAX_CANDIDATES:
            return
        text = text_of(node)
        if 6 <= len(text) <= _MAX_DATE_LINE_CHARS and any(map(str.isdigit, text)) and not _is_elsewhere(node):
            yield node


def _date_at(node: HtmlElement, source: Source, now: datetime) -> Stamp | None:
    if node.tag == "abbr" and (
        stamp := read_date(node.get("title") or "", source, now=now, provenance="text")
    ):
        return stamp
    if (
        node.get("datetime")
        or node.get("content")
        or node.tag == "time"
        or len(text_of(node)) <= _MAX_DATE_CHARS
    ):
        return date_of(node, source, now=now)
    return None


def shown_authors(root: HtmlElement) -> tuple[str, ...]:
    """Return what the best mark of authorship on the page holds: texts with names, perhaps with more around them."""
    marks = (_itemprop, _rel_author, _byline, _authors_page)
    for mark in marks:
        found = list(dict.fromkeys(filter(None, map(_author_text, _marked(root, mark)))))
        if found:
            return tuple(found)
    return ()


def _marked(root: HtmlElement, mark: Callable[[HtmlElement], bool]) -> list[HtmlElement]:
    nodes: list[HtmlElement] = []
    for node in root.iter(
        "a", "span", "div", "p", "address", "li", "strong", "b", "h3", "h4", "h5", "cite", "em"
    ):
        if not mark(node) or _is_elsewhere(node) or any(above in nodes for above in node.iterancestors()):
            continue
        nodes.append(node)
        if len(nodes) >= _MAX_CANDIDATES:
            break
    return nodes


def _itemprop(node: HtmlElement) -> bool:
    return "author" in (node.get("itemprop") or "").split()


def _rel_author(node: HtmlElement) -> bool:
    return "author" in (node.get("rel") or "").split()


def _authors_page(node: HtmlElement) -> bool:
    return node.tag == "a" and bool(_AUTHORS_PAGE.search(node.get("href") or ""))


def _byline(node: HtmlElement) -> bool:
    name = node.get("class") or ""
    return bool(name and _BYLINE.search(name)) and not _NO_NAME.search(name)


def _author_text(node: HtmlElement) -> str:
    """Return the name in an element: that of the microdata in it, of its links to authors, else all of its text."""
    for inner in node.iter():
        if inner is not node and "name" in (inner.get("itemprop") or "").split():
            return inner.get("content") or text_of(inner)
    if node.get("content"):
        return node.get("content") or ""
    links = [link for link in node.iter("a") if link is not node]
    names = [text for link in links if (text := text_of(link)) and (len(links) > 1 or _rel_author(link))]
    text = text_of(node)
    if names and (any(map(_rel_author, links)) or sum(map(len, names)) > _LINKED_SHARE * len(text)):
        text = "; ".join(names)
    text = text.split("\n")[0]
    return text if len(text) <= _MAX_BYLINE_CHARS else ""


def _names(node: HtmlElement) -> str:
    return f"{node.get('class') or ''} {node.get('id') or ''} {node.get('itemprop') or ''}".strip()


def _is_change(node: HtmlElement) -> bool:
    return bool(_MODIFIED.search(_names(node)))


def _is_elsewhere(node: HtmlElement) -> bool:
    """Tell whether an element stands in something that is not the article: comments, lists of others, navigation."""
    for above in (node, *node.iterancestors()):
        if above.tag in _ELSEWHERE_TAGS:
            return True
        if above.tag in ("body", "html", "main", "article"):
            continue
        if _ELSEWHERE.search(f"{above.get('class') or ''} {above.get('id') or ''}"):
            return True
    return False

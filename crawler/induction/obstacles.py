"""What speaks against a page as a listing: it is an article, a search, an error, a login. A person has to look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from crawler.blocking import classify
from crawler.induction.items import Item
from crawler.induction.page_names import MISSING_PAGE, SEARCH_RESULTS
from crawler.induction.view import View
from crawler.markup import text_of
from news.errors import UrlError
from news.run import Trouble
from news.urls import url_key

_ARTICLE_TYPES = frozenset(
    (
        "NewsArticle",
        "Article",
        "BlogPosting",
        "ReportageNewsArticle",
        "Report",
        "AnalysisNewsArticle",
        "LiveBlogPosting",
    )
)
_MAX_JSON = 400_000
_SEARCH_ADDRESS = re.compile(
    r"[?&](?:s|q|query|search|keyword|keywords|search_query)=|/search(?:/|\.|\?|$)", re.IGNORECASE
)
_PARAGRAPH_CHARS = 60
_SHORT_ARTICLE = 150
_NAME_CHARS = 12
_NEAR_ELEMENTS = 12
_NEAR_CHARS = 120


def obstacles_of(view: View, html: str, items: Sequence[Item]) -> tuple[str, ...]:
    """Return why a page may not be read as a listing without a person, in words for one; empty if nothing speaks.

    Args:
        view: the page.
        html: as it was answered.
        items: of the best list that was found on it, in the order of the page; those set apart above it go first.
    """
    return tuple(dict.fromkeys((*_blocked(html), *_says(view), *_article(view, items))))


def _blocked(html: str) -> Iterator[str]:
    # What is no page at all has no list either, so only a wall in front of one counts.
    problem = classify(200, {}, html, content_type="text/html", found_entries=0)
    if problem is not None and problem.trouble is Trouble.BLOCKED:
        yield problem.detail.partition(":")[0]


def _says(view: View) -> Iterator[str]:
    """Yield what the page's own name says it is."""
    names = [node.text or "" for node in view.root.iter("title")][:1]
    names += [text_of(node) for node in view.root.iter("h1")][:2]
    for pattern, what in (
        (MISSING_PAGE, "it says that the page is missing"),
        (SEARCH_RESULTS, "it shows what a search found"),
    ):
        said = next((name for name in names if pattern.search(name)), None)
        if said is not None:
            yield f"{what} (“{said.strip()[:80]}”)"
    if _SEARCH_ADDRESS.search(view.url):
        yield "its address is that of a search"


def _article(view: View, items: Sequence[Item]) -> Iterator[str]:
    longest = prose_outside(view, items)
    inside = sum(view.text_count[item.end] - view.text_count[item.place] for item in items)
    if longest > 300 and declares_article(view):
        yield "the page says that it is one article"
    elif longest > 500 and longest > 0.8 * inside:
        yield "most of the page is one text outside the list: it looks like an article"
    elif longest > _SHORT_ARTICLE and _is_dated_text(view, items):
        yield "a heading with a date and a text of its own stands above the list: it looks like an article"


def _is_dated_text(view: View, items: Sequence[Item]) -> bool:
    """Tell whether the page's first heading is no item, names the page, and has a date directly below it."""
    first = items[0].place if items else len(view.tags)
    place = next((at for at, tag in enumerate(view.tags[:first]) if tag == "h1"), None)
    if place is None or view.anchors_in(place):
        return False
    name = " ".join(text_of(view.nodes[place]).split()).casefold()
    title = next((" ".join((node.text or "").split()) for node in view.root.iter("title")), "").casefold()
    end = view.ends[place]
    near = range(end, min(first, end + _NEAR_ELEMENTS))
    return (
        len(name) >= _NAME_CHARS
        and name in title
        and any(view.dated[at] and view.text_count[at] - view.text_count[end] <= _NEAR_CHARS for at in near)
    )


def prose_outside(view: View, items: Sequence[Item]) -> int:
    """Return how many characters of paragraphs stand together outside the items; what is between them is theirs."""
    starts = {items[0].place: items[-1].end} if items else {}
    totals: dict[int, int] = {}
    place = 0
    while place < len(view.tags):
        if place in starts:
            place = max(starts[place], place + 1)
            continue
        if view.tags[place] in ("p", "blockquote", "li", "div") and not view.noise[place]:
            own = view.chars(place) if view.tags[place] == "p" else len(view.texts[place])
            linked = sum(len(anchor.text) for anchor in view.anchors_in(place))
            if own - linked >= _PARAGRAPH_CHARS:
                parent = (
                    view.parents[place] if view.tags[place] != "li" else view.parents[view.parents[place]]
                )
                totals[parent] = totals.get(parent, 0) + own - linked
        place += 1
    return max(totals.values(), default=0)


def declares_article(view: View) -> bool:
    """Tell whether a page declares itself one article: by Open Graph, or JSON-LD of one article with its address."""
    for node in view.root.iter("meta"):
        if (node.get("property") or "").lower() == "og:type" and (node.get("content") or "").lower() in (
            "article",
            "og:article",
        ):
            return True
    found = [item for item in _json_items(view) if _types(item) & _ARTICLE_TYPES]
    return len(found) == 1 and _is_about(found[0], view)


def _json_items(view: View) -> Iterator[dict[str, object]]:
    for node in view.root.iter("script"):
        if (
            (node.get("type") or "").lower() != "application/ld+json"
            or not node.text
            or len(node.text) > _MAX_JSON
        ):
            continue
        try:
            data = json.loads(node.text)
        except (ValueError, RecursionError):
            continue
        pending = [data]
        while pending:
            item = pending.pop()
            if isinstance(item, list):
                pending += item[:200]
            elif isinstance(item, dict):
                yield item
                pending += [item[name] for name in ("@graph",) if name in item]


def _types(item: dict[str, object]) -> set[str]:
    value = item.get("@type")
    return (
        {value}
        if isinstance(value, str)
        else {one for one in value if isinstance(one, str)}
        if isinstance(value, list)
        else set()
    )


def _is_about(item: dict[str, object], view: View) -> bool:
    for name in ("url", "mainEntityOfPage", "@id"):
        value = item.get(name)
        if isinstance(value, dict):
            value = value.get("@id")
        if isinstance(value, str):
            try:
                if url_key(value) == view.key:
                    return True
            except UrlError:
                continue
    return False

"""The link to the next page of a listing: every link of the page weighed by what it says, where it stands and leads.

Only plain links count. What a script would ask for is not known here, and never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crawler.induction.paging_words import said
from crawler.induction.view import Anchor, View
from crawler.links import absolute_url, same_site
from news.text import direction
from news.urls import url_key

MIN_SCORE = 2.0
MAX_CANDIDATES = 3
MAX_NUMBER = 5_000
_ONWARD_CLASS = re.compile(
    r"(?:^|[-_ ])(?:next|older|nextpostslink|nav-previous|suivant|siguiente|weiter|forward)(?:$|[-_ ])"
)
_BACK_CLASS = re.compile(
    r"(?:^|[-_ ])(?:prev|previous|newer|nav-next|previouspostslink|back|first)(?:$|[-_ ])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DIGITS = re.compile(r"\d+")
_FURTHER_PAGE = re.compile(r"/(?:page|p|seite|pagina)?[/-]?\d+/?")
_CURRENT_CLASS = re.compile(r"(?:^|[-_ ])(?:current|active|selected|curr|cur|on|this|present)(?:$|[-_ ])")
_PAGE_URL = re.compile(
    r"(?:/|[?&;])(?:page|paged|pagen_\d\d?|p|pg|pagina|página|pagenum|pageno|page_no|pageindex|pagenumber|currentpage|seite|strona|"
    r"sayfa|stranica|halaman|trang|pag|curpage|cur|صفحة|صفحه)(?:/|=|-|_)?(\d{1,4})(?=/|&|\.|$)"
    r"|(?:index|list|page|news|p)[-_]?(\d{1,4})(?:/|\.[a-z]{3,5}$|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NextLink:
    """A link that may lead to the next page. ``node`` is its place in the table, -1 for a ``<link>`` of the head."""

    url: str
    key: str
    node: int
    score: float
    words: str
    numbered: bool


@dataclass(frozen=True, slots=True)
class Numbering:
    """Which page is shown, as people count, and what is to be added to the numbers in addresses (some begin at 0)."""

    current: int
    shift: int
    numbers: dict[int, int]


def next_links(view: View, items: AbstractSet[str], language: str) -> list[NextLink]:
    """Return what may be the next page's link, the likeliest first.

    Args:
        view: the page.
        items: keys of its items, which are no pages of the list.
        language: of the page: its direction says which arrow leads onward.
    """
    numbering = numbering_of(view, items)
    best: dict[str, NextLink] = {}
    for anchor in view.anchors:
        if not anchor.own_site or anchor.key in items or _is_first_page(anchor.url, view.url):
            continue
        link = _weighed(view, anchor, numbering, language)
        if link is not None and (anchor.key not in best or best[anchor.key].score < link.score):
            best[anchor.key] = link
    for url in _head_links(view):
        key = url_key(url)
        if key != view.key and key not in items:
            known = best.get(key)
            place, score = (known.node, known.score) if known else (-1, 0.0)
            best[key] = NextLink(url, key, place, score + 4.0, "onward", numbered=False)
    found = [link for link in best.values() if link.score >= MIN_SCORE]
    return sorted(found, key=lambda link: -link.score)[:MAX_CANDIDATES]


def pager_places(view: View) -> list[int]:
    """Return where links surely lead to the page before or behind this one, whatever its list is."""
    numbering = numbering_of(view, frozenset())
    # Numbers in one row whose addresses differ in a number alone are a pager, whatever that number counts.
    rows: dict[tuple[int, str], list[int]] = {}
    for anchor in view.anchors:
        if anchor.node in numbering.numbers:
            parent = view.parents[anchor.node]
            row = view.parents[parent] if view.chars(parent) <= len(anchor.text) + 2 else parent
            rows.setdefault((row, _DIGITS.sub("#", anchor.url)), []).append(anchor.node)
    found = [node for nodes in rows.values() if len(nodes) > 1 for node in nodes]
    for anchor in view.anchors:
        if not anchor.own_site or len(anchor.text) > 40:
            continue
        number = numbering.numbers.get(anchor.node)
        target = page_number(anchor.url)
        if target is None or anchor.node in found or abs(target + numbering.shift - numbering.current) != 1:
            continue
        if number is not None or said(anchor.text) in ("older", "onward", "back", "right", "left"):
            found.append(anchor.node)
    return sorted(found)


def _head_links(view: View) -> list[str]:
    found = []
    for node in view.root.iter("link"):
        if "next" in (node.get("rel") or "").lower().split():
            url = absolute_url((node.get("href") or "").strip(), view.base)
            if url and same_site(url, view.url):
                found.append(url)
    return found[:1]


def _weighed(view: View, anchor: Anchor, numbering: Numbering, language: str) -> NextLink | None:
    element = view.nodes[anchor.node]
    rel = (element.get("rel") or "").lower().split()
    labels = (
        anchor.text,
        element.get("aria-label") or "",
        element.get("title") or "",
        _image_words(view, anchor),
    )
    words = next(filter(None, map(said, labels)), "")
    number = numbering.numbers.get(anchor.node)
    target = page_number(anchor.url)
    if target is None and not words and number is None and "next" not in rel:
        return None
    score = 3.0 * ("next" in rel) - 2.0 * ("prev" in rel)
    score += _words_worth(words, direction(language) == "rtl") + _names_worth(_names(view, anchor.node))
    if number is not None:
        score += 2.0 if number == numbering.current + 1 else -4.0
    if target is not None:
        score += _target_worth(target, numbering, words, counted=number is not None)
        if words == "back" and target + numbering.shift == numbering.current + 1:
            score = max(
                score, MIN_SCORE
            )  # "previous" leads to the next number: asked for, and judged by its dates
    elif not _extends(anchor.url, view.url):
        score -= 1.5 if "next" in rel and words == "onward" else 3.0
    else:
        score += _offset_worth(anchor.url, view.url)
        if words == "back" and numbering.current == 1:
            score = max(score, MIN_SCORE)  # "previous" on a first page: asked for, and judged by its dates
    return NextLink(anchor.url, anchor.key, anchor.node, score, words, number is not None)


def _words_worth(words: str, rtl: bool) -> float:  # noqa: FBT001
    if words in ("right", "left"):
        onward = (words == "right") != rtl
        return (
            1.5 if onward else 0.5 if rtl else -2.0
        )  # many right-to-left sites leave the arrows as they were
    return {"older": 5.0, "onward": 3.0, "back": -1.5, "end": -3.0, "more": 0.5}.get(words, 0.0)


def _names_worth(names: str) -> float:
    return 2.0 * bool(_ONWARD_CLASS.search(names)) - 2.0 * bool(_BACK_CLASS.search(names))


def _target_worth(target: int, numbering: Numbering, words: str, *, counted: bool) -> float:
    """Return what the number in an address is worth, given where we are; some sites count from 0, some downwards."""
    page = target + numbering.shift
    if page == numbering.current + 1:
        return 4.0 if words == "back" else 2.0
    if words in ("older", "onward") and not counted:
        return 1.0 if page == numbering.current and not numbering.shift else -1.0
    return -5.0 if page <= numbering.current else -1.5


def _offset_worth(url: str, page_url: str) -> float:
    """Return what a number that counts items (``start=10``) is worth: it grows from page to page."""
    here, there = unquote(page_url.partition("#")[0]), unquote(url.partition("#")[0])
    mine, other = _DIGITS.findall(here), _DIGITS.findall(there)
    if len(mine) != len(other) or _DIGITS.sub("#", here) != _DIGITS.sub("#", there):
        return 0.0
    grown = [int(b[:9]) > int(a[:9]) for a, b in zip(mine, other, strict=True) if a != b]
    return 0.0 if len(grown) != 1 else 1.0 if grown[0] else -1.0


def _names(view: View, place: int) -> str:
    parent = view.parents[place]
    outer = view.classes[parent] if parent >= 0 and view.tags[parent] in ("li", "span", "div", "p") else ()
    name = view.nodes[place].get("id")
    names = (*view.classes[place], *outer, *((name,) if name else ()))
    return _CAMEL.sub("-", " ".join(names)).lower().replace("__", "-")


def _image_words(view: View, anchor: Anchor) -> str:
    if anchor.text:
        return ""
    return next((node.get("alt") or "" for node in view.nodes[anchor.node].iter("img")), "")


def _extends(url: str, page_url: str) -> bool:
    """Tell whether an address is the listing's own with another query, or lies below it."""
    here, there = urlsplit(page_url), urlsplit(url)
    stem = here.path.rpartition("/")[0] if "." in here.path.rpartition("/")[2] else here.path.rstrip("/")
    return there.path.rstrip("/") == here.path.rstrip("/") or there.path.startswith(stem + "/")


def _is_first_page(url: str, page_url: str) -> bool:
    """Tell whether an address is that of the page without what makes it a further one: its query, or its number."""
    here, there = urlsplit(page_url), urlsplit(url)
    if here.query and not there.query and here.path.rstrip("/") == there.path.rstrip("/"):
        return True
    stem = there.path.rstrip("/")
    return here.path.startswith(stem) and _FURTHER_PAGE.fullmatch(here.path, len(stem)) is not None


def page_number(url: str) -> int | None:
    """Return the number of the page that an address names, or None if it names none.

    >>> [
    ...     page_number(url)
    ...     for url in (
    ...         "https://a.example/news/page/2/",
    ...         "https://a.example/news/?start=10",
    ...         "https://a.example/index_3.html",
    ...     )
    ... ]
    [2, None, 3]
    """
    matches = list(_PAGE_URL.finditer(unquote(url.partition("#")[0])))
    return int(matches[-1][1] or matches[-1][2]) if matches else None


def numbering_of(view: View, items: AbstractSet[str]) -> Numbering:
    """Return how the pages are counted: by the numbers on links beside those in their addresses."""
    numbers = _numbered(view, items)
    urls = {anchor.node: anchor.url for anchor in view.anchors if anchor.node in numbers}
    shifts = Counter(
        number - target
        for node, number in numbers.items()
        if (target := page_number(urls[node])) is not None and number - target in (0, 1)
    )
    shift = shifts.most_common(1)[0][0] if shifts else 0
    own = page_number(view.url)
    current = own + shift if own is not None else _marked(view) or 1
    return Numbering(current, shift, numbers)


def _marked(view: View) -> int | None:
    """Return the number that a pager marks as the page that is shown."""
    for place, names in enumerate(view.classes):
        if view.chars(place) > 4:
            continue
        if view.nodes[place].get("aria-current") or (
            names and _CURRENT_CLASS.search(" ".join(names).lower())
        ):
            shown = "".join(view.nodes[place].itertext()).strip()
            if shown.isdecimal() and 0 < int(shown) <= MAX_NUMBER:
                return int(shown)
    return None


def _numbered(view: View, items: AbstractSet[str]) -> dict[int, int]:
    """Return the links of numbered pagers with their numbers: they stand together and count up."""
    by_parent: dict[int, list[Anchor]] = {}
    for anchor in view.anchors:
        if anchor.own_site and anchor.key not in items and anchor.text.isdecimal() and len(anchor.text) <= 4:
            parent = view.parents[anchor.node]
            if view.chars(parent) <= 8:  # an <li> or <span> of its own
                parent = view.parents[parent]
            by_parent.setdefault(parent, []).append(anchor)
    found: dict[int, int] = {}
    for anchors in by_parent.values():
        numbers = [int(anchor.text) for anchor in anchors]
        if max(numbers) > 1_900 or numbers != sorted(numbers) or min(numbers) > 60:
            continue  # years
        if (
            len(numbers) > 20
            and numbers[-1] in range(28, 32)
            and numbers == list(range(numbers[0], numbers[-1] + 1))
        ):
            continue  # a calendar's days
        found |= {anchor.node: number for anchor, number in zip(anchors, numbers, strict=True)}
    return found

"""The link to the next page of a listing: every link of the page weighed by what it says, where it stands and leads.

Only plain links count. What a script would ask for is not known here, and never guessed.
"""

from __future__ import annotations

import re
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
_ONWARD_CLASS = re.compile(
    r"(?:^|[-_ ])(?:next|older|nextpostslink|nav-previous|suivant|siguiente|weiter|forward)(?:$|[-_ ])"
)
_BACK_CLASS = re.compile(
    r"(?:^|[-_ ])(?:prev|previous|newer|nav-next|previouspostslink|back|first)(?:$|[-_ ])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DIGITS = re.compile(r"\d+")
_CURRENT_CLASS = re.compile(r"(?:^|[-_ ])(?:current|active|selected|curr|cur|on|this|present)(?:$|[-_ ])")
_PAGE_URL = re.compile(
    r"(?:/|[?&;])(?:page|paged|p|pg|pagina|página|pagenum|pageno|page_no|pageindex|pagenumber|currentpage|seite|strona|sayfa|stranica|halaman|"
    r"trang|pag|curpage|cur|صفحة|صفحه)(?:/|=|-|_)?(\d{1,5})(?=/|&|\.|$)"
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


def next_links(view: View, items: AbstractSet[str], language: str) -> list[NextLink]:
    """Return what may be the next page's link, the likeliest first.

    Args:
        view: the page.
        items: keys of its items, which are no pages of the list.
        language: of the page: its direction says which arrow leads onward.
    """
    current = current_number(view)
    best: dict[str, NextLink] = {}
    pagers = _pagers(view, items)
    for anchor in view.anchors:
        if not anchor.own_site or anchor.key in items:
            continue
        link = _weighed(view, anchor, current, pagers.get(anchor.node), language)
        if link is not None and (anchor.key not in best or best[anchor.key].score < link.score):
            best[anchor.key] = link
    for url in _head_links(view):
        key = url_key(url)
        if key == view.key or key in items:
            continue
        known = best.get(key)
        bonus = NextLink(
            url,
            key,
            known.node if known else -1,
            (known.score if known else 0.0) + 4.0,
            "onward",
            numbered=False,
        )
        best[key] = bonus
    found = [link for link in best.values() if link.score >= MIN_SCORE]
    return sorted(found, key=lambda link: -link.score)[:MAX_CANDIDATES]


def pager_places(view: View) -> list[int]:
    """Return where links surely lead to the next page, whatever the list is: by word or number, and by address."""
    current = current_number(view)
    found = []
    for anchor in view.anchors:
        if not anchor.own_site or len(anchor.text) > 40:
            continue
        if page_number(anchor.url, view.url) != current + 1:
            continue
        if anchor.text == str(current + 1) or said(anchor.text) in ("onward", "right", "left"):
            found.append(anchor.node)
    return found


def _head_links(view: View) -> list[str]:
    found = []
    for node in view.root.iter("link"):
        if "next" in (node.get("rel") or "").lower().split():
            url = absolute_url((node.get("href") or "").strip(), view.base)
            if url and same_site(url, view.url):
                found.append(url)
    return found[:1]


def _weighed(view: View, anchor: Anchor, current: int, number: int | None, language: str) -> NextLink | None:
    element = view.nodes[anchor.node]
    rel = (element.get("rel") or "").lower().split()
    labels = (
        anchor.text,
        element.get("aria-label") or "",
        element.get("title") or "",
        _image_words(view, anchor),
    )
    words = next(filter(None, map(said, labels)), "")
    target = page_number(anchor.url, view.url)
    if target is None and not words and number is None and "next" not in rel:
        return None
    score = 3.0 * ("next" in rel) - 3.0 * ("prev" in rel)
    score += _words_worth(words, direction(language) == "rtl") + _names_worth(_names(view, anchor.node))
    if number is not None:
        score += 2.0 if number == current + 1 else -3.0
    if target is not None:
        score += _target_worth(target, current, words)
    else:
        if words == "back" and current == 1:
            score = max(score, MIN_SCORE)  # "previous" on a first page: asked for, and judged by its dates
        if not _looks_like_page(anchor.url, view.url):
            score -= 1.5
    return NextLink(anchor.url, anchor.key, anchor.node, score, words, number is not None)


def _words_worth(words: str, rtl: bool) -> float:  # noqa: FBT001
    if words in ("right", "left"):
        onward = (words == "right") != rtl
        return (
            1.5 if onward else 0.5 if rtl else -2.0
        )  # many right-to-left sites leave the arrows as they were
    return {"onward": 3.0, "back": -1.5, "more": 0.5}.get(words, 0.0)


def _names_worth(names: str) -> float:
    return 2.0 * bool(_ONWARD_CLASS.search(names)) - 2.0 * bool(_BACK_CLASS.search(names))


def _target_worth(target: int, current: int, words: str) -> float:
    if target == current + 1:
        return 4.0 if words == "back" else 2.0
    return -5.0 if target <= current else -1.5


def _names(view: View, place: int) -> str:
    parent = view.parents[place]
    names = [
        *view.classes[place],
        *(view.classes[parent] if parent >= 0 and view.tags[parent] in ("li", "span", "div", "p") else ()),
    ]
    name = view.nodes[place].get("id")
    return _CAMEL.sub("-", " ".join((*names, name) if name else names)).lower().replace("__", "-")


def _image_words(view: View, anchor: Anchor) -> str:
    if anchor.text:
        return ""
    return next((node.get("alt") or "" for node in view.nodes[anchor.node].iter("img")), "")


def _looks_like_page(url: str, page_url: str) -> bool:
    """Tell whether an address extends the listing's own: the same path, or one below it."""
    here, there = urlsplit(page_url).path, urlsplit(url).path
    folder = here.rpartition("/")[0]
    return there.startswith((folder, here.rstrip("/"))) or folder in ("", "/")


def page_number(url: str, page_url: str) -> int | None:
    """Return the number of the page that an address names, or None if it names none.

    Where no usual name stands beside it, a number counts if the address is else that of the page.

    >>> [
    ...     page_number(url, "https://a.example/news/")
    ...     for url in (
    ...         "https://a.example/news/page/2/",
    ...         "https://a.example/news/?start=10",
    ...         "https://a.example/news/a-b",
    ...     )
    ... ]
    [2, None, None]
    """
    path = unquote(url.partition("#")[0])
    matches = list(_PAGE_URL.finditer(path))
    if matches:
        last = matches[-1]
        return int(last[1] or last[2])
    here = unquote(page_url.partition("#")[0])
    mine, other = _DIGITS.findall(here), _DIGITS.findall(path)
    if len(mine) == len(other) and _DIGITS.sub("#", here) == _DIGITS.sub("#", path):
        changed = [(int(a), int(b)) for a, b in zip(mine, other, strict=True) if a != b]
        if len(changed) == 1 and max(changed[0]) < 2_000:
            return changed[0][1]
    return None


def current_number(view: View) -> int:
    """Return which page of its list a page is: what its address says, else what its pager marks, else the first."""
    path = unquote(view.url.partition("#")[0])
    matches = list(_PAGE_URL.finditer(path))
    if matches:
        return int(matches[-1][1] or matches[-1][2])
    for place, names in enumerate(view.classes):
        text = view.texts[place]
        marked = view.nodes[place].get("aria-current") or (
            names and _CURRENT_CLASS.search(" ".join(names).lower())
        )
        if marked and view.chars(place) <= 4:
            shown = text or "".join(view.nodes[place].itertext()).strip()
            if shown.isdecimal() and 0 < int(shown) < 10_000:
                return int(shown)
    return 1


def _pagers(view: View, items: AbstractSet[str]) -> dict[int, int]:
    """Return the links of numbered pagers with their numbers: two or more that stand together and count up."""
    by_parent: dict[int, list[Anchor]] = {}
    for anchor in view.anchors:
        if anchor.own_site and anchor.key not in items and anchor.text.isdecimal() and len(anchor.text) <= 5:
            parent = view.parents[anchor.node]
            if view.chars(parent) <= 8:  # an <li> or <span> of its own
                parent = view.parents[parent]
            by_parent.setdefault(parent, []).append(anchor)
    found: dict[int, int] = {}
    for anchors in by_parent.values():
        numbers = [int(anchor.text) for anchor in anchors]
        if max(numbers) > 1_900 or numbers != sorted(numbers) or min(numbers) > 60:
            continue  # years, or a calendar's days
        if (
            len(numbers) > 20
            and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            and numbers[-1] in range(28, 32)
        ):
            continue
        found |= {anchor.node: number for anchor, number in zip(anchors, numbers, strict=True)}
    return found

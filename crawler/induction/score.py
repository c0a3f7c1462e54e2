"""How much a group looks like the list of news that a page is for. The weights were measured, see decision 0011."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from statistics import median

from crawler.induction.groups import Group
from crawler.induction.items import Item
from crawler.induction.model import Hints
from crawler.induction.paging_words import said
from crawler.induction.slugs import family, slug_score
from crawler.induction.view import View
from crawler.induction.widths import title_width
from news.text import title_key
from news.urls import url_key

TITLE_WIDTHS = range(14, 200)
MIN_NEIGHBOURS = 3
MAX_HEADER_LEVELS = 3


@dataclass(frozen=True, slots=True)
class Scored:
    """A group with its items, each address once, and what speaks for it.

    ``several`` says that it is more than one list, or one of several that are set alike.
    """

    group: Group
    items: tuple[Item, ...]
    keys: frozenset[str]
    score: float
    dated: float
    heading: float
    share: float
    noise: float
    several: bool = False


def score_group(
    view: View, group: Group, items: Sequence[Item], hints: Hints, pagers: Sequence[int] = ()
) -> Scored | None:
    """Return a group with its score, or None if it cannot be a list.

    Args:
        view: the page.
        group: some of its elements.
        items: what `items.Reader` makes of them.
        hints: what is known beside the page.
        pagers: places of links that surely lead to the next page: a list ends there.
    """
    items = [item for item in items if not _is_pager(item.title) and not _holds(item, pagers)]
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.key, item)
    unique = list(first.values())
    n, members = len(unique), len(group.members)
    titled = [item for item in unique if item.title]
    if n < 2 or len(titled) < 0.6 * n:
        return None
    cover, uniq = len(items) / members, n / len(items)
    features = _features(view, unique)
    middle = median(title_width(item.title) for item in titled)
    distinct = len({title_key(item.title) for item in titled}) / n
    score = 1.8 * min(log2(n) / 4, 1.25) + 2.0 * cover * uniq + 1.0 * distinct
    score += 1.8 * sum(title_width(item.title) in TITLE_WIDTHS for item in titled) / n
    score += _of_features(features)
    score += 0.8 * (features.chars / n > 2.0 * middle)
    score += 0.8 * _in_main(view, group.members[0])
    score -= 1.0 * (median([item.links for item in unique]) > 30) + 1.5 * (uniq < 0.8) + 2.0 * (middle < 8)
    score -= 4.0 * _hidden(unique)
    score -= 2.5 * any(group.members[0] < place < group.members[-1] for place in pagers)
    score += _of_hints(unique, hints)
    return Scored(
        group,
        tuple(unique),
        frozenset(first),
        score,
        features.dated,
        features.heading,
        features.share,
        features.noise,
    )


@dataclass(frozen=True, slots=True)
class _Features:
    dated: float
    heading: float
    images: float
    own: float
    slug: float
    alike: float
    listings: float
    spread: bool
    coherent: float
    share: float
    chars: int
    noise: float


def _features(view: View, items: Sequence[Item]) -> _Features:
    n = len(items)
    # A box that was caught along with the items holds much text: the usual item counts, not the sum.
    widths = sorted(view.text_count[item.end] - view.text_count[item.place] for item in items)
    chars = min(sum(widths), int(1.1 * n * widths[n // 2]))
    families = Counter(family(item.url) for item in items if item.own_site)
    return _Features(
        dated=_dated(view, items),
        heading=sum(item.heading for item in items) / n,
        images=sum(view.images_in(item.place) > 0 for item in items) / n,
        own=sum(item.own_site for item in items) / n,
        slug=sum(slug_score(item.url) for item in items) / n,
        alike=max(families.values(), default=0) / max(sum(families.values()), 1) if families else 1.0,
        listings=sum(item.own_site and slug_score(item.url) < 0 for item in items) / n,
        spread=_is_spread(view, items),
        coherent=_coherence(view, items),
        share=chars / max(view.text_count[-1], 1),
        chars=chars,
        noise=sum((0.0, 1.6, 3.2)[view.noise[item.place]] for item in items) / n,
    )


def _of_features(features: _Features) -> float:
    score = 1.6 * features.heading + 2.0 * features.dated + 0.4 * features.images + 0.8 * features.own
    score += 1.0 * features.slug + 2.8 * min(1.5 * features.share, 1.0)
    score -= 1.5 * (1 - features.alike) + 1.5 * (1 - features.coherent)
    score -= 2.0 * features.listings + 0.8 * features.spread
    return score - features.noise


def _dated(view: View, items: Sequence[Item]) -> float:
    """Return the share of items that show a date: in them, or, where none do, behind them or in a header above."""
    n = len(items)
    inside = sum(view.has_date(item.place, item.end) for item in items)
    if inside >= 0.5 * n or n < MIN_NEIGHBOURS:
        return inside / n
    behind = sum(
        view.has_date(one.end, other.place) for one, other in pairwise(items) if one.end < other.place
    )
    if behind >= 0.8 * (n - 1):
        return 0.8
    headers = view.date_headers()
    above = sum(bool(header_above(view, headers, item.place)) for item in items)
    return 0.8 if above >= 0.9 * n else inside / n


def header_above(view: View, headers: Sequence[int], place: int) -> int:
    """Return the nearest date that stands above an element as a header, on its level or up to two above; else 0."""
    at = bisect_left(headers, place)
    if not at:
        return 0
    header = headers[at - 1]
    outer = view.parents[header]
    if view.chars(outer) == view.chars(header):
        outer = view.parents[outer]
    return header if outer in view.up(place)[:MAX_HEADER_LEVELS] else 0


def _is_spread(view: View, items: Sequence[Item]) -> bool:
    """Tell whether the items stand in several boxes with two or more each: it may be more than one list."""
    top = view.common_ancestor([item.place for item in items])
    boxes = Counter(([item.place, *view.up(item.place, top + 1)])[-1] for item in items)
    return len(boxes) > 1 and min(boxes.values()) > 1


def _coherence(view: View, items: Sequence[Item]) -> float:
    """Return the share of items that have the commonest class name; without classes they are alike."""
    names = Counter(name for item in items for name in set(view.classes[item.place]))
    bare = sum(not view.classes[item.place] for item in items)
    return max(max(names.values(), default=0), bare) / len(items)


def _hidden(items: Sequence[Item]) -> float:
    """Return which share of what could be items is left out, because members hold several of them."""
    rivals = sum(min(item.rivals, 30) for item in items)
    return rivals / (rivals + len(items))


def _in_main(view: View, place: int) -> bool:
    return any(view.tags[i] == "main" or view.nodes[i].get("role") == "main" for i in view.up(place))


def _holds(item: Item, pagers: Sequence[int]) -> bool:
    at = bisect_left(pagers, item.place)
    return at < len(pagers) and pagers[at] < item.end


def _is_pager(title: str) -> bool:
    return title.isdecimal() or said(title) in ("older", "onward", "back", "end", "left", "right")


def _of_hints(items: Sequence[Item], hints: Hints) -> float:
    score = 0.0
    if hints.known:
        known = {url_key(item.url) for item in hints.known}
        score += 4.0 * sum(item.key in known for item in items) / len(items)
    if hints.listed:
        score += 3.0 * sum(item.key in hints.listed for item in items) / len(items)
    return score


def without_listings(scored: Scored) -> Group | None:
    """Return the group without members that lead to a listing or service, where most lead to articles; else None."""
    kept = [item for item in scored.items if slug_score(item.url) >= 0 or not item.own_site]
    if len(kept) == len(scored.items) or len(kept) < max(2, 0.6 * len(scored.items)):
        return None
    return Group(tuple(item.place for item in kept), tuple(item.end for item in kept))

"""Which group is the list: of groups with the same items one, and none that leaves out items like its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from crawler.induction.items import Item
from crawler.induction.score import Scored
from crawler.induction.slugs import family
from crawler.induction.view import View

MAX_DRAFTS = 3
_CLOSE = 2.5
_EQUAL = 0.7
_SAME = 0.7


def ranked(
    view: View,
    scored: Sequence[Scored],
    pagers: Sequence[int] = (),
    *,
    several: Callable[[Scored], bool] = lambda _: False,
) -> list[Scored]:
    """Return groups with different items, the best first.

    Args:
        view: the page.
        scored: its groups.
        pagers: places of links that surely lead to the next page.
        several: tells whether a group is several lists in one; each of them alone goes before it, if it is as good.
    """
    best: dict[frozenset[str], Scored] = {}
    for one in scored:
        known = best.get(one.keys)
        if known is None or (one.score, -view.depths[one.group.members[0]]) > (
            known.score,
            -view.depths[known.group.members[0]],
        ):
            best[one.keys] = one
    order = sorted(best.values(), key=lambda one: -one.score)[:40]
    if not order:
        return []
    least = order[0].score - 2 * _CLOSE  # what is less is never chosen
    weighed = [_weighed(one, several) if one.score > least else one for one in order]
    order = sorted(weighed, key=lambda one: -one.score)
    chosen = [_first_of_equals(_completed(view, order, pagers), order)]
    for one in order:
        if not any(one.keys <= other.keys or _shared(one.keys, other.keys) >= _SAME for other in chosen):
            chosen.append(one)
    return chosen[:MAX_DRAFTS]


def _weighed(one: Scored, several: Callable[[Scored], bool]) -> Scored:
    return replace(one, score=one.score - _CLOSE, several=True) if several(one) else one


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _completed(view: View, order: list[Scored], pagers: Sequence[int]) -> Scored:
    """Return the best group, or the largest one around it whose further items are like its own.

    Where these are other lists, set alike, it stays as it is, and says so.
    """
    top = order[0]
    for other in sorted(order[1:], key=lambda one: len(one.keys)):
        lowered = _CLOSE if other.several and not top.several else 0.0
        if not top.keys < other.keys or other.score + lowered <= top.score - _CLOSE:
            continue
        if _divided(top, other, pagers) or not _alike(view, top, other):
            continue
        top = replace(top, several=True) if lowered else other
    return top


def _first_of_equals(top: Scored, order: Sequence[Scored]) -> Scored:
    """Return of several lists that are set alike, and are about as good, the one that stands first on the page."""
    unions = [one for one in order if one.several and top.keys < one.keys] if top.several else []
    equals = [
        one
        for one in order
        if one.score > top.score - _EQUAL
        and not (one.several or one.keys & top.keys)
        and any(one.keys < union.keys for union in unions)
    ]
    return replace(min((top, *equals), key=lambda one: one.items[0].place), several=top.several)


def _divided(inner: Scored, outer: Scored, pagers: Sequence[int]) -> bool:
    """Tell whether a pager stands between the items of both groups and those that only the outer one has."""
    more = [item.place for item in outer.items if item.key not in inner.keys]
    last = max(item.place for item in inner.items)
    return any(last < pager < place for pager in pagers for place in more)


def _alike(view: View, inner: Scored, outer: Scored) -> bool:
    """Tell whether the items that only the outer group has could be items of the inner one.

    They lead to addresses that are built like those of the inner ones, and stand in no menu where those do not. Either
    they are set in the same way (the same path of tags and a class in common), or they have headings and dates as well.
    """
    more = [item for item in outer.items if item.key not in inner.keys]
    families = {family(item.url) for item in inner.items}
    noise = max(view.noise[item.place] for item in inner.items)
    if not all(
        item.title and family(item.url) in families and view.noise[item.place] <= noise for item in more
    ):
        return False
    if _set_alike(view, inner.items, more):
        return True
    if inner.heading < 0.9 or sum(item.heading for item in more) < 0.5 * len(more):
        return False
    return inner.dated <= 0.9 or _dated(view, more) >= 0.5


def _set_alike(view: View, inner: Sequence[Item], more: Sequence[Item]) -> bool:
    links = {(view.paths[item.link.node], view.classes[item.link.node]) for item in inner}
    if len(links) == 1 and all(
        (view.paths[item.link.node], view.classes[item.link.node]) in links for item in more
    ):
        return True
    paths = {view.paths[item.place] for item in inner}
    names = set.intersection(*(set(view.classes[item.place]) for item in inner))
    if not names and _dated(view, inner) > 0.9 and _dated(view, more) < 0.5:
        return False
    return all(
        view.paths[item.place] in paths and (not names or names & set(view.classes[item.place]))
        for item in more
    )


def _dated(view: View, items: Sequence[Item]) -> float:
    return sum(view.has_date(item.place, item.end) for item in items) / len(items)

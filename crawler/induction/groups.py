"""Candidate groups: elements of a page that stand in the same way and lead somewhere, so may be the items of a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from crawler.induction.durable import durable_classes, grouping_classes
from crawler.induction.noise import STRONG
from crawler.induction.view import View

MIN_MEMBERS = 2
MAX_MEMBERS = 1_000
MAX_GROUPS = 3_000
_SHARED_BY = 0.6
_MUST_HAVE = 0.7
_WHOLE_PAGE = frozenset(("html", "body", "main", "head"))


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of the table that may be items, in document order. A member is a run of elements: ``(start, end)``.

    Mostly the run is one element with all that it holds; where items have no element of their own and their headings
    are no links, it goes from a heading to the link behind it (``runs``, see `crawler.induction.runs`).
    """

    members: tuple[int, ...]
    ends: tuple[int, ...]
    runs: bool = False


def candidate_groups(view: View) -> list[Group]:
    """Return the groups of a page, each set of members once."""
    buckets: dict[Hashable, list[int]] = {}
    counts = view.anchor_count
    for place, tag in enumerate(view.tags):
        if counts[view.ends[place]] == counts[place] or tag in _WHOLE_PAGE:
            continue
        for key in _keys(view, place, tag):
            buckets.setdefault(key, []).append(place)
    seen: set[tuple[int, ...]] = set()
    groups: list[Group] = []
    for places in buckets.values():
        for kept in _variants(view, places):
            if MIN_MEMBERS <= len(kept) <= MAX_MEMBERS and kept not in seen and len(groups) < MAX_GROUPS:
                seen.add(kept)
                groups.append(Group(kept, tuple(view.ends[place] for place in kept)))
    return groups


def _keys(view: View, place: int, tag: str) -> Iterator[Hashable]:
    path, names = view.paths[place], view.classes[place]
    yield ("path", path)
    yield ("parent", view.parents[place], tag)
    if not names:
        return
    alike = grouping_classes(names)
    yield ("exact", path, alike)
    yield ("anywhere", tag, alike)
    for name in durable_classes(names):
        yield ("class", name, tag)


def _variants(view: View, places: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield a bucket as it is and refined, without what lies in a menu or footer while the rest does not."""
    if len(places) < MIN_MEMBERS:
        return
    outer = _without_nested(view, places)
    quiet = [place for place in outer if view.noise[place] < STRONG]
    if len(quiet) >= MIN_MEMBERS:
        outer = quiet
    yield tuple(outer)
    refined = refine(view, outer)
    if len(refined) != len(outer):
        yield tuple(refined)


def _without_nested(view: View, places: list[int]) -> list[int]:
    kept: list[int] = []
    end = -1
    for place in places:
        if place >= end:
            kept.append(place)
            end = view.ends[place]
    return kept


def refine(view: View, places: list[int]) -> list[int]:
    """Return the members that have most of what most members have: a pager, advert or widget between them goes."""
    if len(places) < 3:
        return places
    shapes = [shape(view, place) for place in places]
    counts = Counter(feature for features in shapes for feature in features)
    shared = {feature for feature, count in counts.items() if count >= _SHARED_BY * len(places)}
    if not shared:
        return places
    return [
        place
        for place, features in zip(places, shapes, strict=True)
        if len(shared & features) >= _MUST_HAVE * len(shared)
    ]


def shape(view: View, place: int) -> frozenset[str]:
    """Return what an element is made of: the tags of its children, a heading, a date, a picture, how much text."""
    found = {"H" if view.is_heading(child) else view.tags[child] for child in view.children(place)[:24]}
    if view.headings_in(place):
        found.add("heading")
    if view.has_date(place, view.ends[place]):
        found.add("date")
    if view.images_in(place):
        found.add("image")
    chars = view.chars(place)
    found.add(f"text {min(chars.bit_length() // 3, 4)}")
    return frozenset(found)

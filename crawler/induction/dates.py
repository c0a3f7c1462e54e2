"""Where the items of a group show their dates: in them, in pieces, or in a header before several of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from crawler.dating import date_of, day_order, may_be_date
from crawler.induction.items import Item
from crawler.induction.locating import xpath_step
from crawler.induction.patterns import Finder, class_steps, tag_step
from crawler.induction.relative import ABSENT, Spot, field_selectors
from crawler.induction.view import View
from crawler.markup import text_of
from news.dates import Stamp
from news.source import Source

MIN_SHARE = 0.5
_MODIFIED = ("update", "modif", "edited")
_SMALL_CHARS = 40
_LINE_CHARS = 160


class DateReader:
    """Reads the dates of one page's elements, each once, in the order that all of them tell."""

    def __init__(self, view: View, source: Source, now: datetime) -> None:
        self._view = view
        self._source = source
        self._now = now
        self._known: dict[int, Stamp | None] = {}
        texts = [view.texts[place] for place, dated in enumerate(view.dated) if dated]
        self.day_first = day_order(texts, now=now)

    def at(self, place: int) -> Stamp | None:
        """Return the date that an element shows, or None."""
        if place not in self._known:
            self._known[place] = self._read(place)
        return self._known[place]

    def _read(self, place: int) -> Stamp | None:
        view = self._view
        if view.chars(place) > _LINE_CHARS and view.tags[place] != "time":
            return None
        return date_of(view.nodes[place], self._source, now=self._now, day_first=self.day_first)


def date_places(view: View, items: Sequence[Item], reader: DateReader) -> list[int]:
    """Return the element that shows each item's date, `ABSENT` where none does.

    The dates of one list stand in one way, so the way that most items share goes first; within an item the first such
    element. What says that it was modified, and dates in titles, come last.
    """
    offers = [list(_dated(view, item, reader)) for item in items]
    if sum(bool(offer) for offer in offers) < MIN_SHARE * len(items):
        offers = [list(_pieces(view, item, reader)) for item in items]
        if sum(bool(offer) for offer in offers) < MIN_SHARE * len(items):
            return [ABSENT] * len(items)
    ways = [[_way(view, place) for place in offer] for offer in offers]
    counts = Counter(way for names in ways for way in set(names))
    chosen: list[int] = []
    for item, offer, names in zip(items, offers, ways, strict=True):
        best = max(
            zip(offer, names, strict=True),
            key=lambda pair: (counts[pair[1]] + _rank(view, pair[0], item) * len(items), -pair[0]),
            default=None,
        )
        chosen.append(best[0] if best else ABSENT)
    return chosen


def _way(view: View, place: int) -> tuple[int, tuple[str, ...]]:
    return view.paths[place], view.classes[place]


def _rank(view: View, place: int, item: Item) -> float:
    element, names = view.nodes[place], " ".join(view.classes[place]).lower()
    rank = 0.0
    if view.tags[place] == "time" and element.get("datetime"):
        rank += 0.3
    itemprop = (element.get("itemprop") or "").lower()
    if any(word in names or word in itemprop for word in _MODIFIED):
        rank -= 1.0
    if itemprop == "datepublished" or any("publish" in name for name in view.classes[place]):
        rank += 0.3
    if item.title_place != ABSENT and item.title_place <= place < view.ends[item.title_place]:
        rank -= 2.0
    return rank


def _dated(view: View, item: Item, reader: DateReader) -> Iterator[int]:
    for place in range(item.place, item.end):
        if view.dated[place] and reader.at(place) is not None:
            yield place


def _pieces(view: View, item: Item, reader: DateReader) -> Iterator[int]:
    """Yield small elements whose pieces make a date together: day, month and year each in a box of its own."""
    for place in range(item.place, item.end):
        if (
            (view.ends[place] > place + 1 or view.tags[place] == "time")
            and 0 < view.chars(place) <= _SMALL_CHARS
            and may_be_date(_spaced(view, place))
            and reader.at(place)
        ):
            yield place


def _spaced(view: View, place: int) -> str:
    return text_of(view.nodes[place]).replace("\n", " ")


def date_selectors(finder: Finder, items: Sequence[Item], reader: DateReader) -> tuple[str, ...]:
    """Return the alternatives that read the items' dates; empty where none are shown."""
    view = finder.view
    places = date_places(view, items, reader)
    if any(place != ABSENT for place in places):
        spots = [Spot(item.place, item.end, place) for item, place in zip(items, places, strict=True)]

        def same(spot: Spot, place: int) -> bool:
            wanted = reader.at(spot.target) if spot.target != ABSENT else None
            found = reader.at(place)
            return wanted is not None and found is not None and wanted.at.date() == found.at.date()

        return field_selectors(finder, spots, same)
    return _header_selectors(finder, items, reader)


def _header_selectors(finder: Finder, items: Sequence[Item], reader: DateReader) -> tuple[str, ...]:
    """Return the selector of a header that states the day of the items behind it."""
    view = finder.view
    for climb in range(3):
        starts = [_climbed(view, item.place, climb) for item in items]
        headers = [_header_before(view, start, reader) for start in starts]
        found = sorted({place for place in headers if place != ABSENT})
        if len(found) < 1 or sum(place != ABSENT for place in headers) < 0.9 * len(items):
            continue
        step = next(iter(class_steps(view, found)), None) or tag_step(view, found)
        if step is not None:
            return (f"{'./' + '../' * climb if climb else './'}preceding-sibling::{xpath_step(step)}[1]",)
    return ()


def _climbed(view: View, place: int, levels: int) -> int:
    for _ in range(levels):
        place = max(view.parents[place], 0)
    return place


def _header_before(view: View, place: int, reader: DateReader) -> int:
    """Return the nearest element before this one, among its siblings, that is nothing but a date."""
    parent = view.parents[place]
    if parent < 0:
        return ABSENT
    for sibling in reversed([child for child in view.children(parent) if child < place]):
        if (
            0 < view.chars(sibling) <= _SMALL_CHARS
            and may_be_date(_spaced(view, sibling))
            and reader.at(sibling)
        ):
            return sibling
    return ABSENT

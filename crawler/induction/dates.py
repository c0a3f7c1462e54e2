"""Where the items of a group show their dates: in them, behind them, or in a header above several of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from crawler.changes_shown import says_change
from crawler.dating import change_of, date_of, date_order, may_be_date, read_date
from crawler.induction.items import Item
from crawler.induction.patterns import Finder
from crawler.induction.relative import ABSENT, Spot, field_selectors
from crawler.induction.view import View
from crawler.markup import text_of
from news.date_labels import change_part, publication_part
from news.dates import Stamp
from news.source import Source

MIN_SHARE = 0.5
_MODIFIED = ("update", "modif", "edited")
_SMALL_CHARS = 40
_LINE_CHARS = 120
_MAX_CHARS = 300
_MAX_PIECE = 120


class DateReader:
    """Reads the dates of one page's elements, each once, in the order that all of them tell."""

    def __init__(self, view: View, source: Source, now: datetime) -> None:
        self._view = view
        self.source = source
        self.now = now
        self._known: dict[int, Stamp | None] = {}
        self._changes: dict[int, Stamp | None] = {}
        self._in_piece: set[int] = set()
        texts = [view.texts[place] for place, dated in enumerate(view.dated) if dated]
        self.order = date_order(texts, now=now)

    def at(self, place: int) -> Stamp | None:
        """Return the date of publication that an element shows, or None."""
        if place not in self._known:
            self._known[place] = self._read(place)
        return self._known[place]

    def change_at(self, place: int) -> Stamp | None:
        """Return the date that an element says to be that of a change, or None."""
        if place not in self._changes:
            short = self._view.chars(place) <= _MAX_CHARS
            node = self._view.nodes[place]
            self._changes[place] = (
                change_of(node, self.source, now=self.now, order=self.order) if short else None
            )
        return self._changes[place]

    def shown_at(self, place: int) -> Stamp | None:
        """Return the date of publication that an element shows, else that of a change."""
        return self.at(place) or self.change_at(place)

    def stands_in_text(self, place: int) -> bool:
        """Tell whether a date stands in the element's own words, beside other elements within it."""
        return self.at(place) is not None and place in self._in_piece

    def of_text(self, text: str) -> Stamp | None:
        """Return the date that a text states, or None."""
        return read_date(text, self.source, now=self.now, provenance="text", order=self.order)

    def _read(self, place: int) -> Stamp | None:
        view = self._view
        if says_change(view.nodes[place]):
            return None
        pieces = view.pieces(place)
        if view.ends[place] > place + 1 and view.tags[place] != "time":
            for piece in pieces:
                if (
                    len(piece) <= _MAX_PIECE
                    and (stamp := self.of_text(piece))
                    and self._is_said(place, piece)
                ):
                    self._in_piece.add(place)
                    return stamp
        if view.chars(place) > _MAX_CHARS and view.tags[place] != "time":
            return None
        return date_of(view.nodes[place], self.source, now=self.now, order=self.order)

    def _is_said(self, place: int, piece: str) -> bool:
        """Tell whether words of an element are said of a publication, if it says something of a change as well."""
        whole = " ".join(text_of(self._view.nodes[place]).split())
        return not change_part(whole) or piece in publication_part(whole)


def date_places(view: View, items: Sequence[Item], reader: DateReader) -> list[int]:
    """Return the element that shows each item's date, `ABSENT` where none does.

    The dates of one list stand in one way, so the way that most items share goes first; within an item the first such
    element. What is the date of a change, and dates in titles or running text, come last.
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
            key=lambda pair: (counts[pair[1]] + _rank(view, pair[0], item, reader) * len(items), -pair[0]),
            default=None,
        )
        chosen.append(best[0] if best else ABSENT)
    return chosen


def _way(view: View, place: int) -> tuple[int, tuple[str, ...]]:
    return view.paths[place], view.classes[place]


def _rank(view: View, place: int, item: Item, reader: DateReader) -> float:
    element, names = view.nodes[place], " ".join(view.classes[place]).lower()
    rank = 0.0
    if view.tags[place] == "time" and element.get("datetime"):
        rank += 0.3
    itemprop = (element.get("itemprop") or "").lower()
    if reader.at(place) is None or any(word in names or word in itemprop for word in _MODIFIED):
        rank -= 1.0
    if itemprop == "datepublished" or any("publish" in name for name in view.classes[place]):
        rank += 0.3
    if view.chars(place) > _LINE_CHARS:
        rank -= 0.8
    if item.title_place != ABSENT and item.title_place <= place < view.ends[item.title_place]:
        rank -= 2.0
    return rank


def _dated(view: View, item: Item, reader: DateReader) -> Iterator[int]:
    for place in range(item.place, item.end):
        if view.dated[place] and reader.shown_at(place) is not None:
            yield place


def _pieces(view: View, item: Item, reader: DateReader) -> Iterator[int]:
    """Yield small elements whose pieces make a date together: day, month and year each in a box of its own."""
    for place in range(item.place, item.end):
        if not 0 < view.chars(place) <= _SMALL_CHARS or view.ends[place] == place + 1:
            continue
        spaced = text_of(view.nodes[place]).replace("\n", " ")
        if may_be_date(spaced, reader.source.language) and reader.at(place):
            yield place


def inner_selectors(finder: Finder, items: Sequence[Item], reader: DateReader) -> tuple[str, ...]:
    """Return the alternatives that read the dates in the items; empty where they show none."""
    view = finder.view
    places = date_places(view, items, reader)
    if all(place == ABSENT for place in places):
        return ()
    spots = [Spot(item.place, item.end, place) for item, place in zip(items, places, strict=True)]

    def same(spot: Spot, place: int) -> bool:
        if spot.target == ABSENT:
            return False
        read = reader.at if reader.at(spot.target) else reader.change_at
        wanted, found = read(spot.target), read(place)
        return wanted is not None and found is not None and wanted.at.date() == found.at.date()

    texts = field_selectors(finder, spots, same)
    in_text = sum(reader.stands_in_text(place) for place in places if place != ABSENT)
    return tuple(map(_own_words, texts)) if in_text > 0.5 * len(places) else texts


def _own_words(text: str) -> str:
    """Return a selector for the words that stand directly in what a selector finds."""
    return f"{text}/text()" if text.startswith(("./", "/")) else f"{text}::text"

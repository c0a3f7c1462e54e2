"""Several lists that are set alike: news, events and documents in boxes of one style are not one list of news."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from crawler.dating import may_be_date
from crawler.induction.dates import DateReader, date_places
from crawler.induction.items import Item
from crawler.induction.relative import ABSENT
from crawler.induction.view import View
from news.dates import Stamp

MAX_HEADER_CHARS = 80
_OPENING = ("href", "data-target", "data-bs-target", "aria-controls")
_MIN_DATED = 0.8


def are_several_lists(view: View, items: Sequence[Item], dates: DateReader) -> bool:
    """Tell whether items stand in several runs, each under words of its own and in an order of its own.

    A list that goes on under the next heading (by month, in columns, below an advert) is one: its dates run on from
    each run to the next. Headings that are dates part nothing.

    Args:
        view: the page.
        items: of one group, in the order of the page.
        dates: reads the page's dates.
    """
    boxes = _boxes(view, items)
    apart = _named_apart(view, items, boxes)
    runs, headers = [[items[0]]], []
    for (one, its_box), (other, other_box) in pairwise(zip(items, boxes, strict=True)):
        boxed = its_box != other_box
        header = _header(view, one.end, other.place, boxed=boxed)
        headers += [header] if header != ABSENT else []
        if header != ABSENT or (boxed and apart):
            runs.append([])
        runs[-1].append(other)
    if sum(len(run) > 1 for run in runs) < 2:
        return False
    stamps = dict(zip(items, _stamps(view, items, dates), strict=True))
    if sum(stamp is not None for stamp in stamps.values()) < _MIN_DATED * len(items):
        return apart or _begins_with_one(view, items[0].place, headers)
    ordered = [[stamp for item in run if (stamp := stamps[item])] for run in runs]
    return not all(_goes_on(one[-1], other[0]) for one, other in pairwise(filter(None, ordered)))


def _begins_with_one(view: View, start: int, headers: Sequence[int]) -> bool:
    """Tell whether words like those between the runs stand above the first one, too: an advert's do not."""
    paths = {view.paths[header] for header in headers}
    return any(view.paths[place] in paths and view.chars(place) > 0 for place in range(start))


def _named_apart(view: View, items: Sequence[Item], boxes: Sequence[int]) -> bool:
    """Tell whether boxes are lists of their own without a word between them.

    Links on the page open each of them (tabs), or the addresses of each begin in a way of their own.
    """
    names = {box: view.nodes[box].get("id") for box in boxes}
    if len(names) < 2:
        return False
    if all(names.values()):
        opened = {node.get(name) for node in view.root.iter("a", "button") for name in _OPENING}
        if all(f"#{name}" in opened or name in opened for name in names.values()):
            return True
    stems: dict[int, set[str]] = {box: set() for box in names}
    for item, box in zip(items, boxes, strict=True):
        stems[box].add(_stem(item.url))
    first = [next(iter(found)) for found in stems.values() if len(found) == 1]
    return len(first) == len(stems) == len(set(first)) and "" not in first


def _stem(url: str) -> str:
    """Return the first part of an address's path, empty where it is the whole, or a year."""
    parts = urlsplit(url).path.strip("/").split("/")
    return parts[0] if len(parts) > 1 and not parts[0].isdigit() else ""


def _boxes(view: View, items: Sequence[Item]) -> list[int]:
    """Return for each item the box that it stands in, the item's own element where the list has no boxes."""
    top = view.common_ancestor([item.place for item in items])
    boxes = [[item.place, *view.up(item.place, top + 1)][-1] for item in items]
    counts = Counter(boxes)
    return boxes if min(counts.values()) > 1 else [0] * len(items)


def _header(view: View, start: int, end: int, *, boxed: bool) -> int:
    """Return the words that head what follows, and are no date: a heading, or any short words between two boxes."""
    for place in range(start, end):
        text = view.texts[place]
        if not (view.is_heading(place) or (boxed and 0 < len(text) <= MAX_HEADER_CHARS)):
            continue
        said = "".join(view.nodes[place].itertext()) if view.is_heading(place) else text
        if any(map(str.isalpha, said)) and not view.dated[place] and not may_be_date(said[:MAX_HEADER_CHARS]):
            return place
    return ABSENT


def _stamps(view: View, items: Sequence[Item], dates: DateReader) -> list[Stamp | None]:
    return [dates.at(place) if place != ABSENT else None for place in date_places(view, items, dates)]


def _goes_on(last: Stamp, first: Stamp) -> bool:
    return first.at.date() <= last.at.date()

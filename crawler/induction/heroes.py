"""Items that are set apart from the rest: the newest one large above the list, with markup of its own."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.induction.dates import DateReader, date_places
from crawler.induction.groups import Group
from crawler.induction.items import Item, Reader
from crawler.induction.relative import ABSENT
from crawler.induction.score import TITLE_WIDTHS, Scored
from crawler.induction.slugs import family
from crawler.induction.view import View
from crawler.induction.widths import title_width
from news.dates import Stamp

MAX_HEROES = 4
_LEVELS = 4


def heroes_above(view: View, reader: Reader, best: Scored, dates: DateReader) -> list[Item]:
    """Return the items that stand directly above a list and go on with it upwards, top first.

    Each has an element of its own, beside the list and in no menu or sidebar; its address is built like those of the
    list; it has a heading and a date where these have, and is not older than the first of them.
    """
    items = best.items
    lists_top = view.common_ancestor([item.place for item in items])
    above = view.up(lists_top)[:_LEVELS]
    region = next(
        (place for place in reversed([lists_top, *above]) if view.tags[place] != "html"),
        lists_top,
    )
    families = {family(item.url) for item in items}
    noise = min(view.noise[item.place] for item in items)
    first = items[0].place
    keys: dict[str, int] = {}
    for anchor in view.anchors_in(region, first):
        if anchor.key in best.keys or family(anchor.url) not in families or view.noise[anchor.node] > noise:
            continue
        keys.setdefault(anchor.key, anchor.node)
    found: list[Item] = []
    for key, node in list(keys.items())[: 3 * MAX_HEROES]:
        place = _own_element(view, node, key, set(keys), first)
        read = reader.items(Group((place,), (view.ends[place],)))
        found += [item for item in read if item.key == key and _fits(item, best)]
    found = [item for item in found if not _is_repeated(item, found)]
    if not 0 < len(found) <= MAX_HEROES or len(found) > len(items):
        return []
    return found if _goes_on(view, found, items, best, dates) else []


def _own_element(view: View, node: int, key: str, keys: set[str], first: int) -> int:
    """Return the largest element around a link that holds no other candidate and nothing of the list."""
    place = node
    for above in view.up(node):
        if view.ends[above] > first or view.tags[above] in ("body", "html", "main"):
            break
        if any(anchor.key in keys and anchor.key != key for anchor in view.anchors_in(above)):
            break
        place = above
    return place


def _fits(item: Item, best: Scored) -> bool:
    if title_width(item.title) not in TITLE_WIDTHS and best.heading < 0.7:
        return False
    return bool(item.title) and (item.heading or best.heading < 0.7)


def _is_repeated(item: Item, found: Sequence[Item]) -> bool:
    return any(other is not item and other.place <= item.place and other.end >= item.end for other in found)


def _goes_on(
    view: View, heroes: Sequence[Item], items: Sequence[Item], best: Scored, dates: DateReader
) -> bool:
    if best.dated < 0.7:
        return best.heading >= 0.7 or len(heroes) == 1
    theirs = [stamp for stamp in _stamps(view, heroes, dates) if stamp]
    listed = [stamp for stamp in _stamps(view, items, dates) if stamp]
    if not listed:
        return True
    if len(theirs) < len(heroes):
        return False
    return all(not stamp.older_than(listed[0]) for stamp in theirs)


def _stamps(view: View, items: Sequence[Item], dates: DateReader) -> list[Stamp | None]:
    return [dates.at(place) if place != ABSENT else None for place in date_places(view, items, dates)]

"""Items without an element of their own whose headings lead nowhere: heading, text, "read more", heading, text, …

An item is the run of siblings from its heading to its link. A stored selector needs one element an item that leads
somewhere: that is the sibling with the link, and everything else is found from there, by way of the heading before it.
Places are counted from the heading, so that where one is missing nothing of the next item is taken for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from crawler.induction.dates import DateReader
from crawler.induction.groups import MAX_MEMBERS, Group
from crawler.induction.items import Item
from crawler.induction.locating import container_steps, indexed, item_selectors, xpath_of
from crawler.induction.patterns import Finder
from crawler.induction.view import Anchor, View
from crawler.titles import title_text
from crawler.wording import invites_to, is_more_link
from news.source import Selectors, Wrapper

MIN_RUNS = 3
MIN_SHARE = 0.7
"""Of the headings of one level in one element, those that have a link of their own before the next heading."""
_MAX_SIBLINGS = 12
_MIN_READ = 0.6
_SUMMARY_CHARS = range(30, 1_500)


def runs_of(view: View) -> Iterator[tuple[Group, list[Item]]]:
    """Yield the items of each element whose headings are not links but are followed by an invitation to read on."""
    bare: dict[tuple[int, str], list[int]] = {}
    for place, tag in enumerate(view.tags):
        if view.is_heading(place) and view.parents[place] >= 0 and not view.anchors_in(place):
            bare.setdefault((view.parents[place], tag), []).append(place)
    for (parent, _), headings in bare.items():
        if not MIN_RUNS <= len(headings) <= MAX_MEMBERS:
            continue
        ends = [*headings[1:], view.ends[parent]]
        runs = [_run(view, heading, end) for heading, end in zip(headings, ends, strict=True)]
        items = [item for item in runs if item is not None]
        if len(items) >= max(MIN_RUNS, MIN_SHARE * len(headings)):
            members = tuple(item.place for item in items)
            yield Group(members, tuple(item.end for item in items), runs=True), items


def _run(view: View, heading: int, end: int) -> Item | None:
    """Return the item that begins with a heading and ends with the first invitation to read on, before ``end``."""
    title = title_text(view.nodes[heading])
    sibling = view.ends[heading]
    for _ in range(_MAX_SIBLINGS):
        if sibling >= end:
            return None
        for anchor in view.anchors_in(sibling):
            if title and (is_more_link(anchor.text) or invites_to(title, anchor.text)):
                return _item(heading, view.ends[sibling], title, anchor)
        sibling = view.ends[sibling]
    return None


def _item(heading: int, end: int, title: str, link: Anchor) -> Item:
    return Item(
        place=heading,
        end=end,
        url=link.url,
        key=link.key,
        link=link,
        title=title,
        title_place=heading,
        own_site=link.own_site,
        heading=True,
        links=1,
        rivals=0,
    )


def at_links(view: View, items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items of runs as the elements that stand for them: the siblings of their headings with the links."""
    found = []
    for item in items:
        outer = view.parents[item.title_place]
        place = next(at for at in (item.link.node, *view.up(item.link.node)) if view.parents[at] == outer)
        found.append(replace(item, place=place, end=view.ends[place]))
    return tuple(found)


def run_selectors(finder: Finder, items: Sequence[Item]) -> list[str]:
    """Return selectors for the elements with the links (see `at_links`): first by their headings, which tells most."""
    view = finder.view
    members = [item.place for item in items]
    outer, tags = view.parents[items[0].title_place], {view.tags[place] for place in members}
    named = next((xpath_of(step) for place, step in container_steps(finder, members) if place == outer), "")
    above = reversed([place for place in (outer, *view.up(outer, 1)) if view.tags[place] != "html"])
    start = named or "/" + "".join(f"/{indexed(view, place)}" for place in above)
    behind = "following-sibling::*[descendant-or-self::a[@href]][1]"
    alike = f"[self::{tags.pop()}]" if len(tags) == 1 else ""
    by_heading = f"{start}/{view.tags[items[0].title_place]}/{behind}{alike}"
    return [by_heading, *item_selectors(finder, members)[:2]]


def run_wrapper(finder: Finder, items: Sequence[Item], reader: DateReader, selectors: Selectors) -> Wrapper:
    """Return the wrapper that reads the items of runs, found by ``selectors``."""
    view = finder.view
    heading = f"./preceding-sibling::{view.tags[items[0].title_place]}[1]"

    def is_dated(place: int) -> bool:
        return view.dated[place] and reader.shown_at(place) is not None

    def is_summary(place: int) -> bool:
        return (
            view.tags[place] in ("p", "div") and view.chars(place) in _SUMMARY_CHARS and not is_dated(place)
        )

    return Wrapper(
        item=selectors,
        link=(_link(view, items),),
        title=(heading,),
        date=_steps(view, items, heading, is_dated),
        summary=_steps(view, items, heading, is_summary)[:1],
    )


def _link(view: View, items: Sequence[Item]) -> str:
    if all(item.link.node == item.place for item in items):
        return "./self::a"
    is_first = all(view.anchors_in(item.place)[0].key == item.key for item in items)
    return "a" if is_first else "(./descendant-or-self::a)[last()]"


def _steps(view: View, items: Sequence[Item], heading: str, is_wanted: Callable[[int], bool]) -> Selectors:
    """Return the way from the heading to what is wanted, the same for most items; empty where there is none."""
    ways: Counter[str] = Counter()
    outer = view.parents[items[0].title_place]
    siblings, floor = view.children(outer), outer + 1
    for item in items:
        ways.update(list(dict.fromkeys(_ways(view, item, siblings, floor, is_wanted))))
        floor = item.end
    return tuple(f"{heading}/{way}" for way, count in ways.most_common(1) if count >= _MIN_READ * len(items))


def _ways(
    view: View, item: Item, siblings: Sequence[int], floor: int, is_wanted: Callable[[int], bool]
) -> Iterator[str]:
    """Yield where in an item something wanted stands, counted from its heading: behind it, else between it and the
    item above (``floor``).
    """
    at = bisect_left(siblings, item.title_place)
    behind = [place for place in siblings[at + 1 : at + 1 + _MAX_SIBLINGS] if place < item.place]
    before = [place for place in reversed(siblings[max(at - 3, 0) : at]) if place >= floor]
    for axis, places in (("following", behind), ("preceding", before)):
        for sibling in places:
            number = _steps_to(view, item.title_place, sibling)
            for place in range(sibling, view.ends[sibling]):
                if is_wanted(place):
                    inner = [one for one in (place, *view.up(place)) if one > sibling]
                    tail = "".join(f"/{indexed(view, one)}" for one in reversed(inner))
                    yield f"{axis}-sibling::*[{number}][self::{view.tags[sibling]}]{tail}"


def _steps_to(view: View, heading: int, sibling: int) -> int:
    """Return which sibling of a heading another one is, counted as XPath does: with those that nobody sees."""
    number = 0
    for each in view.nodes[heading].itersiblings(preceding=sibling < heading):
        number += isinstance(each.tag, str)
        if each is view.nodes[sibling]:
            break
    return number

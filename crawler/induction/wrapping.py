"""A wrapper for a group: selectors for its items and for each of their fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from parsel.csstranslator import HTMLTranslator

from crawler.induction.dates import DateReader
from crawler.induction.items import Item
from crawler.induction.locating import item_selectors
from crawler.induction.neighbours import date_selectors
from crawler.induction.patterns import Finder
from crawler.induction.relative import ABSENT, Spot, field_selectors
from crawler.induction.view import View
from crawler.titles import title_text
from news.source import Selectors, Wrapper

INLINE_BODY_CHARS = 800
_XPATH_START = ("/", "./", "(")
_TRANSLATOR = HTMLTranslator()
_SUMMARY_CHARS = range(30, 1_500)
_BODY_PARTS = "p ul ol blockquote h2 h3 h4 figure pre table".split()


def wrapper_for(
    finder: Finder, items: Sequence[Item], reader: DateReader, selectors: Selectors, *, bodies: bool = True
) -> Wrapper:
    """Return the wrapper that reads these items, found by ``selectors``."""
    view = finder.view
    by_key = [
        {anchor.node for anchor in view.anchors_in(item.place, item.end) if anchor.key == item.key}
        for item in items
    ]

    def same_link(spot: Spot, place: int) -> bool:
        return place in by_key[numbers[spot]]

    links = [Spot(item.place, item.end, item.link.node) for item in items]
    numbers = {spot: i for i, spot in enumerate(links)}
    titles = [Spot(item.place, item.end, item.title_place) for item in items]
    texts = {spot: item.title for spot, item in zip(titles, items, strict=True)}

    def same_title(spot: Spot, place: int) -> bool:
        return title_text(view.nodes[place]) == texts[spot]

    return Wrapper(
        item=selectors,
        link=field_selectors(finder, links, same_link),
        title=field_selectors(finder, titles, same_title),
        date=date_selectors(finder, items, reader),
        summary=_summary(finder, items),
        body=_body(finder, items) if bodies else (),
    )


def selectors_for(finder: Finder, heroes: Sequence[Item], items: Sequence[Item]) -> list[str]:
    """Return selectors for the items' own elements, together with those that are set apart above them."""
    listed = item_selectors(finder, [item.place for item in items])
    if not heroes:
        return listed
    apart = [item_selectors(finder, [hero.place]) for hero in heroes]
    if not all(apart):
        return []
    # Evidence goes with its like: classes with classes, structure with structure.
    return [
        together([*(texts[min(place, len(texts) - 1)] for texts in apart), text])
        for place, text in enumerate(listed)
    ]


def together(texts: Sequence[str]) -> str:
    """Return one selector that finds what any of these finds, in the order of the page."""
    if not any(text.startswith(_XPATH_START) for text in texts):
        return ", ".join(texts)
    return " | ".join(
        text if text.startswith(_XPATH_START) else f"/{_TRANSLATOR.css_to_xpath(text)}" for text in texts
    )


def _summary(finder: Finder, items: Sequence[Item]) -> Selectors:
    """Return where the teasers stand: the longest text of an item beside its title, if most items have one."""
    view = finder.view
    spots = [Spot(item.place, item.end, _teaser(view, item)) for item in items]
    if sum(spot.target != ABSENT for spot in spots) < 0.6 * len(items):
        return ()
    ways = Counter((view.paths[s.target], view.classes[s.target]) for s in spots if s.target != ABSENT)
    way, count = ways.most_common(1)[0]
    if count < 0.5 * len(items):
        return ()
    kept = [s for s in spots if s.target != ABSENT and (view.paths[s.target], view.classes[s.target]) == way]
    return field_selectors(finder, kept)[:2]


def _teaser(view: View, item: Item) -> int:
    best, chars = ABSENT, 0
    title_end = view.ends[item.title_place] if item.title_place != ABSENT else ABSENT
    for place in range(item.place + 1, item.end):
        if (
            item.title_place <= place < title_end
            or view.is_heading(place)
            or view.tags[place] in ("a", "time", "li", "span")
        ):
            continue
        own = len(view.texts[place])
        if own > chars and view.chars(place) in _SUMMARY_CHARS and view.ends[place] <= item.end:
            best, chars = place, own
    return best


def _body(finder: Finder, items: Sequence[Item]) -> Selectors:
    """Return where whole bodies stand in the items, if the listing carries them."""
    view = finder.view
    if median(view.text_count[item.end] - view.text_count[item.place] for item in items) <= INLINE_BODY_CHARS:
        return ()
    spots = [Spot(item.place, item.end, _body_place(view, item)) for item in items]
    with_body = [spot for spot in spots if spot.target != ABSENT]
    if len(with_body) < 0.6 * len(items):
        return ()
    if all(spot.target == spot.start for spot in with_body):
        return ("./*[" + " or ".join(f"self::{tag}" for tag in _BODY_PARTS[:4]) + "]",)
    return field_selectors(finder, [spot for spot in with_body if spot.target != spot.start])


def _body_place(view: View, item: Item) -> int:
    """Return the element with most of the item's paragraphs, as far up as nothing but them is added."""
    holders: Counter[int] = Counter()
    for place in range(item.place, item.end):
        if view.tags[place] in ("p", "ul", "ol", "blockquote") and view.parents[place] >= item.place:
            holders[view.parents[place]] += view.chars(place)
    paragraphs = sum(view.tags[place] == "p" for place in range(item.place, item.end))
    if paragraphs < 2 or not holders:
        return ABSENT
    return holders.most_common(1)[0][0]

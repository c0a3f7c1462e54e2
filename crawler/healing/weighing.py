"""What speaks for a new reading of a listing: the stored articles that it finds, and what stands beside them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median

from crawler.healing.locating import TITLES_AGREE, Located, is_namesake, likeness, locate
from news.dates import Stamp
from news.entry import Entry, Page
from news.healing import ACCEPT_AT_LEAST, HealedItem, Healing, ItemState, Means, Seed
from news.run import Profile
from news.source import Wrapper
from news.verdict import FEW

ENOUGH_SEEDS = 2
"""Stored articles that a page must show before it may be taken for their listing without a person."""
NEWEST = 3
"""Of so many of the newest stored articles at least one is expected, unless newer ones took their place."""
WITHOUT_HOLES = 0.6
"""Share of the stored articles down to the last recognised one that is enough: some are removed, or were pinned."""
MOST_BETWEEN = 1
"""Unknown items that may stand between known ones: one that older selectors overlooked, or that was put in late."""
IN_ORDER = 0.7
"""Share of neighbours in their old order from which a list counts as the old one."""


class Check(StrEnum):
    """The outcome of asking for a page that should confirm a reading."""

    UNASKED = "unasked"  # there was nothing to ask for
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Point:
    """One piece of evidence: what it is worth, which share of that it earned, and how it reads."""

    weight: float
    share: float
    said: str


def weigh(
    page: Page,
    wrapper: Wrapper,
    *,
    seeds: Sequence[Seed],
    profiles: Sequence[Profile],
    symptom: str,
    next_page: Check = Check.UNASKED,
    articles: Check = Check.UNASKED,
    reasons: Sequence[str] = (),
) -> Healing | None:
    """Return a reading with its confidence and the table of its items, or None if it finds nothing stored.

    :param page: page 1 as ``wrapper`` reads it.
    :param seeds: the articles that the source listed last, in the order of the listing.
    :param profiles: what page 1 looked like in the latest good runs.
    :param symptom: why the old selectors were doubted.
    :param next_page: whether the page behind it goes on with other items.
    :param articles: whether pages of new items are articles under their titles.
    :param reasons: what else is to be told.
    """
    entries = page.entries
    found = locate(entries, seeds)
    if not found:
        return None
    items = _items(entries, found, seeds)
    points = [
        _recognised(found, entries, seeds),
        _titles(found, entries),
        _order(found, entries, seeds),
        _continuity(found, seeds),
        _news(items, entries, found),
        _next_page(next_page, page),
    ]
    doubts = _doubts(items, found, entries, seeds, profiles, next_page=next_page, articles=articles)
    confidence = sum(point.weight * point.share for point in points) - sum(d.weight for d in doubts)
    if len(found) < ENOUGH_SEEDS:
        confidence = min(confidence, ACCEPT_AT_LEAST - 0.05)
    confidence = round(min(1.0, max(0.0, confidence)), 3)
    return Healing(
        wrapper=wrapper,
        confidence=confidence,
        accepted=confidence >= ACCEPT_AT_LEAST,
        symptom=symptom,
        recognised=len(found),
        sought=len(seeds),
        reasons=(*(point.said for point in (*points, *doubts) if point.said), *reasons),
        items=items,
    )


# ------------------------------------------------------------------------------------------ what speaks for it


def _recognised(found: Mapping[str, Located], entries: Sequence[Entry], seeds: Sequence[Seed]) -> _Point:
    """Half of a page known is as good as all of it: what else would show just these articles?"""
    share = len(found) / max(1, min(len(entries), len(seeds)))
    kinds = [sum(each.by is means for each in found.values()) for means in Means]
    by = ", ".join(f"{n} by {means}" for n, means in zip(kinds, Means, strict=True) if n)
    enough = 1.0 if len(found) >= ENOUGH_SEEDS else 0.4
    said = f"{len(found)} of {len(entries)} items are stored articles ({by})"
    return _Point(weight=0.4, share=0.5 * enough + 0.5 * min(1.0, share / 0.5), said=said)


def titles_agree(entry: Entry, located: Located) -> bool:
    """Return whether an item that was recognised bears the title that is stored."""
    if is_namesake(entry.title, located.seed):
        return True
    return likeness(entry.title, located.seed.title) >= TITLES_AGREE


def _titles(found: Mapping[str, Located], entries: Sequence[Entry]) -> _Point:
    agreeing = sum(titles_agree(entry, found[entry.key]) for entry in entries if entry.key in found)
    said = f"{agreeing} of {len(found)} have their titles"
    return _Point(weight=0.15, share=min(1.0, agreeing / len(found) / 0.8), said=said)


def _order(found: Mapping[str, Located], entries: Sequence[Entry], seeds: Sequence[Seed]) -> _Point:
    place = {seed.article: index for index, seed in enumerate(seeds)}
    places = [place[found[entry.key].seed.article] for entry in entries if entry.key in found]
    pairs = list(pairwise(places))
    ordered = sum(above < below for above, below in pairs) / len(pairs) if pairs else 1.0
    said = "they stand in their old order" if ordered >= IN_ORDER else "they stand in another order"
    return _Point(weight=0.15, share=1.0 if ordered >= IN_ORDER else 0.0, said=said)


def _continuity(found: Mapping[str, Located], seeds: Sequence[Seed]) -> _Point:
    """What is known stands there without holes; one that stands alone far below may be pinned."""
    recognised = {each.seed.article for each in found.values()}
    places = [index for index, seed in enumerate(seeds) if seed.article in recognised]
    whole = len(places) / (places[-1] + 1)
    if len(places) > ENOUGH_SEEDS:
        whole = max(whole, (len(places) - 1) / (places[-2] + 1))
    said = "" if whole >= WITHOUT_HOLES else f"others are missing between them ({whole:.0%} are there)"
    return _Point(weight=0.1, share=min(1.0, whole / WITHOUT_HOLES), said=said)


def _news(items: Sequence[HealedItem], entries: Sequence[Entry], found: Mapping[str, Located]) -> _Point:
    """New items stand above what is known, and are not older than all of it."""
    new = {item.key for item in items if item.state is ItemState.NEW}
    if not new:
        return _Point(weight=0.1, share=1.0, said="")
    known = [each.seed.published for each in found.values() if each.seed.published is not None]
    oldest = min(known, key=lambda stamp: stamp.at, default=None)
    sound = sum(not _older(entry.published, oldest) for entry in entries if entry.key in new)
    said = f"{len(new)} new above them" + (", none older than they are" if sound == len(new) else "")
    return _Point(weight=0.1, share=sound / len(new), said=said)


def _older(stamp: Stamp | None, than: Stamp | None) -> bool:
    return stamp is not None and than is not None and stamp.older_than(than)


def _next_page(check: Check, page: Page) -> _Point:
    if check is Check.PASSED:
        return _Point(weight=0.1, share=1.0, said="the next page goes on with other items")
    if check is Check.FAILED:
        return _Point(weight=0.1, share=0.0, said="")
    said = "" if page.next_url else "it names no next page"
    return _Point(weight=0.1, share=0.7, said=said)


# ------------------------------------------------------------------------------------------ what speaks against it


def _doubts(
    items: Sequence[HealedItem],
    found: Mapping[str, Located],
    entries: Sequence[Entry],
    seeds: Sequence[Seed],
    profiles: Sequence[Profile],
    *,
    next_page: Check,
    articles: Check,
) -> list[_Point]:
    new = sum(item.state is ItemState.NEW for item in items)
    doubts: list[_Point] = []
    usual = median(profile.entries for profile in profiles) if profiles else 0
    if len(entries) < usual * FEW:
        doubts.append(_doubt(0.2, f"{len(entries)} items where {usual:g} are usual"))
    if new > max(len(found), 1):
        doubts.append(_doubt(0.2, f"more new items ({new}) than known ones"))
    between = _between(items)
    if between > MOST_BETWEEN:
        doubts.append(_doubt(0.2, f"{between} others stand between those that are known"))
    newest = {seed.article for seed in seeds[:NEWEST]}
    if new == 0 and not newest & {each.seed.article for each in found.values()}:
        doubts.append(_doubt(0.2, "the newest stored articles are not among them"))
    if articles is Check.FAILED:
        doubts.append(_doubt(0.3, "pages of new items are no articles under their titles"))
    if next_page is Check.FAILED:
        doubts.append(_doubt(0.1, "the next page does not go on with other items"))
    if articles is Check.PASSED:
        doubts.append(_doubt(0.0, "pages of new items are articles under their titles"))
    return doubts


def _between(items: Sequence[HealedItem]) -> int:
    """Count the unknown items below two that are known, and above another: what is new stands above.

    Of a list that shows more than before, such as all sections instead of one, the others are not news to its readers.
    """
    known = [index for index, item in enumerate(items) if item.state is ItemState.RECOGNISED]
    return sum(item.state is ItemState.NEW for item in items[known[1] : known[-1]]) if len(known) > 2 else 0


def _doubt(weight: float, said: str) -> _Point:
    return _Point(weight=weight, share=1.0, said=said)


# ------------------------------------------------------------------------------------------ the table of items


def _items(
    entries: Sequence[Entry], found: Mapping[str, Located], seeds: Sequence[Seed]
) -> tuple[HealedItem, ...]:
    """Return what became of every item: those of the page in its order, then those that are missing from it.

    Unknown items below the last known one are older than what the source ever read.
    """
    last = max(index for index, entry in enumerate(entries) if entry.key in found)
    shown = [_item(entry, found.get(entry.key), below=index > last) for index, entry in enumerate(entries)]
    recognised = {each.seed.article for each in found.values()}
    deepest = max(index for index, seed in enumerate(seeds) if seed.article in recognised)
    lost = [
        HealedItem(state=ItemState.LOST, url=seed.url, title=seed.title, article=seed.article)
        for seed in seeds[:deepest]
        if seed.article not in recognised
    ]
    return (*shown, *lost)


def _item(entry: Entry, located: Located | None, *, below: bool) -> HealedItem:
    if located is None:
        state = ItemState.OLDER if below else ItemState.NEW
        return HealedItem(state=state, url=entry.url, title=entry.title, key=entry.key)
    return HealedItem(
        state=ItemState.RECOGNISED,
        url=entry.url,
        title=entry.title,
        key=entry.key,
        by=located.by,
        article=located.seed.article,
        old_url="" if located.by is Means.ADDRESS else located.seed.url,
    )

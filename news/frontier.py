"""How far a listing has been read: the stop rule of paging, and what a finished read does to frontier and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from news.known import Known, OpenGap
from news.run import Reach, Reading, Verdict

FRONTIER_AT_LEAST = 100
"""Keys kept even when a read was shorter, so that a few removals do not make the frontier too short to meet."""


class Meeting(StrEnum):
    """What the end of a page says about the stop keys."""

    NO = "no"
    UNMET = "unmet"  # met, but newer stop keys were not seen: read one page more, until one brings nothing unknown
    YES = "yes"


def meets(page: Sequence[str], walked: Sequence[str], stop: Sequence[str], *, least: int = 2) -> Meeting:
    """Say whether reading may end below this page.

    Its last two entries must stand in ``stop``, in its order: one alone may be pinned or resurfaced, and never ends a
    read (``least`` is 1 where nothing can be pinned and there is no page more). Where stop keys above them were not
    walked over, something was removed, or something is being read out of order.

    :param page: article keys of the page just read, top first.
    :param walked: article keys of all pages of this pass, this one included.
    :param stop: the keys at which paging may end, top first: an open gap's lower keys, else the frontier.

    >>> meets(["n", "a", "b"], ["n", "a", "b"], ["a", "b", "c"]).value
    'yes'
    >>> meets(["n", "b", "c"], ["n", "b", "c"], ["a", "b", "c"]).value
    'unmet'
    >>> meets(["b", "a"], ["b", "a"], ["a", "b"]).value
    'no'
    """
    rank = {key: index for index, key in enumerate(stop)}
    tail = [rank[key] for key in page[-least:] if key in rank]
    if len(tail) < least or tail != sorted(tail):
        return Meeting.NO
    seen = set(walked)
    return Meeting.UNMET if any(key not in seen for key in stop[: tail[-1]]) else Meeting.YES


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What a settled read did to what is known of the listing's extent.

    ``opened`` is a new gap (its id is 0); ``stretched`` the gap whose upper end this read moved; ``lost`` gaps end
    unread, because the listing or the page cap ended first.
    """

    frontier: tuple[str, ...]
    opened: OpenGap | None = None
    stretched: int | None = None
    closed: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()


def reach_of(reading: Reading) -> Reach:
    """Return what ended a read."""
    if not reading.entries:
        return Reach.NOTHING
    if reading.joined:
        return Reach.KNOWN
    if reading.ended:
        return Reach.CAP if reading.next_url else Reach.END
    return Reach.SHORT


def cover(known: Known, reading: Reading, verdict: Verdict, *, approving: bool = False) -> Coverage:
    """Return the frontier and the gaps after ``reading``.

    A read that neither met the stop keys nor is a baseline opens a gap above the old frontier, unless one stands
    there already. The gaps that were open when the run began close when the stop rule met their lower keys, and are
    lost when the whole listing, or all of it down to the cap, was read without meeting them. A good read of nothing
    leaves an empty frontier: whatever is listed next is all that there is.
    """
    walk = tuple(entry.key for entry in reading.entries)
    if not walk:
        is_empty = verdict is Verdict.OK and reading.ended and not approving
        unread = tuple(gap.id for gap in known.gaps if gap.id in reading.gap_ids) if is_empty else ()
        return Coverage(frontier=() if is_empty else known.frontier, lost=unread)
    met = reading.joined or _ends_among(known.frontier, known, reading)
    joined = met or not known.has_baseline or not known.frontier
    opened, stretched = None, None
    if not joined:
        standing = [gap for gap in known.gaps if gap.lower == known.frontier]
        if not standing and (not known.gaps or verdict is Verdict.PARTIAL):
            since = known.complete_at or reading.started_at
            opened = OpenGap(id=0, lower=known.frontier, since=since)
        elif known.gaps:
            stretched = known.gaps[-1].id
    closed: list[int] = []
    lost: list[int] = []
    if verdict is Verdict.OK and not approving:
        for gap in known.gaps:
            if gap.id in reading.gap_ids and (reading.joined or reading.ended):
                (closed if reading.joined or _ends_among(gap.lower, known, reading) else lost).append(gap.id)
    return Coverage(
        frontier=_frontier(known, walk, joined=reading.joined),
        opened=opened,
        stretched=stretched,
        closed=tuple(closed),
        lost=tuple(lost),
    )


def _ends_among(keys: tuple[str, ...], known: Known, reading: Reading) -> bool:
    """Return whether a listing was read to its end and most of it is known: there is nothing that was left out.

    Where something was taken down an older entry slides in at the bottom, so that the last ones are not the known ones.
    A few that are pinned are not most of a listing, which is two thirds.
    """
    standing = {known.resolve(key) for key in keys}
    there = sum(known.resolve(entry.key) in standing for entry in reading.entries)
    return reach_of(reading) is Reach.END and there >= 2 and 3 * there >= 2 * len(reading.entries)


def _frontier(known: Known, walk: tuple[str, ...], *, joined: bool) -> tuple[str, ...]:
    """Return the walked keys, followed (after a joined read) by what the old frontier held below them."""
    resolved = {known.resolve(key) for key in walk}
    tail: tuple[str, ...] = ()
    if joined:
        met = [index for index, key in enumerate(known.frontier) if known.resolve(key) in resolved]
        if met:
            tail = tuple(key for key in known.frontier[met[-1] + 1 :] if known.resolve(key) not in resolved)
    return (walk + tail)[: max(FRONTIER_AT_LEAST, 2 * len(walk))]

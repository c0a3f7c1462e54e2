"""Above or below a source's horizon: what is news, and what merely resurfaced or was filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from news.dates import Precision, Stamp
from news.entry import Entry
from news.known import Known
from news.run import Rank

EXACT = frozenset({Precision.SECOND, Precision.MINUTE})


def horizon_of(entries: Sequence[Entry]) -> Entry | None:
    """Return the last baseline entry that stands in date order, or None for no entries.

    A pinned or resurfaced entry breaks the order: the entries that keep it are a longest run of entries, not
    necessarily neighbours, in which no date is older than one below it. Entries without a date keep any order.

    :param entries: the baseline's entries, top first.
    """
    best = [1] * len(entries)
    for here, entry in enumerate(entries):
        for above in range(here):
            if best[above] + 1 > best[here] and _in_order(entries[above], entry):
                best[here] = best[above] + 1
    longest = max(best, default=0)
    return next((entries[i] for i in reversed(range(len(entries))) if best[i] == longest), None)


def _in_order(above: Entry, below: Entry) -> bool:
    if above.published is None or below.published is None:
        return True
    return not above.published.older_than(below.published)


def anchors_of(known: Known, entries: Sequence[Entry]) -> list[int]:
    """Return the places of walked entries that stand in the frontier or an open gap and are not below the horizon."""
    standing = {known.resolve(key) for key in known.frontier}
    for gap in known.gaps:
        standing |= {known.resolve(key) for key in gap.lower}
    return [
        position
        for position, entry in enumerate(entries)
        if (article := known.resolve(entry.key)) in standing
        and known.sighted.get(article) in (Rank.BASELINE, Rank.ABOVE)
    ]


def rank_of(
    position: int,
    published: Stamp | None,
    *,
    horizon: Stamp | None,
    anchors: Sequence[int],
    complete: bool,
    read_until: datetime | None = None,
) -> Rank | None:
    """Say where an unknown entry stands, or None where this read may not decide.

    Older than the horizon's date is below. What by its exact date came after the listing was last read whole is
    above, wherever it stands: known entries may have been put over it. Otherwise position decides: above, if two or
    more anchors stand below it, or fewer than two above it; below, if two or more stand above it and none below; in
    between an exact date decides, else below. A read that stopped short decides nothing by position.

    :param position: the entry's place in the walk, 0 at the top.
    :param horizon: the date of the source's horizon, if it has one.
    :param anchors: places of walked entries that stand in the frontier or in an open gap's lower keys and are not
        below the horizon themselves.
    :param complete: whether the read met its stop keys or the end of the listing.
    :param read_until: when the listing was last read whole before this read.
    """
    if published is not None and horizon is not None and published.older_than(horizon):
        return Rank.BELOW
    exact = published is not None and published.precision in EXACT
    if published is not None and exact and read_until is not None and published.at > read_until:
        return Rank.ABOVE
    below = sum(1 for anchor in anchors if anchor > position)
    above = sum(1 for anchor in anchors if anchor < position)
    if below >= 2 or above < 2:
        return Rank.ABOVE
    if not complete:
        return None
    return Rank.ABOVE if below and exact else Rank.BELOW

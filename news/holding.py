"""What a suspect run saw, entry by entry: what of it is known, and what would be told if a person approved it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from news.change import ChangeKind
from news.entry import Entry
from news.known import Known, Outcome
from news.run import Reading


class HeldState(StrEnum):
    """What approving a held run makes of one of its entries."""

    NEW = "new"  # announced
    LISTED = "listed"  # an article that another source announced
    WAITING = "waiting"  # its page could not be read: announced when that is settled
    OLDER = "older"  # below the horizon, or where the read may not decide: kept, or left, without a word
    KNOWN = "known"  # of this source, or on its way


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldEntry:
    """One entry that a suspect run saw, and what becomes of it."""

    entry: Entry
    state: HeldState


def held_entries(known: Known, reading: Reading, outcome: Outcome) -> tuple[HeldEntry, ...]:
    """Return the entries of a held run, top first.

    :param known: what the database holds of it now.
    :param outcome: what ``decide`` makes of it, approving.
    """
    led_to = {alias.key: alias.article for alias in outcome.aliases}
    kinds = {change.article: change.kind for change in outcome.changes}
    waiting = {entry.key for entry in outcome.pending} - known.pending.keys()
    found = []
    for entry in reading.entries:
        article = led_to.get(entry.key, known.resolve(entry.key))
        kind = kinds.get(article)
        if kind is ChangeKind.PUBLISHED:
            state = HeldState.NEW
        elif kind is ChangeKind.LISTED:
            state = HeldState.LISTED
        elif article in known.sighted or entry.key in known.pending:
            state = HeldState.KNOWN
        else:
            state = HeldState.WAITING if entry.key in waiting else HeldState.OLDER
        found.append(HeldEntry(entry=entry, state=state))
    return tuple(found)

"""Which edits may be passed over because the text only flaps, in the words of docs/decisions/0020.

It tells `news.volatile` a second time, from what the pages really showed: by paragraphs, where the product looks at
words, and wider, since it says only what *may* be passed over, until it has stood for a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tests.simulation.archive.truth import State

STANDS_AFTER = timedelta(days=1)
TIMES = 3
"""Changes of one paragraph, none of them owned up to, after which its place may be taken for volatile."""


def may_flap(seen: Sequence[State], known: State, state: State, places: set[int]) -> bool:
    """Return whether a text that differs from the known one may be passed over.

    :param seen: the texts that were read so far, without repeats, oldest first.
    :param known: the newest revision's.
    :param places: paragraphs that may be taken for volatile already; those that may be so now are added.
    """
    if state.title != known.title:
        return False
    states = [*seen, state]
    steps = list(pairwise(states))[-TIMES:]
    if len(steps) == TIMES and not any(_is_owned(*step) for step in steps):
        places |= set.intersection(*(_changed(*step) for step in steps))
    changed = _changed(known, state)
    return _takes_turns(seen, known, state) or (bool(changed) and changed <= places)


def stands(state: State, doubted: State | None, since: datetime | None, at: datetime) -> bool:
    """Return whether what was passed over has stayed for so long that it is the text now."""
    same = doubted is not None and said(doubted) == said(state)
    return same and since is not None and at - since >= STANDS_AFTER


def said(state: State) -> tuple[str, tuple[str, ...]]:
    """Return a state as one reads it, without its typography."""
    return state.title, tuple(each.replace("’", "'") for each in state.paragraphs)


def _takes_turns(seen: Sequence[State], known: State, state: State) -> bool:
    before = [said(each) for each in seen]
    return before.count(said(known)) > 1 and said(state) in before


def _changed(before: State, after: State) -> set[int]:
    old, new = said(before)[1], said(after)[1]
    if len(old) != len(new):
        return set()
    return {place for place, (one, other) in enumerate(zip(old, new, strict=True)) if one != other}


def _is_owned(before: State, after: State) -> bool:
    return after.modified is not None and after.modified != before.modified

"""One run: what it saw and covered, what it announced, and what of it waits for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine

from news.holding import HeldEntry, HeldState
from storage.approving import held_of
from storage.runs import RunRow, load_run
from tidings.held_advice import can_be_approved, remedy
from tidings.show_history import HOLDS, REACHES

STATES = {
    HeldState.NEW: "new",
    HeldState.LISTED: "new to this source",
    HeldState.WAITING: "waits for its page",
    HeldState.OLDER: "older",
    HeldState.KNOWN: "known",
}
"""What approving makes of an entry, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunView:
    """The page of a run.

    Args:
        run: what is kept of it.
        entries: what a suspect one saw, with what approving makes of each.
        announces: how many of them would be announced.
        advice: what a person can do about it, in words; empty if its reason says so.
        can_be_approved: whether a person may approve it now.
        can_be_rejected: whether it waits to be rejected.
    """

    run: RunRow
    entries: tuple[HeldEntry, ...]
    announces: int
    advice: str
    can_be_approved: bool
    can_be_rejected: bool

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.run.finished_at - self.run.started_at).total_seconds()

    @property
    def reach(self) -> str:
        """How far down it read."""
        return REACHES[self.run.reach]

    @property
    def hold(self) -> str:
        """What became of what it saw."""
        waits = self.run.held == "held" and not self.can_be_approved
        return "it waits for the next good run" if waits else HOLDS.get(self.run.held, self.run.held)

    @property
    def numbers(self) -> list[tuple[str, int]]:
        """How many entries approving makes what of."""
        counted = Counter(each.state for each in self.entries)
        return [(STATES[state], counted[state]) for state in HeldState if counted[state]]

    def told(self, state: HeldState) -> str:
        """Return what approving makes of an entry."""
        return STATES[state]


def run_view(engine: Engine, number: int) -> RunView:
    """Return the page of a run.

    Raises:
        UnknownSourceError: there is none of this number.
    """
    run = load_run(engine, number)
    entries = held_of(engine, run.id) if run.held else ()
    possible = can_be_approved(entries=run.entries, trouble=run.trouble)
    return RunView(
        run=run,
        entries=entries,
        announces=sum(each.state in (HeldState.NEW, HeldState.LISTED) for each in entries),
        advice=remedy(entries=run.entries, trouble=run.trouble, reason=run.reason)
        if run.held == "held"
        else "",
        can_be_approved=run.held in ("held", "passed", "rejected") and possible,
        can_be_rejected=run.held == "held",
    )

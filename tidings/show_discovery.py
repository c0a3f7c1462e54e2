"""A proposal for people: the ways to read a page in a table, which one is chosen and why, and its first items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.discovery.proposal import Candidate, Decision, Proposal
from crawler.discovery.weighing import fields_of
from digest.text import shown
from digest.wording import count, line, stated
from news.urls import shown_url
from tidings import show
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from rich.text import Text

    from news.entry import Entry

ITEMS_SHOWN = 10
_VERDICTS = {
    Decision.AUTO: ("sure enough to be taken without asking", "ok"),
    Decision.ASK: ("please look before it is taken", "suspect"),
    Decision.REFUSE: ("refused", "failed"),
}


def show_proposal(proposal: Proposal, *, now: datetime, items: int = ITEMS_SHOWN) -> None:
    """Write a proposal to stdout."""
    show.say(show.styled((proposal.url, "bold"), f"  {_text(proposal.title)}" if proposal.title else ""))
    if proposal.candidates:
        rows = [
            _row(candidate, number == proposal.chosen, now)
            for number, candidate in enumerate(proposal.candidates)
        ]
        headings = ["", "CHANNEL", "#ITEMS", "#SHOWN", "NEWEST", "FIELDS", "BODIES", "#SURE", "ADDRESS"]
        table(headings, rows, flexible="ADDRESS")
    verdict, style = _VERDICTS[proposal.decision]
    show.say(show.styled((verdict, show.STYLES[style])))
    for reason in proposal.reasons:
        show.say(f"  {_text(reason)}")
    if proposal.chosen is not None:
        show.say(*item_lines(proposal.candidates[proposal.chosen], items))


def item_lines(candidate: Candidate, items: int = ITEMS_SHOWN) -> Iterator[str | Text]:
    """Yield the first items as they would be stored, in the order in which the page shows them.

    Their addresses stand without what only counts visitors, as the store keeps them for readers.
    """
    total = len(candidate.entries)
    first = candidate.entries[:items]
    heading = f"The first {len(first)} of {count(total, 'item', 'items')}" if total > len(first) else "Items"
    yield show.styled((f"{heading}, as they would be stored:", "bold"))
    dates = [_date(entry) for entry in first]
    width = max(map(len, dates), default=0)
    for date, entry in zip(dates, first, strict=True):
        yield f"  {date:<{width}}  {shown(line(entry.title))}"
        yield show.styled(f"  {'':<{width}}  ", (line(shown_url(entry.url)), "dim"))
    if candidate.next_url:
        yield f"  It goes on at {line(candidate.next_url)}"


def _row(candidate: Candidate, is_chosen: bool, now: datetime) -> list[str | Text]:
    return [
        "→" if is_chosen else "",
        f"{candidate.channel}, described" if candidate.wrapper.is_described else str(candidate.channel),
        str(len(candidate.entries)),
        "-" if candidate.overlap is None else f"{100 * candidate.overlap:.0f} %",
        ago(candidate.newest_at, now),
        _fields(candidate),
        _bodies(candidate),
        f"{candidate.confidence:.2f}",
        candidate.url,
    ]


def _fields(candidate: Candidate) -> str:
    """Return which fields most items have."""
    fields = fields_of(candidate.entries)
    named = (("date", fields.dated), ("summary", fields.summarised), ("body", fields.bodied))
    return ", ".join(name for name, share in named if share >= 0.5) or "-"


def _bodies(candidate: Candidate) -> str:
    if not fields_of(candidate.entries).bodied:
        return "-"
    return "whole" if candidate.whole_bodies else "in part"


def _date(entry: Entry) -> str:
    stamp = entry.published
    return "-" if stamp is None else stated(stamp.at, stamp.precision)


def _text(text: str) -> str:
    return shown(line(text))

"""Runs that are past, for people: a table of the latest, and one with all that it saw and covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from digest.text import shown
from digest.wording import count, line, moment, stated
from news.holding import HeldEntry, HeldState
from news.run import Reach
from storage.runs import RunGap, RunRow
from tidings import show
from tidings.held_advice import can_be_approved, remedy
from tidings.show_runs import spoken
from tidings.show_sources import mark_told
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from rich.text import Text

REACHES = {
    Reach.NOTHING: "",
    Reach.KNOWN: "down to what was known",
    Reach.END: "down to the end of the listing",
    Reach.CAP: "as far as max_pages allows",
    Reach.SHORT: "it stopped short there",
}
HOLDS = {
    "held": "it waits for a person or the next good run",
    "approved": "approved by a person",
    "rejected": "rejected by a person",
    "passed": "a later good run ended the suspicion",
    "told": "a good run ended the suspicion, and a person approved what was left of it",
}
_STYLES = {HeldState.NEW: show.STYLES["new"], HeldState.KNOWN: show.STYLES["quiet"]}


def run_table(found: Sequence[RunRow], *, now: datetime) -> None:
    """Write one row a run, the newest first."""
    rows: list[list[str | Text]] = [
        [
            str(run.id),
            run.source,
            _styled(run),
            ago(run.settled_at, now),
            str(run.entries or "-"),
            str(run.changes or "-"),
            run.held or "-",
            _coverage(run),
            line(run.reason) or "-",
        ]
        for run in found
    ]
    headings = ["#RUN", "SOURCE", "VERDICT", "WHEN", "#ENTRIES", "#TOLD", "HELD", "COVERAGE", "REASON"]
    table(headings, rows, flexible="REASON")


def run_lines(run: RunRow, entries: Sequence[HeldEntry] = ()) -> Iterator[str | Text]:
    """Yield everything that is kept of a run; ``entries`` is what a suspect one saw."""
    reason = f": {line(run.reason)}" if run.reason else ""
    yield show.styled((f"run {run.id}", "bold"), f" of {run.source}: ", _styled(run), reason)
    yield _fact("started", moment(run.started_at))
    seconds = (run.finished_at - run.started_at).total_seconds()
    requests = count(run.requests, "request", "requests")
    unchanged = f", {run.not_modified} not modified" if run.not_modified else ""
    yield _fact("work", f"{requests} in {seconds:.0f} seconds{unchanged}")
    yield from _read_lines(run)
    if run.is_baseline:
        yield _fact("baseline", "it is the source's baseline")
    yield _fact("announced", count(run.changes, "change", "changes"))
    for gap in run.gaps:
        yield _fact("gap", _gap(gap))
    for reason, times in run.refused:
        yield _fact("left out", f"{times:,} × {line(reason)}")
    for problem in run.problems:
        at = f" ({line(problem.url)})" if problem.url else ""
        yield _fact("trouble", f"{line(problem.detail)}{at}")
    if run.held:
        waits = run.held == "held" and not can_be_approved(entries=run.entries, trouble=run.trouble)
        yield _fact("held", "it waits for the next good run" if waits else HOLDS.get(run.held, run.held))
        yield from _held_lines(run, entries)


def _read_lines(run: RunRow) -> Iterator[str]:
    if not run.entries:
        yield _fact("read", "no entries")
        return
    entries = count(run.entries, "entry", "entries")
    yield _fact("read", f"{entries} on {count(run.pages, 'page', 'pages')}")
    if run.held:  # nothing that it saw is sure, so it covers nothing
        return
    if run.top is not None:
        yield _fact("complete from", mark_told(run.top))
    if run.bottom is not None:
        reach = f"  ({REACHES[run.reach]})" if REACHES[run.reach] else ""
        yield _fact("to", f"{mark_told(run.bottom)}{reach}")


def _held_lines(run: RunRow, entries: Sequence[HeldEntry]) -> Iterator[str | Text]:
    for held in entries:
        published = held.entry.published
        at = f"  {stated(published.at, published.precision)}" if published else ""
        title = shown(line(held.entry.title))
        yield show.styled("    ", (f"{held.state:<8}", _STYLES.get(held.state, "")), f"{title}{at}")
        yield show.styled("            ", (line(held.entry.url), "dim"))
    numbers = Counter(held.state for held in entries)
    told = ", ".join(f"{numbers[state]} {state}" for state in HeldState if numbers[state])
    if told:
        yield f"  {count(len(entries), 'entry', 'entries')}: {told}"
    if not entries:
        advice = remedy(entries=0, trouble=run.trouble, reason=run.reason)
        if run.held == "held" and advice:
            yield f"  {advice}"
    elif run.held in ("held", "passed", "rejected"):
        announced = numbers[HeldState.NEW] + numbers[HeldState.LISTED]
        reject = f"; `tidings runs reject {run.id}` does not" if run.held == "held" else ""
        yield f"  `tidings runs approve {run.id}` announces {announced} of them{reject}"


def _styled(run: RunRow) -> Text:
    state = spoken(run.verdict)
    return show.styled((state, show.STYLES.get("ok" if state == "not modified" else state, "")))


def _coverage(run: RunRow) -> str:
    for gap in run.gaps:
        if gap.did == "opened":
            return "gap" if gap.state == "open" else f"gap, {gap.state} since"
        return f"gap {gap.did}"
    if run.held or run.reach is Reach.NOTHING:
        return "-"
    return "complete" if run.reach in (Reach.KNOWN, Reach.END) else "short"


def _gap(gap: RunGap) -> str:
    between = f"between {moment(gap.since)} and {moment(gap.until)}"
    now = "" if gap.state in (gap.did, "open") else f"; it is {gap.state} since"
    return (
        f"{gap.did}: what stood {between} {'is out of reach' if gap.did == 'lost' else 'was not read'}{now}"
    )


def _fact(name: str, value: str) -> str:
    return f"  {name:<16} {value}"

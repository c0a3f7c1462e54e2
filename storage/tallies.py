"""Running totals, for whoever draws curves: a few rows, however much there is to be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from news.change import Change
from news.run import Reading, Settled, Verdict
from storage.engine import insert_into
from storage.tally_table import Tally

RUNS, CHANGES, TICKS = "runs.", "changes.", "ticks."
"""How names begin behind which a verdict, a kind of change, or the name of a tick stands."""
REQUESTS, UNCHANGED, BYTES = "requests", "requests.not_modified", "requests.bytes"
SENT, ATTEMPTS_FAILED = "deliveries.sent", "deliveries.attempts_failed"
MICROSECONDS = ".microseconds"
"""How the name of a tick's total time ends; without it is how often it was made."""


def raise_tallies(connection: Connection, amounts: Mapping[str, int]) -> None:
    """Raise totals, in the caller's transaction; in the order of names, so that no two wait for each other."""
    rows = [{"name": name, "value": amounts[name]} for name in sorted(amounts) if amounts[name]]
    if rows:
        raised = insert_into(connection, Tally)
        total = Tally.value + raised.excluded.value
        connection.execute(raised.on_conflict_do_update(index_elements=["name"], set_={"value": total}), rows)


def read_tallies(connection: Connection) -> dict[str, int]:
    """Return all totals by name; what was never counted is missing."""
    return {row.name: row.value for row in connection.execute(select(Tally.name, Tally.value))}


def of_runs(readings: Sequence[Reading], settled: Sequence[Settled]) -> Counter[str]:
    """Return what runs add that are settled together; of one that is dropped only what it asked counts."""
    found: Counter[str] = Counter()
    for reading in readings:
        found[REQUESTS] += reading.requests
        found[UNCHANGED] += reading.not_modified_count
        found[BYTES] += reading.received_bytes
    for run in settled:
        if not run.stale:
            found[f"{RUNS}{run.verdict}"] += 1
            found += of_changes(run.changes)
    return found


def of_changes(changes: Iterable[Change]) -> Counter[str]:
    """Return what changes add."""
    return Counter(f"{CHANGES}{change.kind}" for change in changes)


def of_failures(number: int) -> Counter[str]:
    """Return what sources add whose crawl process died."""
    return Counter({f"{RUNS}{Verdict.FAILED}": number})


def of_ticks(spent: Mapping[str, tuple[int, float]]) -> Counter[str]:
    """Return what a scheduler's ticks add: how often each was made, and how many seconds that took in all."""
    found: Counter[str] = Counter()
    for name, (times, seconds) in spent.items():
        found[f"{TICKS}{name}"] += times
        found[f"{TICKS}{name}{MICROSECONDS}"] += round(seconds * 1_000_000)
    return found

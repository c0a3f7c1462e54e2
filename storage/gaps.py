"""Gaps in the database: opened, stretched, closed and lost by what a settled read covered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from news.frontier import Coverage
from news.known import Known, OpenGap
from news.run import GapNote, Reading
from storage.tables import Gap


def write_gaps(
    connection: Connection,
    known: Known,
    reading: Reading,
    coverage: Coverage,
    run_id: int,
    moment: datetime,
) -> GapNote | None:
    """Open, stretch, close and lose gaps; return the one worth telling."""
    note: GapNote | None = None
    for ids, state in ((coverage.closed, "closed"), (coverage.lost, "lost")):
        for gap in known.gaps:
            if gap.id in ids:
                values = {"state": state, "closed_run_id": run_id, "closed_at": moment}
                connection.execute(update(Gap).where(Gap.id == gap.id).values(values))
                note = GapNote(state=state, since=gap.since)
    if coverage.stretched is not None:
        values = {"until": moment, "next_url": reading.next_url, "upper": _upper(reading)}
        connection.execute(update(Gap).where(Gap.id == coverage.stretched).values(values))
    if coverage.opened is not None:
        connection.execute(insert(Gap), [_gap(coverage.opened, reading, run_id, moment)])
        note = GapNote(state="open", since=coverage.opened.since, next_url=reading.next_url)
    still = [gap for gap in known.gaps if gap.id not in {*coverage.closed, *coverage.lost}]
    if note is None and still:
        note = GapNote(state="open", since=still[0].since, next_url=reading.next_url)
    return note


def _upper(reading: Reading) -> list[str]:
    """Return the keys above a gap: the last entries of the read that stopped short there."""
    return [entry.key for entry in reading.entries[-10:]]


def _gap(gap: OpenGap, reading: Reading, run_id: int, moment: datetime) -> dict[str, Any]:
    return {
        "source_id": reading.source_id,
        "opened_run_id": run_id,
        "upper": _upper(reading),
        "lower": list(gap.lower),
        "next_url": reading.next_url,
        "since": gap.since,
        "until": moment,
        "state": "open",
    }


def short_of(gap: GapNote, reading: Reading) -> str:
    """Say of a good read that it did not reach what was known before, and what became of the rest."""
    read = f"{reading.pages} pages were read without meeting what was known before"
    if gap.state == "lost":
        return f"{read}; what stood between is out of reach"
    return f"{read}; the next run reads on (max_pages says how far)"

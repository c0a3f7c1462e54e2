"""From where to where a source is known completely: its newest entry, its horizon, and the gaps in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from storage.engine import reading
from storage.runs import Mark, marks_of
from storage.sources import unknown_source
from storage.tables import Gap, Run, Source

GAPS_AT_MOST = 10
"""Lost gaps that are shown, the latest ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownGap:
    """A stretch that was not read, between ``above`` and ``below`` (None where these are known no more).

    ``state`` is ``open`` or ``lost``. ``next_url`` is where the listing goes on, as the last read saw it.
    """

    id: int
    state: str
    since: datetime
    until: datetime
    above: Mark | None
    below: Mark | None
    next_url: str
    opened_run_id: int
    closed_run_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceCoverage:
    """What is known of a listing, from ``top`` down to ``bottom``, with everything that was left out in between.

    ``top`` is the first entry of the last complete read, ``bottom`` the source's horizon, below which it was never
    read to tell.
    """

    top: Mark | None
    bottom: Mark | None
    gaps: tuple[KnownGap, ...]


def coverage_of(engine: Engine, name: str) -> SourceCoverage:
    """Return what a source covers; open gaps first, then the latest that were lost.

    :raises SourceError: when the source is unknown.
    """
    with reading(engine) as connection:
        columns = (Source.id, Source.frontier, Source.horizon_key, Source.baseline_run_id)
        row = connection.execute(select(*columns).where(Source.name == name)).one_or_none()
        if row is None:
            raise unknown_source(connection, name)
        bottom = row.horizon_key or _last_of(connection, row.baseline_run_id)
        query = (
            select(Gap.__table__)
            .where(Gap.source_id == row.id, Gap.state.in_(["open", "lost"]))
            .order_by(Gap.state.desc(), Gap.id.desc())
            .limit(GAPS_AT_MOST)
        )
        gaps = connection.execute(query).all()
        ends = {key for gap in gaps for key in (*gap.upper[-1:], *gap.lower[:1])}
        marks = marks_of(connection, {*row.frontier[:1], *filter(None, [bottom]), *ends})
        return SourceCoverage(
            top=marks.get(row.frontier[0]) if row.frontier else None,
            bottom=marks.get(bottom) if bottom else None,
            gaps=tuple(
                KnownGap(
                    id=gap.id,
                    state=gap.state,
                    since=gap.since,
                    until=gap.until,
                    above=marks.get(gap.upper[-1]) if gap.upper else None,
                    below=marks.get(gap.lower[0]) if gap.lower else None,
                    next_url=gap.next_url,
                    opened_run_id=gap.opened_run_id,
                    closed_run_id=gap.closed_run_id,
                )
                for gap in gaps
            ),
        )


def _last_of(connection: Connection, run_id: int | None) -> str | None:
    if run_id is None:
        return None
    return connection.execute(select(Run.bottom_key).where(Run.id == run_id)).scalar_one_or_none()

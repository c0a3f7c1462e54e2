"""How much each source brought day by day, for those who look at its rhythm."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, func, select

from storage.changes import last_seq, pruned_upto
from storage.quiet import NEWS
from storage.tables import Change, Source

LOOKED_AT = 100_000
"""Rows at the end of the log that are counted; a log that grows faster is shown for fewer days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsCounts:
    """What was new on each of some days, all of them named, the oldest first; days are those of UTC."""

    days: tuple[date, ...]
    by_source: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def of(self, source: str) -> tuple[int, ...]:
        """Return the counts of one source, a number for each day."""
        return self.by_source.get(source, (0,) * len(self.days))


def news_by_day(
    connection: Connection, *, until: datetime, days: int, sources: Collection[str] | None = None
) -> NewsCounts:
    """Return how many articles were new to each source on its latest days.

    Args:
        connection: a reading transaction.
        until: an aware moment on the last of the days.
        days: how many, if the end of the log that is looked at reaches back so far.
        sources: names of sources; None for all.
    """
    last = until.astimezone(UTC).date()
    first = max(last - timedelta(days=days - 1), _first_day(connection) or date.min)
    shown = tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
    on = func.date(Change.at)
    counted = (
        select(Source.name, on.label("day"), func.count().label("number"))
        .join(Source, Source.id == Change.source_id)
        .where(Change.seq > last_seq(connection) - LOOKED_AT, Change.kind.in_(sorted(map(str, NEWS))))
        .where(Change.at >= datetime(first.year, first.month, first.day, tzinfo=UTC))
        .group_by(Source.name, on)
    )
    if sources is not None:
        counted = counted.where(Source.name.in_(sorted(set(sources))))
    found: dict[str, dict[date, int]] = {}
    for row in connection.execute(counted):
        found.setdefault(row.name, {})[date.fromisoformat(str(row.day))] = row.number
    return NewsCounts(
        days=shown,
        by_source={name: tuple(numbers.get(each, 0) for each in shown) for name, numbers in found.items()},
    )


def _first_day(connection: Connection) -> date | None:
    """Return the first whole day of the part of the log that is counted; None if that is all there ever was."""
    begins = max(last_seq(connection) - LOOKED_AT, pruned_upto(connection))
    if begins <= 0:
        return None
    first = select(Change.at).where(Change.seq >= begins).order_by(Change.seq).limit(1)
    at = connection.execute(first).scalar_one_or_none()
    return None if at is None else at.date() + timedelta(days=1)

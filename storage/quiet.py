"""Which sources have fallen silent: read well, and improbably without news for their own rhythm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, false, func, or_, select

from news.change import Change, ChangeKind
from news.rhythm import Silence, add_news_day, silence_of
from storage.tables import Source
from storage.unread import NAMED, said, title_of

NEWS = frozenset({ChangeKind.PUBLISHED, ChangeKind.LISTED})
"""What is new to a source, whoever told of it first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietSource:
    """A source that answers and has stopped publishing, improbably for its own rhythm.

    ``since`` is the last day on which it brought something new, ``days`` how many whole days have passed since, of
    which ``expected`` would have brought something.
    """

    source: str
    title: str
    language: str
    since: date
    days: int
    expected: float


def quiet_sources(connection: Connection, *, sources: Iterable[str] | None = None) -> list[QuietSource]:
    """Return the sources that are quiet, by name. One that is not being read is no such."""
    columns = (Source.paused, Source.baseline_run_id, Source.created_at, Source.last_ok_at, Source.news_days)
    query = (
        select(*NAMED, said("time_zone"), *columns)
        .where(Source.failing_since.is_(None), _without_news(connection))
        .order_by(Source.name)
    )
    if sources is not None:
        query = query.where(Source.name.in_(sorted(set(sources))))
    return [
        QuietSource(
            source=row.name,
            title=title_of(row),
            language=row.language or "",
            since=silence.since,
            days=silence.days,
            expected=silence.expected,
        )
        for row in connection.execute(query)
        if (silence := silence_in(row))
    ]


def silence_in(row: Any) -> Silence | None:
    """Return the silence of a source that does not fail, None if it is not improbable, or nothing is read at all.

    The row has the source's own columns, and its declared ``time_zone``.
    """
    if row.paused or row.baseline_run_id is None:
        return None
    return silence_of(
        row.news_days,
        read_since=row.created_at,
        read_until=row.last_ok_at,
        time_zone=row.time_zone or "UTC",
    )


def _without_news(connection: Connection) -> ColumnElement[bool]:
    """Select the sources that had nothing new on the last day; whatever their rhythm, no others are quiet."""
    latest = connection.execute(select(func.max(Source.last_ok_at))).scalar_one()
    if latest is None:
        return false()
    return or_(Source.last_new_at.is_(None), Source.last_new_at < latest - timedelta(days=1))


def news_values(row: Row[Any], changes: Sequence[Change], moment: datetime) -> dict[str, Any]:
    """Return what a source's row remembers of a run that brought these changes."""
    values: dict[str, Any] = {}
    if any(change.kind is ChangeKind.PUBLISHED for change in changes):
        values["last_new_at"] = moment
    if any(change.kind in NEWS for change in changes):
        values["news_days"] = add_news_day(row.news_days, moment, time_zone_of(row.definition))
    return values


def time_zone_of(definition: dict[str, Any]) -> str:
    """Return the time zone in which a declared source lives."""
    return str(definition.get("time_zone") or "UTC")

"""What is not being read: sources that are broken or paused, and stretches of listings that were skipped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Label, and_, or_, select

from storage import tables


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadSource:
    """A source that is not being read, and since when.

    ``verdict`` is ``suspect``, ``failed`` or ``paused``; ``since`` is None if it was never read.
    """

    source: str
    title: str
    language: str
    verdict: str
    reason: str
    since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadStretch:
    """A stretch of a listing that was not read: ``open`` (later runs try to close it) or ``lost``.

    What was published between ``since`` and ``until`` may be missing.
    """

    source: str
    title: str
    language: str
    state: str
    since: datetime
    until: datetime


def said(field: str) -> Label[str]:
    """Select what a source's declaration says, by its name there; to read declarations whole costs much more."""
    text: Label[str] = tables.Source.definition[field].as_string().label(field)
    return text


NAMED = (tables.Source.name, said("title"), said("site"), said("language"))
"""What has to be selected of a source to be spoken of; its language may be missing."""


def unread_sources(connection: Connection, *, sources: Iterable[str] | None = None) -> list[UnreadSource]:
    """Return the sources that are not being read, by name: suspect, failed, or paused (a 410 pauses, too)."""
    table = tables.Source
    silent = (
        select(
            *NAMED, table.paused, table.verdict, table.reason,
            table.failing_since, table.last_ok_at, table.last_run_at,
        )
        .where(or_(table.paused, table.failing_since.is_not(None), table.verdict.in_(["suspect", "failed"])))
        .order_by(table.name)
    )  # fmt: skip
    if sources is not None:
        silent = silent.where(table.name.in_(sorted(set(sources))))
    return [_unread_source(row) for row in connection.execute(silent)]


def unread_stretches(
    connection: Connection,
    *,
    after_run_id: int,
    upto_run_id: int,
    closed_since: datetime | None = None,
    sources: Iterable[str] | None = None,
) -> list[UnreadStretch]:
    """Return the open gaps, and those that were lost in a range of runs, by source and time.

    Run numbers rise in the order of commits, so whoever remembers the last one is told of every loss once.

    Args:
        connection: an open connection.
        after_run_id: the last run of which everything lost has been told; 0 before the first.
        upto_run_id: the last run that is told of now (`storage.changes.last_run_id`).
        closed_since: losses before this aware moment are not told, whatever their run.
        sources: names of sources; None reads those of all.
    """
    gap, source = tables.Gap, tables.Source
    lost = and_(gap.state == "lost", gap.closed_run_id > after_run_id, gap.closed_run_id <= upto_run_id)
    if closed_since is not None:
        lost = and_(lost, gap.closed_at >= closed_since)
    stretches = (
        select(*NAMED, gap.state, gap.since, gap.until)
        .join(source, source.id == gap.source_id)
        .where(or_(gap.state == "open", lost))
        .order_by(source.name, gap.since, gap.id)
    )
    if sources is not None:
        stretches = stretches.where(source.name.in_(sorted(set(sources))))
    return [
        UnreadStretch(
            source=row.name,
            title=title_of(row),
            language=row.language or "",
            state=row.state,
            since=row.since,
            until=row.until,
        )
        for row in connection.execute(stretches)
    ]


def source_titles(connection: Connection, names: Iterable[str] | None = None) -> dict[str, str]:
    """Return what each source is called in front of readers, by its name; of those alone that are named, if any are."""
    query = select(*NAMED)
    if names is not None:
        query = query.where(tables.Source.name.in_(sorted(set(names))))
    return {row.name: title_of(row) for row in connection.execute(query)}


def _unread_source(row: Any) -> UnreadSource:
    failing = row.failing_since is not None or row.verdict in ("suspect", "failed")
    return UnreadSource(
        source=row.name,
        title=title_of(row),
        language=row.language or "",
        verdict=(row.verdict or "failed") if failing else "paused",
        reason=row.reason if failing else "",
        since=row.failing_since or row.last_ok_at or row.last_run_at,
    )


def title_of(row: Any) -> str:
    """Return the title that a source's declaration gives, else its name; the row has what `NAMED` selects."""
    return row.title or row.site or str(row.name)

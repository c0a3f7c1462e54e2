"""Reading the end of the log, the newest first, in steps whose work is bounded whatever is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from news.change import Change, ChangeKind
from storage.changes import changes_before, last_seq
from storage.feed_entries import changes_between
from storage.sources import source_ids
from storage.tables import Change as ChangeRow

WINDOW = 5_000
"""Rows of the log that one step looks through for what a filter lets through."""
MOST_SOURCES = 20
"""Sources whose own rows are looked for one by one; a longer list is read as the whole log is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A stretch of the log, the newest change first; ``older`` is where the next one goes on, None at its beginning."""

    changes: tuple[Change, ...]
    older: int | None


def newest(
    connection: Connection,
    *,
    before_seq: int | None = None,
    sources: Sequence[str] = (),
    languages: Sequence[str] = (),
    kinds: Sequence[ChangeKind] = (),
    limit: int,
) -> Step:
    """Return the newest changes before a place in the log.

    What concerns some sources is read as `storage.changes.changes_after` means it.

    Args:
        connection: a reading transaction.
        before_seq: the ``older`` of the step before; None begins at the end of the log.
        sources: names of sources; none for all.
        languages: BCP 47 tags; none for all.
        kinds: kinds of change; none for all.
        limit: at most so many. There may be fewer, and more behind ``older``.

    Raises:
        SourceError: a source is unknown.
    """
    end = last_seq(connection) + 1
    end = end if before_seq is None else min(before_seq, end)
    start = _own_start(connection, sources, end, limit) if sources else None
    if start is not None:
        found = [
            change
            for change in changes_between(connection, start, end - 1, sources)
            if not kinds or change.kind in kinds
        ]
        newest_first = found[::-1]
        return Step(changes=tuple(newest_first[:limit]), older=_older(newest_first, limit, start))
    start = max(end - WINDOW, 0)
    found = changes_before(
        connection,
        end,
        after_seq=start,
        limit=limit + 1,
        sources=sources or None,
        languages=languages,
        kinds=kinds or None,
    )
    return Step(changes=tuple(found[:limit]), older=_older(found, limit, start))


def _older(found: Sequence[Change], limit: int, start: int) -> int | None:
    if len(found) > limit:
        return found[limit - 1].seq
    return start + 1 if start > 0 else None


def _own_start(connection: Connection, sources: Sequence[str], end: int, limit: int) -> int | None:
    """Return the place behind which some sources wrote ``limit`` rows themselves, 0 if they wrote fewer.

    None where they are too many to be asked one by one.
    """
    ids = source_ids(connection, sources)
    if len(ids) > MOST_SOURCES:
        return None
    own: list[int] = []
    for source_id in ids:
        rows = select(ChangeRow.seq).where(ChangeRow.source_id == source_id, ChangeRow.seq < end)
        own += connection.execute(rows.order_by(ChangeRow.seq.desc()).limit(limit)).scalars()
    own.sort(reverse=True)
    return own[limit - 1] - 1 if len(own) >= limit else 0

"""Reading what runs did: each with its verdict, what it covered, what it announced, and what is held of it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select

from news.entry import Entry
from news.errors import UnknownSourceError
from news.run import Problem, Profile, Reach, Reading, Trouble, Verdict, trouble_in
from storage import rows
from storage.engine import reading
from storage.sources import unknown_source
from storage.tables import Alias, Article, Change, Gap, Held, Pending, Run, Source

LISTED = 30
"""Runs that a list shows unless it is asked for more."""
LONGEST_NUMBER = 18
"""Digits of a number that both databases can compare with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One end of what a run read: an entry by its title and address, as far as these are known."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunGap:
    """A gap that a run opened, closed or lost. What stood between ``since`` and ``until`` was not read."""

    id: int
    did: str  # opened, closed, lost
    state: str  # as it stands now
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRow:
    """One run that told something; those that found the listing unchanged are counters of their source.

    ``reach`` says how far down the read is complete, from ``top`` to ``bottom`` (None where nothing was read).
    ``held`` is the state of what a suspect run saw: ``held``, ``approved``, ``rejected``, ``passed``, ``told``, or
    empty if nothing was kept. ``changes`` counts what it announced.
    """

    id: int
    source: str
    verdict: Verdict
    reason: str
    started_at: datetime
    finished_at: datetime
    settled_at: datetime
    entries: int
    pages: int
    requests: int
    not_modified: int
    profile: Profile
    refused: tuple[tuple[str, int], ...]
    problems: tuple[Problem, ...]
    is_baseline: bool
    reach: Reach
    top: Mark | None
    bottom: Mark | None
    changes: int
    held: str
    gaps: tuple[RunGap, ...] = ()

    @property
    def trouble(self) -> Trouble | None:
        """Why page 1 could not be read; None if it could."""
        return trouble_in(self.problems)


def list_runs(
    engine: Engine,
    *,
    sources: Sequence[str] = (),
    held: bool = False,
    limit: int = LISTED,
    before_id: int | None = None,
) -> list[RunRow]:
    """Return the latest runs, the newest first.

    :param sources: names of sources; all of them if it is empty.
    :param held: only those that wait for a person.
    :param before_id: the page after the run with this number, which was the last of the page before.
    :raises UnknownSourceError: for a name that is unknown.
    """
    query = _query().order_by(Run.id.desc()).limit(limit)
    if held:
        query = query.where(Held.state == "held")
    if before_id is not None:
        query = query.where(Run.id < before_id)
    with reading(engine) as connection:
        if sources:
            known = select(Source.name).where(Source.name.in_(sorted(set(sources))))
            found = set(connection.execute(known).scalars())
            if missing := [name for name in sources if name not in found]:
                raise unknown_source(connection, missing[0])
            query = query.where(Source.name.in_(sorted(found)))
        return _rows(connection, connection.execute(query).all())


def load_run(engine: Engine, run_id: int) -> RunRow:
    """Return one run.

    :raises UnknownSourceError: when there is no run of this number.
    """
    with reading(engine) as connection:
        row = connection.execute(_query().where(Run.id == run_id)).one_or_none()
        if row is None:
            raise no_run(run_id)
        return _rows(connection, [row])[0]


def run_named(engine: Engine, word: str) -> tuple[str, int | None]:
    """Return the source and the number of the run that a person names.

    A number is a run's; anything else is the name of a source, and stands for its newest held run (None).

    :raises UnknownSourceError: when there is no such run.
    """
    if not (word.isascii() and word.isdigit()):
        return word, None
    number = int(word) if len(word) <= LONGEST_NUMBER else 0
    query = select(Source.name).join(Run, Run.source_id == Source.id).where(Run.id == number)
    with reading(engine) as connection:
        name = connection.execute(query).scalar_one_or_none()
    if name is None:
        raise no_run(word)
    return name, number


def newest_run(engine: Engine, name: str) -> int:
    """Return the newest run of a source, one that is held before any other.

    :raises UnknownSourceError: when the source is unknown or no run of it was kept.
    """
    with reading(engine) as connection:
        source_id = connection.execute(select(Source.id).where(Source.name == name)).scalar_one_or_none()
        if source_id is None:
            raise unknown_source(connection, name)
        waiting = select(func.max(Held.run_id)).where(Held.source_id == source_id, Held.state == "held")
        latest = select(func.max(Run.id)).where(Run.source_id == source_id)
        found = connection.execute(waiting).scalar() or connection.execute(latest).scalar()
    if found is None:
        raise UnknownSourceError(
            f"source {name!r}: none of its runs told anything so far; `tidings crawl {name}`"
        )
    return int(found)


def no_run(number: int | str) -> UnknownSourceError:
    """Return the error for a number that no run has."""
    return UnknownSourceError(f"run {number}: there is no such run; `tidings runs list` shows them")


def _query() -> Select[Any]:
    told = (
        select(func.count())
        .where(Change.source_id == Run.source_id, Change.run_id == Run.id)
        .scalar_subquery()
    )
    return (
        select(
            Run.__table__,
            Source.name.label("source"),
            Source.baseline_run_id,
            Held.state.label("held"),
            told.label("changes"),
        )
        .join(Source, Source.id == Run.source_id)
        .outerjoin(Held, Held.run_id == Run.id)
    )


def _rows(connection: Connection, found: Sequence[Row[Any]]) -> list[RunRow]:
    keys = {key for row in found for key in (row.top_key, row.bottom_key) if key}
    marks = marks_of(connection, keys)
    for row in found:
        if {row.top_key, row.bottom_key} - {None} - marks.keys() and row.held:
            marks |= _held_marks(connection, row)
    gaps = _gaps(connection, [row.id for row in found])
    return [_run(row, marks, tuple(gaps.get(row.id, ()))) for row in found]


def _run(row: Row[Any], marks: dict[str, Mark], gaps: tuple[RunGap, ...]) -> RunRow:
    return RunRow(
        id=row.id,
        source=row.source,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        started_at=row.started_at,
        finished_at=row.finished_at,
        settled_at=row.settled_at,
        entries=row.entries,
        pages=row.pages,
        requests=row.requests,
        not_modified=row.not_modified,
        profile=rows.load(Profile, row.profile),
        refused=tuple(sorted(row.refused.items())),
        problems=tuple(rows.load(Problem, problem) for problem in row.problems),
        is_baseline=row.baseline_run_id == row.id,
        reach=Reach(row.reach),
        top=marks.get(row.top_key),
        bottom=marks.get(row.bottom_key),
        changes=row.changes,
        held=row.held or "",
        gaps=gaps,
    )


def marks_of(connection: Connection, keys: Iterable[str]) -> dict[str, Mark]:
    """Return what stands behind keys of URLs: known articles, and entries that wait for their page."""
    found: dict[str, Mark] = {}
    for some in rows.chunks(sorted(keys)):
        waiting = select(Pending.key, Pending.entry).where(Pending.key.in_(some))
        for row in connection.execute(waiting):
            found[row.key] = Mark(title=row.entry["title"], url=row.entry["url"])
        known = (
            select(Alias.key, Article.title, Article.url)
            .join(Article, Article.id == Alias.article_id)
            .where(Alias.key.in_(some))
        )
        for row in connection.execute(known):
            found[row.key] = Mark(title=row.title, url=row.url)
    return found


def _held_marks(connection: Connection, row: Row[Any]) -> dict[str, Mark]:
    entries = held_entries(connection, row.id)
    ends = {entry.key: entry for entry in entries if entry.key in (row.top_key, row.bottom_key)}
    return {key: Mark(title=entry.title, url=entry.url) for key, entry in ends.items()}


def held_entries(connection: Connection, run_id: int) -> tuple[Entry, ...]:
    """Return the entries that a suspect run saw."""
    packed = connection.execute(select(Held.reading).where(Held.run_id == run_id)).scalar_one()
    return rows.load_bytes(Reading, zlib.decompress(packed)).entries


def _gaps(connection: Connection, run_ids: Sequence[int]) -> dict[int, list[RunGap]]:
    found: dict[int, list[RunGap]] = {}
    columns = (Gap.id, Gap.opened_run_id, Gap.closed_run_id, Gap.state, Gap.since, Gap.until)
    for some in rows.chunks(sorted(run_ids)):
        for is_opening in (True, False):
            run_of = Gap.opened_run_id if is_opening else Gap.closed_run_id
            for row in connection.execute(select(*columns).where(run_of.in_(some)).order_by(Gap.id)):
                gap = RunGap(
                    id=row.id,
                    did="opened" if is_opening else row.state,
                    state=row.state,
                    since=row.since,
                    until=row.until,
                )
                found.setdefault(row.opened_run_id if is_opening else row.closed_run_id, []).append(gap)
    return found

"""How each source fares: one row a source, for the lists that people look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from news.rhythm import Silence
from news.run import Problem, Trouble, trouble_in
from storage.definitions import stored_source
from storage.engine import reading
from storage.quiet import silence_in
from storage.rows import load
from storage.sources import unknown_source
from storage.tables import Gap, Held, Host, Pending, Run, Source, Wrapper
from storage.unread import said


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldNote:
    """What is held of one suspect run: how many entries, why, and why page 1 could not be read (None if it could)."""

    entries: int
    reason: str
    trouble: Trouble | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceStatus:
    """One source as an operator sees it.

    ``verdict`` is empty before the first run; ``failing_since`` is set while the source is not being read, and
    ``reason`` says why. ``gaps``, ``pending`` and ``held`` count what is still open. ``lease_owner`` is who crawls the
    source's host, or did so last: it holds until ``lease_until``. ``wrapper`` is the version and origin of the
    selectors in use, such as ``3 (catalogue)``. ``due_reason`` says why it is due then by an adaptive schedule,
    or later than its schedule says.
    ``newest_held`` is the latest of the suspect runs that wait for a person, None if none does.
    ``silence`` is set where the source is read well and has stopped publishing.
    """

    id: int
    name: str
    title: str
    url: str
    host: str
    language: str
    channel: str
    page_url: str
    schedule: str
    time_zone: str
    paused: bool
    verdict: str
    reason: str
    failing_since: datetime | None
    failures: int
    created_at: datetime
    next_due_at: datetime
    due_reason: str
    last_run_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    has_baseline: bool
    wrapper: str
    gaps: int
    pending: int
    held: int
    newest_held: HeldNote | None
    runs: int
    unchanged: int
    requests: int
    not_before: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    silence: Silence | None


NAMED_AT_ONCE = 500
"""Names that are sent to the database; of more all sources are read, and the named ones picked."""


def source_names(connection: Connection, *, after: str = "", limit: int) -> list[str]:
    """Return the names of sources behind a name, in the database's own order of names."""
    wanted = select(Source.name).order_by(Source.name).limit(limit)
    return list(connection.execute(wanted.where(Source.name > after) if after else wanted).scalars())


def list_sources(engine: Engine, names: Sequence[str] | None = None) -> list[SourceStatus]:
    """Return all sources by name, or the named ones in the given order, as they stand at one moment.

    Raises:
        SourceError: for a name that is unknown.
    """
    query = (
        select(
            Source, said("time_zone"),
            Host.not_before, Host.lease_owner, Host.lease_until,
            Wrapper.selectors, Wrapper.version, Wrapper.origin,
        )
        .join(Host, Host.name == Source.host)
        .outerjoin(Wrapper, Wrapper.id == Source.wrapper_id)
        .order_by(Source.name)
    )  # fmt: skip
    if names is not None and len(names) <= NAMED_AT_ONCE:
        query = query.where(Source.name.in_(names))
    with reading(engine) as connection:
        rows = connection.execute(query).all()
        gaps = _count(connection, Gap.source_id, Gap.state == "open")
        pending = _count(connection, Pending.source_id)
        held = _held(connection)
        found = {
            row.name: _status(
                row,
                gaps=gaps.get(row.id, 0),
                pending=pending.get(row.id, 0),
                held=held.get(row.id, (0, None)),
            )
            for row in rows
        }
        if names is None:
            return list(found.values())
        if missing := [name for name in names if name not in found]:
            raise unknown_source(connection, missing[0])
    return [found[name] for name in names]


def check_sources(connection: Connection, names: Sequence[str]) -> None:
    """Refuse names that no source has.

    Raises:
        UnknownSourceError: for the first of them; the message suggests similar ones.
    """
    known = connection.execute(select(Source.name).where(Source.name.in_(names))).scalars().all()
    if missing := [name for name in names if name not in known]:
        raise unknown_source(connection, missing[0])


def _count(connection: Connection, column: Any, *conditions: Any) -> dict[int, int]:
    query = (
        select(column.label("source_id"), func.count().label("number")).where(*conditions).group_by(column)
    )
    return {row.source_id: row.number for row in connection.execute(query)}


def _held(connection: Connection) -> dict[int, tuple[int, HeldNote]]:
    """Return how many runs are held for each source, and what the newest of them is."""
    counted = (
        select(Held.source_id, func.count().label("number"), func.max(Held.run_id).label("run_id"))
        .where(Held.state == "held")
        .group_by(Held.source_id)
        .subquery()
    )
    query = select(counted.c.source_id, counted.c.number, Run.entries, Run.reason, Run.problems)
    found = {}
    for row in connection.execute(query.join(Run, Run.id == counted.c.run_id)):
        trouble = trouble_in(load(Problem, problem) for problem in row.problems)
        found[row.source_id] = (row.number, HeldNote(entries=row.entries, reason=row.reason, trouble=trouble))
    return found


def _status(row: Row[Any], *, gaps: int, pending: int, held: tuple[int, HeldNote | None]) -> SourceStatus:
    source = stored_source(row.definition, row.selectors)
    return SourceStatus(
        id=row.id,
        name=row.name,
        title=source.title,
        url=source.url,
        host=row.host,
        language=source.language,
        channel=str(source.channel),
        page_url=source.page_url,
        schedule=source.schedule,
        time_zone=source.time_zone,
        paused=row.paused,
        verdict=row.verdict,
        reason=row.reason,
        failing_since=row.failing_since,
        failures=row.failures,
        created_at=row.created_at,
        next_due_at=row.next_due_at,
        due_reason=row.due_reason,
        last_run_at=row.last_run_at,
        last_ok_at=row.last_ok_at,
        last_new_at=row.last_new_at,
        has_baseline=row.baseline_run_id is not None,
        wrapper=f"{row.version} ({row.origin})" if row.version is not None else "",
        gaps=gaps,
        pending=pending,
        held=held[0],
        newest_held=held[1],
        runs=row.runs_total,
        unchanged=row.unchanged_total,
        requests=row.requests_total,
        not_before=row.not_before,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        silence=None if row.failing_since else silence_in(row),
    )

"""How a source was asked, out of its counters, its latest runs, its validators and what is known of its host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, func, select

from news.politeness import FEW_RUNS, Asked, Politeness, politeness
from news.run import Problem, Profile, Trouble
from storage.definitions import stored_source
from storage.engine import reading
from storage.rows import load
from storage.sources import unknown_source
from storage.tables import Host, Run, Source, Validator, Wrapper

RECENT = 30
"""Stored runs that are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolitenessReport:
    """What was asked of a source's host, what the host says to us, and the score.

    ``robots`` is what its robots.txt decided, in a word: ``allows``, ``forbids``, ``unreachable``, ``unasked``.
    ``not_modified`` of its requests were answered by 304, over all its runs; ``received_bytes`` are those of bodies,
    packed as they came.
    """

    asked: Asked
    not_modified: int
    received_bytes: int
    found: Politeness
    robots: str
    robots_status: int
    robots_until: datetime | None
    last_request_at: datetime | None
    not_before: datetime | None


def politeness_of(engine: Engine, name: str, *, has_contact: bool) -> PolitenessReport:
    """Return how politely a source is read.

    Args:
        engine: the database.
        name: of the source.
        has_contact: whether the user agent names somebody who can be reached.

    Raises:
        UnknownSourceError: there is no such source.
    """
    query = (
        select(
            Source,
            Host.robots_status,
            Host.robots_expires_at,
            Host.last_request_at,
            Host.not_before,
            Wrapper.selectors,
        )
        .join(Host, Host.name == Source.host)
        .outerjoin(Wrapper, Wrapper.id == Source.wrapper_id)
        .where(Source.name == name)
    )
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            raise unknown_source(connection, name)
        asked = _asked(connection, row, has_contact=has_contact)
    return PolitenessReport(
        asked=asked,
        not_modified=row.not_modified_total,
        received_bytes=row.received_bytes,
        found=politeness(asked),
        robots=_decision(row),
        robots_status=row.robots_status,
        robots_until=row.robots_expires_at,
        last_request_at=row.last_request_at,
        not_before=row.not_before,
    )


def _asked(connection: Connection, row: Row[tuple[object, ...]], *, has_contact: bool) -> Asked:
    latest = connection.execute(
        select(Run.problems, Run.profile).where(Run.source_id == row.id).order_by(Run.id.desc()).limit(RECENT)
    ).all()
    troubles = [{load(Problem, each).trouble for each in run.problems} for run in latest]
    profile = load(Profile, latest[0].profile) if latest else Profile()
    validators = connection.execute(
        select(func.count()).where(
            Validator.source_id == row.id, (Validator.etag != "") | (Validator.last_modified != "")
        )
    ).scalar_one()
    return Asked(
        runs=row.runs_total,
        unchanged=row.unchanged_total,
        requests=row.requests_total,
        every_seconds=_every(row),
        answers_304=validators > 0,
        wait_seconds=float(profile.wait_seconds),
        recent=len(latest),
        impatient=sum(Trouble.RETRY_LATER in each for each in troubles),
        denied=sum(Trouble.ROBOTS in each for each in troubles),
        failures=row.failures,
        delay_seconds=stored_source(row.definition, row.selectors).request.delay_seconds,
        has_contact=has_contact,
    )


def _every(row: Row[tuple[object, ...]]) -> float | None:
    """Return the mean time between runs: from when it was added to its latest run."""
    if row.last_run_at is None or row.runs_total < FEW_RUNS:
        return None
    over: timedelta = row.last_run_at - row.created_at
    gaps: int = row.runs_total - 1
    return over.total_seconds() / gaps


def _decision(row: Row[tuple[object, ...]]) -> str:
    if "robots.txt" in row.reason:
        return "forbids" if 200 <= row.robots_status < 500 else "unreachable"
    if row.robots_expires_at is not None:
        return "allows"
    return "unreachable" if row.robots_status else "unasked"

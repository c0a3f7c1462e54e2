"""Figures of an installation for whoever draws curves: all from the database, so that every process tells the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, case, func, select

from storage.changes import counted_seq
from storage.deliveries import DeliveryState
from storage.engine import database_now, reading
from storage.heartbeat import SCHEDULER, beat_in
from storage.reader_tables import Delivery
from storage.tables import Source
from storage.tallies import read_tallies

PAUSED, NEVER_READ = "paused", "never_read"
"""States of sources beside the verdict of their latest run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFigures:
    """One source: whether it is not being read, when it was read last and is due, and what it asked for so far."""

    name: str
    failing: bool
    last_ok_at: datetime | None
    next_due_at: datetime
    requests: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Everything that is counted, at one moment by the database's clock.

    Args:
        at: that moment.
        sources: how many are in which state: paused, never read, or the verdict of the latest run.
        due: how many are due now.
        totals: running totals by name, as `storage.tallies` names them.
        log_seq: the end of the log.
        outbox: how many deliveries wait, are being brought, or were given up.
        oldest_waiting_at: since when the oldest of those waits that are neither sent nor given up; None without any.
        beat_at: the scheduler's last sign of life; None where none runs.
        each: single sources; empty where there are more than was asked for.
    """

    at: datetime
    sources: Mapping[str, int]
    due: int
    totals: Mapping[str, int]
    log_seq: int
    outbox: Mapping[str, int]
    oldest_waiting_at: datetime | None
    beat_at: datetime | None
    each: Sequence[SourceFigures]


def read_figures(engine: Engine, *, most_sources: int = 0) -> Figures:
    """Return the figures of this moment.

    Args:
        engine: the database.
        most_sources: up to how many sources are told of one by one; of more none is.
    """
    with reading(engine) as connection:
        at = database_now(connection)
        sources = _states(connection)
        due = select(func.count()).where(Source.paused.is_(False), Source.next_due_at <= at)
        beat = beat_in(connection, SCHEDULER)
        few = 0 < sum(sources.values()) <= most_sources
        return Figures(
            at=at,
            sources=sources,
            due=connection.execute(due).scalar_one(),
            totals=read_tallies(connection),
            log_seq=counted_seq(connection),
            outbox=_outbox(connection),
            oldest_waiting_at=_oldest_waiting(connection),
            beat_at=None if beat is None else beat.beat_at,
            each=_each(connection) if few else (),
        )


def _states(connection: Connection) -> dict[str, int]:
    state = case((Source.paused, PAUSED), (Source.verdict == "", NEVER_READ), else_=Source.verdict)
    counted = select(state.label("state"), func.count().label("number")).group_by(state)
    return {row.state: row.number for row in connection.execute(counted)}


def _outbox(connection: Connection) -> dict[str, int]:
    states = [state.value for state in DeliveryState if state is not DeliveryState.SENT]  # those are a total
    counted = select(Delivery.state, func.count().label("number")).where(Delivery.state.in_(states))
    found = {row.state: row.number for row in connection.execute(counted.group_by(Delivery.state))}
    return {state: found.get(state, 0) for state in states}


def _oldest_waiting(connection: Connection) -> datetime | None:
    waiting = Delivery.state.in_([DeliveryState.WAITING.value, DeliveryState.CLAIMED.value])
    return connection.execute(select(func.min(Delivery.created_at)).where(waiting)).scalar_one()


def _each(connection: Connection) -> list[SourceFigures]:
    columns = (
        Source.name,
        Source.failing_since,
        Source.last_ok_at,
        Source.next_due_at,
        Source.requests_total,
    )
    return [
        SourceFigures(
            name=row.name,
            failing=row.failing_since is not None,
            last_ok_at=row.last_ok_at,
            next_due_at=row.next_due_at,
            requests=row.requests_total,
        )
        for row in connection.execute(select(*columns).where(Source.paused.is_(False)).order_by(Source.name))
    ]

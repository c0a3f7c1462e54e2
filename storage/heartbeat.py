"""One row a scheduler: that it lives, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select

from storage.engine import database_now, insert_into, reading, writing
from storage.tables import Heartbeat
from storage.tallies import of_ticks, raise_tallies

SCHEDULER = "scheduler"
"""The name under which `scheduler.service` beats."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """The last sign of life of one scheduler; both times are the database's."""

    name: str
    owner: str
    started_at: datetime
    beat_at: datetime


def beat(
    engine: Engine,
    name: str,
    *,
    owner: str,
    started_at: datetime,
    spent: Mapping[str, tuple[int, float]] | None = None,
    now: datetime | None = None,
) -> datetime:
    """Write that ``owner`` is alive, and return the time of the beat.

    Args:
        name: what is beating, one row each: ``scheduler``, or a worker's own name.
        owner: who it is now: host and process.
        spent: how often it did what since the last beat, and how many seconds that took in all.
        now: an aware time in place of the database's clock.
    """
    with writing(engine) as connection:
        at = now or database_now(connection)
        row = insert_into(connection, Heartbeat).values(
            name=name, owner=owner, started_at=started_at, beat_at=at
        )
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["name"], set_={"owner": owner, "started_at": started_at, "beat_at": at}
            )
        )
        raise_tallies(connection, of_ticks(spent or {}))
    return at


def end_beat(engine: Engine, name: str, *, owner: str) -> None:
    """Take the row away when ``owner`` ends in good order; one that somebody else has taken over stays.

    Args:
        name: what was beating.
        owner: who it was, as it wrote itself with ``beat``.
    """
    with writing(engine) as connection:
        connection.execute(delete(Heartbeat).where(Heartbeat.name == name, Heartbeat.owner == owner))


def last_beat(engine: Engine, name: str) -> Beat | None:
    """Return the last beat under a name, or None if there never was one, or it ended in good order."""
    with reading(engine) as connection:
        return beat_in(connection, name)


def beat_in(connection: Connection, name: str) -> Beat | None:
    """Return what `last_beat` does, within a transaction."""
    columns = (Heartbeat.name, Heartbeat.owner, Heartbeat.started_at, Heartbeat.beat_at)
    row = connection.execute(select(*columns).where(Heartbeat.name == name)).first()
    if row is None:
        return None
    return Beat(name=row.name, owner=row.owner, started_at=row.started_at, beat_at=row.beat_at)

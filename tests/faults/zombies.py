"""A crawl whose lease has ended while it was stalled: somebody else has leased its host when it comes back."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine, event, select

from news.errors import StorageError
from news.run import Lease
from storage.engine import open_engine, reading
from storage.leases import lease_due_hosts
from storage.tables import Host
from tests.faults.locked import hurry
from tests.faults.points import At, Struck, striking

OVERTAKER = "the next scheduler"
REFUSED = "its lease had passed to another crawl"
"""What is said of a run that comes too late."""


@contextmanager
def overtaken(engine: Engine, *, now: datetime, at: At = 1) -> Generator[Struck]:
    """Let another scheduler lease every host at a point, as their leases have ended by then and all is due.

    ``brought`` are the leases that it got. It waits for nobody: a host that is locked there and then is not overtaken.
    """
    with (
        another_engine(engine) as other,
        striking(engine, at, lambda point: _take(other, now, struck)) as struck,
    ):
        yield struck


def _take(other: Engine, now: datetime, struck: Struck) -> bool:
    with suppress(StorageError):  # on SQLite whoever writes keeps everybody else from writing
        struck.brought += overtake(other, now=now)
    return True


def overtake(engine: Engine, *, now: datetime) -> list[Lease]:
    """Lease, a day after ``now``, every host that can be had, and return the leases."""
    then = now + timedelta(days=1)
    leased = lease_due_hosts(engine, owner=OVERTAKER, limit=99, seconds=600, now=then)
    return [lease for lease, _ in leased]


def still_held(engine: Engine, leases: list[Lease]) -> bool:
    """Say whether all of these leases stand as they were made."""
    with reading(engine) as connection:
        query = select(Host.name, Host.lease_token, Host.lease_owner, Host.lease_until)
        found = {row.name: row[1:] for row in connection.execute(query)}
    return all(found[each.host] == (each.token, each.owner, each.until) for each in leases)


@contextmanager
def another_engine(engine: Engine) -> Generator[Engine]:
    """Open the same database as another process does, but wait for no lock."""
    other = open_engine(engine.url.render_as_string(hide_password=False), create=False)
    event.listen(other, "connect", lambda driver, _record: _hurried(driver))
    try:
        yield other
    finally:
        other.dispose()


def _hurried(driver: object) -> None:
    hurry(driver)
    commit = getattr(driver, "commit", None)
    if commit is not None:
        commit()

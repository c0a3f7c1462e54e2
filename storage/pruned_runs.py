"""Deleting old runs with what was held of them, and digests that have reached whom they were for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, or_, select
from sqlalchemy.orm import aliased

from news.run import Verdict
from storage.deliveries import DeliveryState
from storage.known import PROFILES
from storage.reader_tables import Delivery, Digest
from storage.rows import chunks
from storage.tables import Held, Run, Source

LATEST = 20
"""Runs of each source that stay however old they are: what it did last is never unknown."""
SOURCES = 50
"""Sources that one transaction looks at."""
ROWS = 1_000
"""Runs that go in one transaction at most, about."""
DIGESTS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Ids:
    """What may go, and the last source or digest that was looked at; None at the end."""

    ids: tuple[int, ...]
    last: int | None


def old_runs(connection: Connection, after_id: int, *, before: datetime) -> Ids:
    """Find runs that were settled before a moment and that nothing asks for any more.

    Of each source stay its baseline, its latest runs and its latest good ones, from which it is known what is usual,
    the newest that a person approved, with which that history begins, what waits to be decided on, and all since it
    fails.
    """
    sources = connection.execute(
        select(Source.id, Source.baseline_run_id, Source.failing_since)
        .where(Source.id > after_id)
        .order_by(Source.id)
        .limit(SOURCES)
    ).all()
    found: list[int] = []
    last: int | None = sources[-1].id if len(sources) == SOURCES else None
    for source in sources:
        old = select(Run.id).where(Run.source_id == source.id, Run.settled_at < before)
        if source.failing_since is not None:
            old = old.where(Run.settled_at < source.failing_since)
        ids = set(connection.execute(old).scalars())
        if ids:
            found += sorted(ids - _kept(connection, source.id) - {source.baseline_run_id})
        if len(found) >= ROWS:
            last = source.id
            break
    return Ids(ids=tuple(found), last=last)


def _kept(connection: Connection, source_id: int) -> set[int]:
    own = select(Run.id).where(Run.source_id == source_id)
    good = own.where(Run.verdict == Verdict.OK.value)
    waiting = select(Held.run_id).where(Held.source_id == source_id, Held.state == "held")
    approved = select(Held.run_id).where(Held.source_id == source_id, Held.state == "approved")
    kept: set[int] = set()
    for query in (
        own.order_by(Run.id.desc()).limit(LATEST),
        good.order_by(Run.id.desc()).limit(PROFILES),
        waiting,
        approved.order_by(Held.run_id.desc()).limit(1),
    ):
        kept |= set(connection.execute(query).scalars())
    return kept


def old_held(connection: Connection, after_id: int, *, before: datetime) -> Ids:
    """Find what was held of runs and decided on before a moment; what a person approved last stays."""
    approved = select(func.max(Held.run_id)).where(Held.state == "approved").group_by(Held.source_id)
    query = (
        select(Held.run_id)
        .where(Held.run_id > after_id, Held.state != "held", Held.held_at < before)
        .where(Held.run_id.not_in(approved))
        .order_by(Held.run_id)
        .limit(ROWS)
    )
    return _page(list(connection.execute(query).scalars()), ROWS)


def old_digests(connection: Connection, after_id: int, *, before: datetime) -> Ids:
    """Find digests that were composed before a moment and have arrived, or had nowhere to go.

    Each subscription's newest stays, from which the next one is numbered, and so does what waits for a person.
    """
    other = aliased(Digest)
    newest = select(func.max(other.id)).group_by(other.subscription_id)
    under_way = exists().where(
        Delivery.digest_id == Digest.id,
        or_(Delivery.state != DeliveryState.SENT.value, Delivery.sent_at >= before),
    )
    last_delivery = select(Delivery.digest_id).order_by(Delivery.id.desc()).limit(1)
    query = (
        select(Digest.id)
        .where(Digest.id > after_id, Digest.composed_at < before)
        .where(Digest.id.not_in(newest), Digest.id.not_in(last_delivery), ~under_way)
        .order_by(Digest.id)
        .limit(DIGESTS)
    )
    return _page(list(connection.execute(query).scalars()), DIGESTS)


def _page(ids: list[int], limit: int) -> Ids:
    return Ids(ids=tuple(ids), last=ids[-1] if len(ids) == limit else None)


def delete_runs(connection: Connection, ids: Sequence[int]) -> None:
    """Delete runs, with what is still held of them."""
    for some in chunks(ids):
        connection.execute(delete(Held).where(Held.run_id.in_(some)))
        connection.execute(delete(Run).where(Run.id.in_(some)))


def delete_held(connection: Connection, ids: Sequence[int]) -> None:
    """Delete what was held of runs; these stay."""
    for some in chunks(ids):
        connection.execute(delete(Held).where(Held.run_id.in_(some)))


def delete_digests(connection: Connection, ids: Sequence[int]) -> None:
    """Delete digests, with the record of their deliveries."""
    for some in chunks(ids):
        connection.execute(delete(Delivery).where(Delivery.digest_id.in_(some)))
        connection.execute(delete(Digest).where(Digest.id.in_(some)))

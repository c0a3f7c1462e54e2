"""Whether all is well: what `news.health` complains of, read in one short transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, func, select

from news.health import TOLD_FOR, Checkup, Complaint, Kind, Limits, ailing, checkup, overdue_since
from storage.alerting import ailment_of, is_gone, latest_problems
from storage.claims import quiet_at
from storage.deliveries import DeliveryState
from storage.disks import disks, is_nearly_full
from storage.engine import database_now, reading
from storage.heartbeat import SCHEDULER, beat_in
from storage.reader_tables import Delivery, Digest, Subscription, Target
from storage.tables import Host, Source

if TYPE_CHECKING:
    from storage.settings import Settings

NAMED = 100
"""Complaints of each kind that are named; the others are counted."""
_NEVER = timedelta(days=36_500)


def limits_of(settings: Settings) -> Limits:
    """Return from when on an installation complains, as its settings say."""

    def lasting(seconds: float) -> timedelta:
        return timedelta(seconds=seconds) if seconds else _NEVER

    return Limits(
        overdue=lasting(settings.overdue_seconds),
        lease=timedelta(seconds=settings.lease_seconds),
        unread=lasting(settings.unread_seconds),
        waiting=lasting(settings.waiting_seconds),
        heartbeat=lasting(settings.heartbeat_seconds),
        disk_bytes=settings.disk_free_bytes,
        ailing_share=settings.ailing_share,
    )


def check_up(
    engine: Engine,
    limits: Limits,
    *,
    folders: tuple[Path, ...] = (),
    named: int = NAMED,
    now: datetime | None = None,
) -> Checkup:
    """Return what is to be complained of.

    Args:
        engine: the database.
        limits: from when on.
        folders: further folders whose disks must not be full.
        named: how many complaints of each kind are named.
        now: an aware time in place of the database's clock.

    Raises:
        StorageError: the database cannot be read, which is a complaint of its own.
    """
    with reading(engine) as connection:
        at = now or database_now(connection)
        active = select(func.count()).select_from(Source).where(Source.paused.is_(False))
        sources: int = connection.execute(active).scalar_one()
        found = [
            *_heartbeat(connection, at, limits),
            *_overdue(connection, at, limits),
            *_unread(connection, at, limits),
            *_waiting(connection, at, limits),
            *_dead(connection, at),
        ]
    return checkup(
        [*found, *_disks(engine, limits, folders)], sources=sources, now=at, limits=limits, named=named
    )


def _heartbeat(connection: Connection, at: datetime, limits: Limits) -> Iterator[Complaint]:
    beat = beat_in(connection, SCHEDULER)
    if beat is not None and at - beat.beat_at > limits.heartbeat:
        reason = "it has given no sign of life since; is it still running?"
        yield Complaint(kind=Kind.HEARTBEAT, subject=beat.owner, since=beat.beat_at, reason=reason)


def _overdue(connection: Connection, at: datetime, limits: Limits) -> Iterator[Complaint]:
    late = select(Source.name, Source.next_due_at, Host.not_before, Host.lease_until).join(
        Host, Host.name == Source.host
    )
    for row in connection.execute(
        late.where(Source.paused.is_(False), Source.next_due_at <= at - limits.overdue)
    ):
        since = overdue_since(
            row.next_due_at, not_before=row.not_before, lease_until=row.lease_until, now=at, limits=limits
        )
        if since is not None:
            reason = "it is due since then, and nobody has read it; is `tidings run` running?"
            yield Complaint(kind=Kind.OVERDUE, subject=row.name, since=since, reason=reason)


def _unread(connection: Connection, at: datetime, limits: Limits) -> Iterator[Complaint]:
    failing = select(Source.id, Source.name, Source.paused, Source.failing_since, Source.reason)
    rows = connection.execute(failing.where(Source.failing_since <= at - limits.unread)).all()
    problems = latest_problems(connection, [row.id for row in rows])
    for row in rows:
        ailment, _ = ailment_of(row, problems.get(row.id, ()))
        gone = row.paused and is_gone(problems.get(row.id, ()))
        kind = ailing(ailment, row.failing_since, gone=gone, now=at, limits=limits)
        if kind is not None:
            yield Complaint(kind=kind, subject=row.name, since=row.failing_since, reason=row.reason)


def _waiting(connection: Connection, at: datetime, limits: Limits) -> Iterator[Complaint]:
    """Complain of what waits for its target: not of what a person paused, nor of what quiet hours hold back."""
    begun = at - limits.waiting
    held = {*quiet_at(connection, at), *quiet_at(connection, begun)}
    on_their_way = _deliveries().where(
        Delivery.state.in_([DeliveryState.WAITING.value, DeliveryState.CLAIMED.value]),
        Delivery.created_at <= begun,
    )
    for row in connection.execute(on_their_way):
        if row.subscription_id not in held:
            reason = row.disabled_reason or row.last_error or "no attempt was made"
            yield _of_delivery(Kind.WAITING, row, row.created_at, reason)


def _dead(connection: Connection, at: datetime) -> Iterator[Complaint]:
    died_at = func.coalesce(Delivery.last_attempt_at, Delivery.created_at)
    dead = _deliveries().where(Delivery.state == DeliveryState.DEAD.value, died_at > at - TOLD_FOR)
    for row in connection.execute(dead):
        yield _of_delivery(Kind.DEAD, row, row.last_attempt_at or row.created_at, row.last_error)


def _deliveries() -> Any:
    return (
        select(
            Delivery.id, Delivery.created_at, Delivery.last_attempt_at, Delivery.last_error,
            Digest.number, Subscription.name, Subscription.id.label("subscription_id"), Target.disabled_reason,
        )
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Subscription, Subscription.id == Digest.subscription_id)
        .join(Target, Target.id == Delivery.target_id)
        .where(Subscription.paused.is_(False))
        .order_by(Delivery.id)
    )  # fmt: skip


def _of_delivery(kind: Kind, row: Any, since: datetime, reason: str) -> Complaint:
    told = f"digest {row.number}: {reason}"
    return Complaint(kind=kind, subject=row.name, since=since, reason=told, delivery=row.id)


def _disks(engine: Engine, limits: Limits, folders: tuple[Path, ...]) -> Iterator[Complaint]:
    for disk in disks(engine, folders):
        if is_nearly_full(disk, limits.disk_bytes):
            reason = (
                f"{disk.free:,} of {disk.total:,} bytes are free" if disk.total else "it cannot be looked at"
            )
            yield Complaint(kind=Kind.DISK, subject=disk.path, reason=reason)

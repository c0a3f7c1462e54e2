"""Whether everything that was due at a moment has been done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, func, or_, select

from storage.deliveries import DeliveryState
from storage.engine import reading
from storage.reader_tables import Delivery, Subscription, Target
from storage.tables import Change, Host, Source

OPEN = (DeliveryState.WAITING.value, DeliveryState.CLAIMED.value)


def left_at(engine: Engine, now: datetime) -> str:
    """Return what is still to be done, in words; nothing when all is at rest."""
    with reading(engine) as connection:
        found = {
            "sources are due": _due(connection, now),
            "hosts are leased": _leased(connection, now),
            "subscriptions have something to tell": _untold(connection),
            "deliveries are due": _undelivered(connection, now),
        }
    return ", ".join(f"{number} {what}" for what, number in found.items() if number)


def _due(connection: Connection, now: datetime) -> int:
    patient = or_(Host.not_before.is_(None), Host.not_before <= now)
    query = select(func.count()).select_from(Source).join(Host, Host.name == Source.host)
    return int(connection.execute(query.where(Source.next_due_at <= now, patient)).scalar_one())


def _leased(connection: Connection, now: datetime) -> int:
    query = select(func.count()).select_from(Host).where(Host.lease_until > now)
    return int(connection.execute(query).scalar_one())


def _untold(connection: Connection) -> int:
    end = select(func.coalesce(func.max(Change.seq), 0)).scalar_subquery()
    query = select(func.count()).select_from(Subscription)
    return int(
        connection.execute(query.where(Subscription.schedule == "", Subscription.cursor < end)).scalar_one()
    )


def _undelivered(connection: Connection, now: datetime) -> int:
    query = (
        select(func.count())
        .select_from(Delivery)
        .join(Target, Target.id == Delivery.target_id)
        .where(
            Delivery.state.in_(OPEN),
            or_(Delivery.next_attempt_at.is_(None), Delivery.next_attempt_at <= now),
            or_(Target.not_before.is_(None), Target.not_before <= now),
        )
    )
    return int(connection.execute(query).scalar_one())

"""The outbox: one delivery a digest and target, from composing until it is sent or given up, and what people see of it.

`storage.claims` has the part of those who bring them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, func, insert, select, update

from news.errors import StorageError, UnknownError
from storage.engine import writing
from storage.reader_tables import Delivery, Digest, Subscription, Target


class DeliveryState(StrEnum):
    """What became of a delivery so far."""

    WAITING = "waiting"
    CLAIMED = "claimed"  # somebody is bringing it now
    SENT = "sent"  # the receiver has accepted it
    DEAD = "dead"  # given up: it waits for a person


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRow:
    """One delivery as people see it.

    Args:
        id: its number, by which `retry` is told of it.
        subscription: the name of its subscription, and with ``number`` which digest it brings.
        number: the number of the digest.
        kind: of its target.
        key: the idempotency key, the same for all attempts.
        attempts: how often it was tried.
        next_attempt_at: when it is tried again; None is at once, or never again.
        last_error: why the last attempt failed; empty once it is sent.
        claim_owner: who is bringing it now, and until when at the latest (``claim_until``).
    """

    id: int
    subscription: str
    number: int
    kind: str
    key: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str
    claim_owner: str | None
    claim_until: datetime | None


def add_delivery(
    connection: Connection, *, subscription_id: int, digest_id: int, digest_hash: str, now: datetime
) -> None:
    """Put a digest that is being stored into the outbox, if its subscription has a target: in the same transaction."""
    target_id = connection.execute(
        select(Target.id).where(Target.subscription_id == subscription_id)
    ).scalar_one_or_none()
    if target_id is None:
        return
    connection.execute(
        insert(Delivery),
        {
            "digest_id": digest_id,
            "target_id": target_id,
            "key": _key(digest_hash, target_id),
            "state": DeliveryState.WAITING.value,
            "created_at": now,
        },
    )


def list_deliveries(
    connection: Connection,
    *,
    subscription: str | None = None,
    states: Sequence[DeliveryState] = (),
    limit: int | None = None,
    before_id: int | None = None,
) -> list[DeliveryRow]:
    """Return deliveries, the newest first: all of them, or those of a subscription, or in certain states.

    ``before_id`` goes on below the delivery with this number, which was the last of the page before.
    """
    wanted = _deliveries().order_by(Delivery.id.desc())
    if subscription is not None:
        wanted = wanted.where(Subscription.name == subscription)
    if before_id is not None:
        wanted = wanted.where(Delivery.id < before_id)
    if states:
        wanted = wanted.where(Delivery.state.in_([state.value for state in states]))
    found = connection.execute(wanted if limit is None else wanted.limit(limit))
    return [_delivery(row) for row in found.mappings()]


def load_delivery(connection: Connection, delivery_id: int) -> DeliveryRow:
    """Return one delivery.

    Raises:
        UnknownError: there is none of that number.
    """
    row = connection.execute(_deliveries().where(Delivery.id == delivery_id)).mappings().first()
    if row is None:
        raise UnknownError(
            f"delivery {delivery_id}: there is none of this number; `tidings deliveries list` shows them"
        )
    return _delivery(row)


def count_by_subscription(connection: Connection) -> dict[str, Counter[DeliveryState]]:
    """Return how many deliveries of each subscription are in which state."""
    query = (
        select(Subscription.name, Delivery.state, func.count())
        .join(Target, Target.subscription_id == Subscription.id)
        .join(Delivery, Delivery.target_id == Target.id)
        .group_by(Subscription.name, Delivery.state)
    )
    found: dict[str, Counter[DeliveryState]] = {}
    for name, state, number in connection.execute(query):
        found.setdefault(name, Counter())[DeliveryState(state)] = number
    return found


def retry(engine: Engine, delivery_ids: Sequence[int]) -> list[DeliveryRow]:
    """Let deliveries be tried at once, as if for the first time: dead ones, and such that wait for their next attempt.

    Each keeps its idempotency key. One that is being brought at this moment is left alone. Their targets are used
    again, where they were disabled or left in peace.

    Returns:
        Those that wait now.

    Raises:
        StorageError: one is unknown, or was sent: all or none.
    """
    with writing(engine) as connection:
        found = [load_delivery(connection, each) for each in dict.fromkeys(delivery_ids)]
        for each in found:
            if each.state is DeliveryState.SENT:
                raise StorageError(
                    f"delivery {each.id}: it was accepted, and is not sent twice; "
                    f"`tidings digest --subscription {each.subscription} --number {each.number}` shows what it brought"
                )
        ids = [each.id for each in found if each.state is not DeliveryState.CLAIMED]
        of_them = select(Delivery.target_id).where(Delivery.id.in_(ids))
        woken = {"failures": 0, "not_before": None, "disabled_at": None, "disabled_reason": ""}
        connection.execute(update(Target).where(Target.id.in_(of_them)), woken)
        anew = {
            "state": DeliveryState.WAITING.value,
            "attempts": 0,
            "first_attempt_at": None,
            "next_attempt_at": None,
        }
        still = Delivery.state.in_([DeliveryState.WAITING.value, DeliveryState.DEAD.value])
        connection.execute(update(Delivery).where(Delivery.id.in_(ids), still), anew)
        return [load_delivery(connection, each) for each in ids]


def _key(digest_hash: str, target_id: int) -> str:
    """Return a delivery's idempotency key: never random, and another one for each digest and target."""
    return "tdg_" + hashlib.sha256(f"{digest_hash}:{target_id}".encode()).hexdigest()[:40]


_COLUMNS: tuple[Any, ...] = (
    Delivery.id,
    Subscription.name.label("subscription"),
    Digest.number,
    Target.kind,
    Delivery.key,
    Delivery.state,
    Delivery.attempts,
    Delivery.created_at,
    Delivery.next_attempt_at,
    Delivery.last_attempt_at,
    Delivery.sent_at,
    Delivery.last_error,
    Delivery.claim_owner,
    Delivery.claim_until,
)


def _deliveries() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Target, Target.id == Delivery.target_id)
        .join(Subscription, Subscription.id == Digest.subscription_id)
    )


def _delivery(row: RowMapping) -> DeliveryRow:
    return DeliveryRow(**{**row, "state": DeliveryState(row["state"])})

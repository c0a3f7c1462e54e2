"""An outbox to test with: subscriptions with targets, and digests that wait to be brought."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Engine, update

from storage.claims import Claim, claim_due
from storage.deliveries import DeliveryRow, list_deliveries
from storage.engine import reading, writing
from storage.reader_tables import Target
from storage.subscribing import add
from storage.subscriptions import DigestFilter, StoredDigest, load, next_number, store_digest
from storage.targets import TargetPlan, TargetRow, target_of

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
FOLDER = TargetPlan(kind="file", options={"folder": "/nowhere", "format": "text"})


def subscription(engine: Engine, name: str, *digests: int, plan: TargetPlan | None = FOLDER) -> None:
    """Make a subscription, and digests of so many changes each."""
    add(engine, name, filter=DigestFilter(), target=plan, now=NOW, from_start=True)
    for size in digests:
        digest(engine, name, size)


def digest(engine: Engine, name: str, size: int = 1, *, fail: bool = False) -> None:
    """Store a digest of so many changes, as composing does; or fail right after it, in the same transaction."""
    with writing(engine) as connection:
        row = load(connection, name, lock=True)
        number = next_number(connection, row)
        made = StoredDigest(
            number=number,
            after_seq=row.cursor,
            upto_seq=row.cursor + size,
            composed_at=NOW,
            content={"schema": 1},
            hash=sha256(f"{name}:{number}".encode()).hexdigest(),
        )
        store_digest(connection, row, made)
        if fail:
            raise ZeroDivisionError


def take(
    engine: Engine, now: datetime | None = NOW, *, limit: int = 10, owner: str = "me"
) -> tuple[Claim, ...]:
    return claim_due(engine, owner=owner, limit=limit, seconds=60, now=now)


def deliveries(engine: Engine) -> list[DeliveryRow]:
    """Return all deliveries, the oldest first."""
    with reading(engine) as connection:
        return list_deliveries(connection)[::-1]


def target(engine: Engine, name: str) -> TargetRow:
    with reading(engine) as connection:
        found = target_of(connection, load(connection, name).id)
    assert found is not None
    return found


def set_target(engine: Engine, name: str, **values: object) -> None:
    with writing(engine) as connection:
        row = load(connection, name)
        connection.execute(update(Target).where(Target.subscription_id == row.id), values)

"""Stored digests without what they hold, for lists of them and for going from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.reader_tables import Digest, Subscription


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestNote:
    """That a digest is stored: whose, which, of which part of the log, and when it was composed."""

    id: int
    subscription: str
    number: int
    after_seq: int
    upto_seq: int
    composed_at: datetime


def list_notes(
    connection: Connection, *, subscription: str | None = None, before_id: int | None = None, limit: int
) -> list[DigestNote]:
    """Return stored digests, the newest first.

    Args:
        connection: a reading transaction.
        subscription: only those of the one with this name.
        before_id: the page after the note with this id, which was the last of the page before.
        limit: at most so many.
    """
    wanted = (
        select(
            Digest.id,
            Subscription.name.label("subscription"),
            Digest.number,
            Digest.after_seq,
            Digest.upto_seq,
            Digest.composed_at,
        )
        .join(Subscription, Subscription.id == Digest.subscription_id)
        .order_by(Digest.id.desc())
        .limit(limit)
    )
    if subscription is not None:
        wanted = wanted.where(Subscription.name == subscription)
    if before_id is not None:
        wanted = wanted.where(Digest.id < before_id)
    return [DigestNote(**row) for row in connection.execute(wanted).mappings()]


def neighbours(connection: Connection, subscription: str, number: int) -> tuple[int | None, int | None]:
    """Return the numbers of the digests before and after one of a subscription, None where there is none."""
    own = (
        select(Subscription.id).where(Subscription.name == subscription).scalar_subquery()
    )  # one statement for both
    older = (
        select(func.max(Digest.number)).where(Digest.subscription_id == own, Digest.number < number)
    ).scalar_subquery()
    newer = (
        select(func.min(Digest.number)).where(Digest.subscription_id == own, Digest.number > number)
    ).scalar_subquery()
    row = connection.execute(select(older.label("older"), newer.label("newer"))).one()
    return row.older, row.newer

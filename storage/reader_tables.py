"""The tables of readers: who is told of changes, what each was told, and what is still to be brought to whom."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table


def new_leave_token() -> str:
    """Return a secret by which a subscription is left."""
    return secrets.token_urlsafe(24)


class Subscription(Table):
    """A reader: a filter and a cursor into the log."""

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    filter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cursor: Mapped[int] = mapped_column(Identity)
    created_at: Mapped[datetime]
    paused: Mapped[bool] = mapped_column(default=False)
    paused_reason: Mapped[str] = mapped_column(default="")  # empty where a person of the installation did it
    # By which its reader leaves it without signing in. It opens nothing else.
    leave_token: Mapped[str] = mapped_column(String(64), unique=True, default=new_leave_token)
    # When a digest is composed by itself: empty for as soon as there is something to tell.
    schedule: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    due_at: Mapped[datetime | None]
    # Hours in which nothing is composed or brought, in its time zone; empty for none.
    quiet_hours: Mapped[str] = mapped_column(default="")
    # Items of one message for people; none for all. The stored digest is always whole.
    max_items: Mapped[int | None]
    # What becomes of a time of its schedule with nothing to tell: silent, record or send.
    when_empty: Mapped[str] = mapped_column(String(8), default="silent")
    # For one that is told of troubles instead of news: how long one must last before it is told.
    alert_after_seconds: Mapped[int | None]


class Digest(Table):
    """One numbered, immutable digest: the changes ``(after_seq, upto_seq]`` for one subscription.

    One that tells nothing may end where it begins; only then another one begins there, too.
    """

    __tablename__ = "digests"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    number: Mapped[int]
    after_seq: Mapped[int] = mapped_column(Identity)
    upto_seq: Mapped[int] = mapped_column(Identity)
    composed_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index(
            "ix_digests_subscription_id_after_seq",
            "subscription_id",
            "after_seq",
            unique=True,
            sqlite_where=text("upto_seq > after_seq"),
            postgresql_where=text("upto_seq > after_seq"),
        ),
        UniqueConstraint("subscription_id", "number"),
    )


class Target(Table):
    """Where the digests of one subscription are brought, and how that fares."""

    __tablename__ = "targets"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]]
    # What nobody is shown: the key of a webhook's signatures, the whole address of a service.
    secret: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    # Attempts that failed since one was accepted, and the moment before which it is left in peace for that.
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str] = mapped_column(default="")


class Delivery(Table):
    """One digest to one target. Those that are neither ``sent`` nor ``dead`` are the outbox."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]  # none: at once
    first_attempt_at: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    claim_token: Mapped[int] = mapped_column(Identity, default=0)
    claim_owner: Mapped[str | None]
    claim_until: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("digest_id", "target_id"),
        Index("ix_deliveries_state", "state", "target_id"),
        Index("ix_deliveries_target_id", "target_id"),
    )

"""The tables of readers: who is told of changes, and what each was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table


class Subscription(Table):
    """A reader: a filter and a cursor into the log."""

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    filter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cursor: Mapped[int] = mapped_column(Identity)
    created_at: Mapped[datetime]


class Digest(Table):
    """One numbered, immutable digest: the changes ``(after_seq, upto_seq]`` for one subscription."""

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
        UniqueConstraint("subscription_id", "after_seq"),
        UniqueConstraint("subscription_id", "number"),
    )

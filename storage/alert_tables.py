"""What each subscription of alerts knows of troubles: which there are, and which of them it was told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table


class AlertState(Table):
    """One subject of one subscription of alerts, while it is in trouble or was told to be.

    It is written in the transaction that stores the digest which tells of it.
    """

    __tablename__ = "alert_states"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    # Of what: a source or a delivery, by its id. There is no foreign key: the next look drops what is left of it.
    subject: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    # How it was found when it was looked at last, since when that is so, and what of it was told; empty for well.
    trouble: Mapped[str] = mapped_column(String(16), default="")
    since: Mapped[datetime]
    told: Mapped[str] = mapped_column(String(16), default="")
    told_at: Mapped[datetime | None]

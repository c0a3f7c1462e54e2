"""The table of how the log began, before its oldest changes were pruned; it belongs to ``storage.tables``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Key, Table


class LogStart(Table):
    """One row, named ``changes``, as soon as something was pruned from the log.

    ``upto_seq`` is the last change that is gone. The key of the article that the very first change told of, and when
    that was, are what the ids of feeds are made of.
    """

    __tablename__ = "log_starts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    upto_seq: Mapped[int] = mapped_column(Identity)
    first_key: Mapped[str] = mapped_column(Key)
    first_at: Mapped[datetime]
    pruned_at: Mapped[datetime]

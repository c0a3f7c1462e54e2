"""The table of the price that sources with an adaptive schedule share; it belongs to ``storage.tables``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table


class Pacing(Table):
    """One row: the price since a moment, what was used since, and what is owed from before (`news.price`)."""

    __tablename__ = "pacing"

    id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    price: Mapped[float] = mapped_column(Double)
    since: Mapped[datetime]
    used: Mapped[int]
    owed: Mapped[float] = mapped_column(Double)

"""Running totals of what was done, which nothing that is pruned or removed later makes smaller."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table


class Tally(Table):
    """One total, by its name; it is raised in the transaction that does what it counts."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(Identity, default=0)

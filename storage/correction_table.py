"""The table of what people said of articles by hand; it belongs to ``storage.tables``, where it is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table


class Correction(Table):
    """What a person said of an article: ``merged``, ``split`` or ``forgotten``, with what is needed to undo it."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    other_id: Mapped[int | None] = mapped_column(Identity)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_corrections_article_id", "article_id"),)

"""The tables of stories: what articles are found by, which tell the same, and which may be translations.

They say nothing that could not be worked out again from articles and revisions; the log never refers to them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table
from storage.tables import Article


class StoryKey(Table):
    """A band of an article's text, or a mark of it, hashed: what articles that tell the same have in common.

    Written for every article and read for every new one, so it has no other index and no references: rows of articles
    that are no more lead nowhere. Keys begin with their period of 90 days (`news.story`).
    """

    __tablename__ = "story_keys"

    key: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)


class StorySignature(Table):
    """Which keys stand for an article (64-bit numbers, big-endian), so that an edit can take them away."""

    __tablename__ = "story_signatures"

    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"), primary_key=True)
    keys: Mapped[bytes]


class StoryMember(Table):
    """That an article is of a story, beside which other one, and why (`news.story.Likeness`).

    A story bears the number of its first article. Whoever was there first has no evidence.
    """

    __tablename__ = "story_members"

    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"), primary_key=True)
    story_id: Mapped[int] = mapped_column(Identity)
    beside_id: Mapped[int | None] = mapped_column(Identity)
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    linked_at: Mapped[datetime]

    __table_args__ = (Index("ix_story_members_story_id", "story_id"),)


class Translation(Table):
    """That an article may be a translation of an earlier one, and why (`news.echoes.Echo`). A proposal, no more."""

    __tablename__ = "translations"

    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"), primary_key=True)
    evidence: Mapped[dict[str, Any]]
    proposed_at: Mapped[datetime]

    __table_args__ = (Index("ix_translations_other_id", "other_id"),)

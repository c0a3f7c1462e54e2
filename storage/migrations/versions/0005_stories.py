"""Stories: the keys by which articles that tell the same are found, their stories, and possible translations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "story_keys",
        sa.Column("key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("article_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "article_id", name=op.f("pk_story_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "story_signatures",
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_story_signatures")),
        _article("story_signatures", "article_id"),
    )
    op.create_table(
        "story_members",
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("story_id", NUMBER, nullable=False),
        sa.Column("beside_id", NUMBER, nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_story_members")),
        _article("story_members", "article_id"),
    )
    op.create_index("ix_story_members_story_id", "story_members", ["story_id"])
    op.create_table(
        "translations",
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("other_id", NUMBER, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "other_id", name=op.f("pk_translations")),
        _article("translations", "article_id"),
        _article("translations", "other_id"),
    )
    op.create_index("ix_translations_other_id", "translations", ["other_id"])


def _article(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["articles.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )

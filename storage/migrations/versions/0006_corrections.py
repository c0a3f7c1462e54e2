"""What a person says of articles: that two are one, that one is two, that one is to be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("articles") as articles:
        articles.add_column(sa.Column("merged_into", NUMBER, nullable=True))
        articles.add_column(sa.Column("forgotten_at", MOMENT, nullable=True))
    op.create_index("ix_articles_merged_into", "articles", ["merged_into"])
    op.create_table(
        "corrections",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("other_id", NUMBER, nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_corrections_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_article_id", "corrections", ["article_id"])

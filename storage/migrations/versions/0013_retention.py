"""Retention: what a pruned text, change or feed leaves behind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Added at the end and without a default that is worked out: no table is written anew for it.
    op.add_column("revisions", sa.Column("pruned_at", MOMENT, nullable=True))
    op.add_column("sightings", sa.Column("told_seq", NUMBER, nullable=True))
    op.add_column("sources", sa.Column("pruned_changes", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "log_starts",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("upto_seq", NUMBER, nullable=False),
        sa.Column("first_key", sa.String(32), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("pruned_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_log_starts")),
    )

"""What a wrapper version rests on, since when it is in use, and whether it was rejected or rolled back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("wrappers") as batch:
        batch.add_column(sa.Column("evidence", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("in_use_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("rejected_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("rolled_back_at", MOMENT, nullable=True))

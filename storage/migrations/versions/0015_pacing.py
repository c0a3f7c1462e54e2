"""What a schedule that learns remembers: each source's pace, a host's requests of a day, and the shared price."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("sources") as batch:
        batch.add_column(sa.Column("pace", sa.JSON(), nullable=True))
    with op.batch_alter_table("hosts") as batch:
        batch.add_column(sa.Column("requests_on", sa.String(10), nullable=False, server_default=""))
        batch.add_column(sa.Column("requests_of_day", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "pacing",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("price", sa.Double(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pacing")),
    )

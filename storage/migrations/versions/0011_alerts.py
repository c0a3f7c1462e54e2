"""Quiet hours, short messages, records of nothing new, and alerts for operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TELLS = sa.text("upto_seq > after_seq")


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as batch:
        batch.add_column(sa.Column("quiet_hours", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("max_items", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("when_empty", sa.String(8), nullable=False, server_default="silent"))
        batch.add_column(sa.Column("alert_after_seconds", sa.Integer(), nullable=True))
    # A record of nothing new ends where it begins, and the next digest begins there.
    with op.batch_alter_table("digests") as batch:
        batch.drop_constraint(op.f("uq_digests_subscription_id_after_seq"), type_="unique")
    op.create_index(
        "ix_digests_subscription_id_after_seq",
        "digests",
        ["subscription_id", "after_seq"],
        unique=True,
        sqlite_where=TELLS,
        postgresql_where=TELLS,
    )
    op.create_table(
        "alert_states",
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("subject_id", NUMBER, nullable=False),
        sa.Column("trouble", sa.String(16), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("told", sa.String(16), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_alert_states_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "subject", "subject_id", name=op.f("pk_alert_states")),
    )

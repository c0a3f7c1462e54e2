"""Who may use the web server, and how a reader leaves a subscription."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password_at", MOMENT, nullable=False),
        sa.Column("signed_in_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "tokens",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_tokens_name")),
    )
    with op.batch_alter_table("subscriptions") as batch:
        batch.add_column(sa.Column("leave_token", sa.String(64), nullable=True))
        batch.add_column(sa.Column("paused_reason", sa.Text(), nullable=False, server_default=""))
    _give_tokens()
    with op.batch_alter_table("subscriptions") as batch:
        batch.alter_column("leave_token", existing_type=sa.String(64), nullable=False)
        batch.create_unique_constraint(op.f("uq_subscriptions_leave_token"), ["leave_token"])


def _give_tokens() -> None:
    """Give every subscription the secret by which its reader leaves it."""
    known = sa.table("subscriptions", sa.column("id", NUMBER), sa.column("leave_token", sa.String(64)))
    connection = op.get_bind()
    for number in connection.execute(sa.select(known.c.id)).scalars().all():
        given = known.update().where(known.c.id == number).values(leave_token=secrets.token_urlsafe(24))
        connection.execute(given)

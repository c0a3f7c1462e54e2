"""What else holds of an edit, what of a text is volatile, and what is missing from its listing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("articles") as batch:
        batch.add_column(_json("volatile"))
        batch.add_column(_text("unsettled_digest", 64))
        batch.add_column(sa.Column("unsettled_at", MOMENT, nullable=True))
    with op.batch_alter_table("revisions") as batch:
        batch.add_column(_json("marks"))
        batch.add_column(_number("reverts_to"))
        batch.add_column(_number("look"))
        batch.add_column(sa.Column("published_at", MOMENT, nullable=True))
        batch.add_column(_text("published_precision", 16))
        batch.add_column(sa.Column("modified_at", MOMENT, nullable=True))
    with op.batch_alter_table("changes") as batch:
        batch.add_column(_json("marks"))
        batch.add_column(_number("reverts_to"))
        batch.add_column(sa.Column("old_published_at", MOMENT, nullable=True))
        batch.add_column(_text("old_published_precision", 16))
    with op.batch_alter_table("sources") as batch:
        batch.add_column(_json("absent"))
    _tell_new_dates()


def _tell_new_dates() -> None:
    """Who is told of new titles is told of new dates: both were edits without a kind of their own before."""
    table = sa.table("subscriptions", sa.column("id", sa.Integer), sa.column("filter", sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.filter)).all():
        kinds: list[Any] = list(row.filter.get("kinds", ()))
        if "retitled" in kinds and "redated" not in kinds:
            kinds.insert(kinds.index("retitled") + 1, "redated")
            wanted = {**row.filter, "kinds": kinds}
            connection.execute(sa.update(table).where(table.c.id == row.id).values(filter=wanted))


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default="[]")


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")

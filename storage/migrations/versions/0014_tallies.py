"""Running totals for metrics, begun with what the database still knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tallies")),
    )
    for name, total in (
        ("'runs.' || verdict", "SELECT verdict, COUNT(*) AS value FROM runs GROUP BY verdict"),
        ("'changes.' || kind", "SELECT kind, COUNT(*) AS value FROM changes GROUP BY kind"),
        ("'requests'", "SELECT SUM(requests_total) AS value FROM sources"),
        ("'deliveries.sent'", "SELECT COUNT(*) AS value FROM deliveries WHERE state = 'sent'"),
        ("'requests.not_modified'", "SELECT SUM(not_modified) AS value FROM runs"),
    ):
        op.execute(
            f"INSERT INTO tallies (name, value) SELECT {name}, value FROM ({total}) AS counted WHERE value > 0"  # noqa: S608
        )
    # Runs that found nothing changed have no rows of their own: each was one answer 304, or the same body again.
    unchanged = "SELECT SUM(unchanged_total) AS value FROM sources"
    for name in ("runs.not_modified", "requests.not_modified"):
        op.execute(
            f"INSERT INTO tallies (name, value) SELECT '{name}', value FROM ({unchanged}) AS counted WHERE value > 0 "  # noqa: S608
            "ON CONFLICT (name) DO UPDATE SET value = tallies.value + excluded.value"
        )

"""How far down each run read, and on which days each source brought something new."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEPT = 182
"""Days of news that are kept of a source: half a year."""


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("reach", sa.String(16), nullable=False, server_default=""))
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("news_days", sa.JSON(), nullable=False, server_default="[]"))
    _fill_in()


def _fill_in() -> None:
    """Take the days from the log, so that an old database knows the rhythm of its sources at once."""
    connection = op.get_bind()
    moment = sa.DateTime(timezone=True)
    changes = sa.table(
        "changes", sa.column("source_id", sa.Integer), sa.column("kind", sa.String), sa.column("at", moment)
    )
    sources = sa.table("sources", sa.column("id", sa.Integer), sa.column("news_days", sa.JSON))
    query = sa.select(changes.c.source_id, changes.c.at).where(changes.c.kind.in_(["published", "listed"]))
    days: dict[int, set[date]] = defaultdict(set)
    for row in connection.execute(query.execution_options(yield_per=10_000)):
        at: datetime = row.at
        days[row.source_id].add((at if at.tzinfo is None else at.astimezone(UTC)).date())
    for source_id, found in sorted(days.items()):
        kept = [day.isoformat() for day in sorted(found)[-KEPT:]]
        connection.execute(sa.update(sources).where(sources.c.id == source_id).values(news_days=kept))

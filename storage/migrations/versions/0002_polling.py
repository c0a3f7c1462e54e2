"""What polling by the rules remembers: digests of bodies, 304s in a row, why a source waits, edits asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("unchanged_in_row", sa.Integer(), nullable=False, server_default="0"))
        sources.add_column(sa.Column("due_reason", sa.Text(), nullable=False, server_default=""))
        sources.add_column(sa.Column("edits_at", MOMENT, nullable=True))
    with op.batch_alter_table("sightings") as sightings:
        sightings.add_column(sa.Column("modified_at", MOMENT, nullable=True))
    with op.batch_alter_table("validators") as validators:
        validators.add_column(sa.Column("digest", sa.String(32), nullable=False, server_default=""))

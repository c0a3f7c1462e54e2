"""What a source's server was made to send: 304 answers and bytes of bodies, counted over all its runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("sources") as batch:
        batch.add_column(sa.Column("not_modified_total", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("received_bytes", NUMBER, nullable=False, server_default="0"))
    # Bytes were not written down; of the 304 answers, those of runs that found nothing changed and of stored ones were.
    op.execute(
        "UPDATE sources SET not_modified_total = unchanged_total + "
        "COALESCE((SELECT SUM(runs.not_modified) FROM runs WHERE runs.source_id = sources.id), 0)"
    )

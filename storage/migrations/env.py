"""Alembic runs this file: on the connection that storage/schema.py hands over, else on the configured database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from storage import (
    access_tables,
    alert_tables,
    reader_tables,
    search_table,
    story_tables,
    tables,
    tally_table,
)

VERSION_TABLE = "tidings_version"
EVERY = (
    tables.Source,
    story_tables.StoryKey,
    reader_tables.Digest,
    access_tables.User,
    search_table.SearchText,
    alert_tables.AlertState,
    tally_table.Tally,
)
"""One table of each module: loading it brings the others along."""


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=EVERY[0].metadata,
        version_table=VERSION_TABLE,
        include_name=search_table.is_declared,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    # The `alembic` command in a developer's hands, for writing the next revision.
    from storage.engine import open_engine, writing
    from storage.settings import load_settings

    with writing(open_engine(load_settings(None).database_url)) as opened:
        run(opened)

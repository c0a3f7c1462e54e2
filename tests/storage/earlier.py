"""Databases as earlier versions left them: their schema, and rows that know nothing of what came later."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnClause, Connection, Engine, column, delete, inspect, select, table, text

from digest.content import content_hash
from storage import schema
from storage.engine import reading, writing
from storage.schema import ready
from storage.search_table import SearchText
from storage.searching import index_articles
from storage.story_tables import StoryKey
from storage.tables import Article

Columns = Mapping[str, Sequence[ColumnClause[Any]]]
Rows = dict[str, list[dict[str, Any]]]

LATER_FIELDS = {
    "profile": {
        "titled",
        "wait_seconds",
        "skips",
        "familiar",
        "ordered",
        "lag_days",
        "body_chars",
        "language",
    },
    "reading": {
        "gone",
        "same_body",
        "wait",
        "skips",
        "edits_at",
        "further_hosts",
        "healing",
        "received_bytes",
    },
    "content": {"quiet"},
}
"""Fields that the first version did not write, of what is kept as JSON."""


@contextmanager
def version_of(revision: str, folder: Path) -> Iterator[None]:
    """Make it the day on which ``revision`` was the newest."""
    with pytest.MonkeyPatch.context() as patched:
        versions = folder / f"versions-{revision}"
        shutil.copytree(schema.VERSIONS[0], versions)
        for path in versions.glob("0*.py"):
            if path.name[:4] > revision:
                path.unlink()
        patched.setattr(schema, "VERSIONS", (versions,))
        patched.setattr(schema, "REVISIONS", tuple(each for each in schema.REVISIONS if each <= revision))
        yield


def made_as_of(revision: str, url: str, filled: Engine, folder: Path) -> tuple[Columns, Rows]:
    """Make a database of an earlier schema at ``url`` with what ``filled`` holds; return its columns and rows."""
    with version_of(revision, folder):
        engine = ready(url)
    columns = _columns(engine)
    with reading(filled) as new, writing(engine) as old:
        for name, known in columns.items():
            found = new.execute(select(*known).select_from(table(name))).mappings()
            rows = [{key: _earlier(key, value) for key, value in row.items()} for row in found]
            if name == "digests":
                rows = [row | {"hash": content_hash(row["content"])} for row in rows]
            old.execute(text(f"DELETE FROM {name}"))
            if rows:
                old.execute(table(name, *known).insert(), rows)
                _count_on(old, name, rows[0])
        if SearchText.__tablename__ in columns:  # SQLite's own index is no table that could be copied
            old.execute(delete(SearchText))
            index_articles(old, old.execute(select(Article.id)).scalars().all())
    kept = rows_of(engine, columns)
    engine.dispose()
    return columns, kept


def rows_of(engine: Engine, columns: Columns) -> Rows:
    """Return all rows, as far as they stand in these columns."""
    with reading(engine) as connection:
        return {
            name: sorted(
                (dict(row) for row in connection.execute(select(*known).select_from(table(name))).mappings()),
                key=repr,
            )
            for name, known in columns.items()
        }


def _columns(engine: Engine) -> Columns:
    """Return the columns that each table of this database has, with the types that they are declared with today."""
    found = inspect(engine)
    return {
        each.name: [
            column(name, each.columns[name].type)
            for name in (known["name"] for known in found.get_columns(each.name))
        ]
        for each in StoryKey.metadata.sorted_tables
        if found.has_table(each.name)
    }


def _earlier(name: str, value: Any) -> Any:
    """Return a value as the first version wrote it."""
    if name == "reading":
        kept = _without(json.loads(zlib.decompress(value)), LATER_FIELDS[name])
        kept["profile"] = _without(kept["profile"], LATER_FIELDS["profile"])
        return zlib.compress(json.dumps(kept).encode())
    return _without(value, LATER_FIELDS[name]) if name in LATER_FIELDS else value


def _without(value: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key not in fields}


def _count_on(connection: Connection, name: str, row: Mapping[str, Any]) -> None:
    """Let PostgreSQL number on after rows that brought their numbers along."""
    if connection.dialect.name == "postgresql" and "id" in row:
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")
        )

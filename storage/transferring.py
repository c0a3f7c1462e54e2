"""Moving a SQLite database to PostgreSQL: every row as it is, in one transaction, and compared before it is committed.

The target holds all of it or nothing: whatever ends a transfer, it begins anew, and there is nothing to be cleaned up.
The source is read in one transaction in which nobody else can write, and stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DataError, IntegrityError

from news.errors import StorageError
from storage import access_tables, alert_tables, reader_tables, story_tables
from storage.engine import writing
from storage.failures import shown_url
from storage.schema import REVISIONS, migrate, stored_revision
from storage.search_table import SearchText
from storage.searching import index_articles
from storage.tables import Article

AT_ONCE = 1_000
"""Rows that are held in memory together."""
MADE_ANEW = SearchText.__tablename__
"""The search index, whose form is each database's own."""
MODULES = (access_tables, alert_tables, reader_tables, story_tables)
"""Whose tables are copied beside those of ``storage.tables``: naming them here has them loaded."""

Progress = Callable[[str, int, int], object]
"""Is told what is copied, compared or indexed, how many rows of it are done, and how many there are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transferred:
    """One table that is the same on both sides: so many rows, and the hash of all of them."""

    table: str
    rows: int
    hash: str


def transfer(source: Engine, target: Engine, told: Progress = lambda *_: None) -> tuple[Transferred, ...]:
    """Copy everything from a SQLite database into an empty PostgreSQL database, and compare what arrived.

    Nobody may use the source meanwhile (`storage.holding.refuse_while_in_use`); whoever tries to write waits, and is
    refused after 30 seconds.

    Args:
        source: of today's schema.
        target: without tables, or with those of today's schema and nothing in them; they are made.
        told: hears how far it is.

    Returns:
        What was copied, a table each, in the order in which they refer to each other.

    Raises:
        StorageError: the databases are not fit for it, a value cannot be kept there, or what arrived is not what was
            sent; the target holds nothing then.
    """
    _refuse_unfit(source, target)
    migrate(target)
    tables = [table for table in Article.metadata.sorted_tables if table.name != MADE_ANEW]
    with writing(source) as old, writing(target) as new:
        _refuse_filled(target, new, tables)
        sent = {table.name: _copy(old, new, table, told) for table in tables}
        for table in tables:
            _number_on(new, table)
        made = tuple(_compared(new, table, sent[table.name], told) for table in tables)
        _index(new, told)
    return made


def _refuse_unfit(source: Engine, target: Engine) -> None:
    if source.dialect.name != "sqlite" or target.dialect.name != "postgresql":
        raise StorageError(
            f"transfer to {shown_url(target)}: it goes from SQLite to PostgreSQL only; from PostgreSQL to another one "
            "use pg_dump and pg_restore"
        )
    revision = stored_revision(source)
    if revision != REVISIONS[-1]:
        raise StorageError(
            f"transfer of {shown_url(source)}: its schema is {revision or 'none'}, not {REVISIONS[-1]}; run "
            "`tidings db migrate` first"
        )


def _refuse_filled(target: Engine, new: Connection, tables: Sequence[Table]) -> None:
    """Refuse a target that holds something of its own, beside the one row that every new database has."""
    for table in tables:
        rows = new.execute(select(func.count()).select_from(table)).scalar_one()
        if table.name == "counters":
            rows = new.execute(select(func.count()).select_from(table).where(table.c.value != 0)).scalar_one()
        if rows:
            raise StorageError(
                f"transfer to {shown_url(target)}: it holds something already ({table.name}: {rows}); make an empty "
                "database (`createdb NAME`), and name that"
            )
    new.execute(delete(next(table for table in tables if table.name == "counters")))


# -------------------------------------------------------------------------------------------------- copying


def _copy(old: Connection, new: Connection, table: Table, told: Progress) -> tuple[int, str]:
    """Copy a table, and return how many rows it has and their hash, both as they left the source."""
    total = old.execute(select(func.count()).select_from(table)).scalar_one()
    told(f"copying {table.name}", 0, total)
    statement, sum_, done = _put(table), _Sum(), 0
    for rows in _chunks(old, table):
        sum_.add(rows)
        values = [{_bound(name): value for name, value in row.items()} for row in rows]
        try:
            new.execute(statement, values)
        except (DataError, IntegrityError) as error:
            said = " ".join(str(error.orig).split())
            raise StorageError(
                f"transfer of table {table.name}: PostgreSQL refuses a value that SQLite has kept ({said}); nothing "
                "was transferred. See what `tidings db check` says; else please report this"
            ) from error
        done += len(rows)
        told(f"copying {table.name}", done, total)
    return done, sum_.hash()


def _chunks(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield all rows in pieces, with what is kept as JSON as the very text that it is.

    Read as values, nothing and the ``null`` of JSON would be the same.
    """
    as_text = cast if connection.dialect.name == "postgresql" else type_coerce
    columns = (
        as_text(column, Text).label(column.name) if isinstance(column.type, JSON) else column
        for column in table.columns
    )
    found = connection.execute(select(*columns).execution_options(yield_per=AT_ONCE))
    for some in found.mappings().partitions(AT_ONCE):
        yield [dict(row) for row in some]


def _put(table: Table) -> Any:
    return insert(table).values(
        {
            column.name: cast(bindparam(_bound(column.name), type_=Text), JSON)
            if isinstance(column.type, JSON)
            else bindparam(_bound(column.name), type_=column.type)
            for column in table.columns
        }
    )


def _bound(name: str) -> str:
    """Return the name of a parameter that no column has."""
    return f"{name}_"


def _number_on(new: Connection, table: Table) -> None:
    """Let PostgreSQL number on after the rows that brought their numbers along."""
    for column in table.primary_key.columns:
        named = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = new.execute(named, {"table": table.name, "column": column.name}).scalar_one()
        if sequence is not None:
            last = new.execute(select(func.max(column))).scalar_one()
            new.execute(
                text("SELECT setval(CAST(:name AS regclass), :last, :called)"),
                {"name": sequence, "last": last or 1, "called": last is not None},
            )


# ------------------------------------------------------------------------------------------------ comparing


class _Sum:
    """The hash of rows in any order: databases sort words each in their own."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            written = json.dumps(row, sort_keys=True, ensure_ascii=False, default=_plain)
            self._sum += int.from_bytes(hashlib.sha256(written.encode()).digest())

    def hash(self) -> str:
        return f"{self._sum % (1 << 256):064x}"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    assert isinstance(value, (bytes, memoryview))  # noqa: S101  # every other type is one of JSON's
    return bytes(value).hex()


def _compared(new: Connection, table: Table, sent: tuple[int, str], told: Progress) -> Transferred:
    """Read a table as it arrived, and hold it against what was sent."""
    sum_, done = _Sum(), 0
    for rows in _chunks(new, table):
        sum_.add(rows)
        done += len(rows)
        told(f"comparing {table.name}", done, sent[0])
    arrived = (done, sum_.hash())
    if arrived != sent:
        raise StorageError(
            f"transfer of table {table.name}: {sent[0]} rows were sent, and {arrived[0]} arrived"
            f"{'' if arrived[0] != sent[0] else ', but not the same'}; nothing was transferred, please report this"
        )
    return Transferred(table=table.name, rows=done, hash=arrived[1])


def _index(new: Connection, told: Progress) -> None:
    """Make the search index of what arrived."""
    total = new.execute(select(func.count()).select_from(Article)).scalar_one()
    last = done = 0
    while ids := list(
        new.execute(select(Article.id).where(Article.id > last).order_by(Article.id).limit(AT_ONCE)).scalars()
    ):
        index_articles(new, ids)
        last, done = ids[-1], done + len(ids)
        told("indexing articles", done, total)

"""Searching: the index of words, filled with what every article says now."""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from news.errors import SchemaError
from storage.search_table import CREATE_FULL_TEXT, CREATE_LEXEMES, settle_down
from storage.searching import index_articles

revision = "0010"
down_revision = "0009"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 1_000


def upgrade() -> None:
    op.create_table(
        "search_texts",
        sa.Column("article_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("words", sa.LargeBinary().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_search_texts")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_search_texts_article_id")),
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _create_full_text(connection)
    _fill(connection)
    if connection.dialect.name == "postgresql":
        # At the end, when all words can be sorted at once, and with memory for that.
        connection.execute(sa.text("SET LOCAL maintenance_work_mem = '512MB'"))
        connection.execute(sa.text(CREATE_LEXEMES))


def _create_full_text(connection: sa.Connection) -> None:
    try:
        connection.execute(sa.text(CREATE_FULL_TEXT))
    except sa.exc.OperationalError as error:
        if "no such module" not in str(error.orig):
            raise
        raise SchemaError(
            f"This Python's SQLite {sqlite3.sqlite_version} was built without FTS5, which searching needs; use a "
            "Python whose SQLite has it, or PostgreSQL."
        ) from error


def _fill(connection: sa.Connection) -> None:
    articles = sa.table("articles", sa.column("id", NUMBER))
    last: Any = 0
    count = 0
    while True:
        query = sa.select(articles.c.id).where(articles.c.id > last).order_by(articles.c.id).limit(AT_ONCE)
        ids = connection.execute(query).scalars().all()
        if not ids:
            break
        index_articles(connection, ids)
        last, count = ids[-1], count + len(ids)
    if count and connection.dialect.name == "sqlite":
        settle_down(connection)

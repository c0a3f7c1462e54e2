"""Making a SQLite file as small as what it holds: texts that are not compressed yet, and the pages that are free."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, Text, bindparam, func, select, type_coerce, update

from news.errors import StorageError
from storage.columns import PACKED_FROM
from storage.engine import LOCK_SECONDS, database_now, reading
from storage.failures import advice_for
from storage.pruning import Piece, prune_piece
from storage.tables import Revision

AT_ONCE = 500
"""Articles of one transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compacted:
    """How many texts were compressed, and the size of the file before and after, in bytes."""

    texts: int
    before: int
    after: int


def compact(
    engine: Engine, file: Path, told: Callable[[str, int, int], object] = lambda *_: None
) -> Compacted:
    """Compress every text of a SQLite database, and give the free pages back to the disk.

    The file is written anew in the end, in one transaction, for which the disk needs as much room again; nobody can
    write meanwhile. Broken off, it has lost nothing, and goes on where it was.

    Args:
        engine: the database.
        file: where it stands.
        told: hears how many texts are looked at.

    Raises:
        StorageError: somebody keeps it locked, or the disk is full.
    """
    before = _size(file)
    with reading(engine) as connection:
        moment = database_now(connection)
        total = connection.execute(select(func.max(Revision.article_id))).scalar_one() or 0
    texts, last = 0, 0
    while last < total:
        piece = prune_piece(engine, pack_texts, last, moment)
        texts, last = texts + piece.count, total if piece.last is None else piece.last
        told("compressing texts of articles", last, total)
    try:
        with closing(sqlite3.connect(file, timeout=LOCK_SECONDS, isolation_level=None)) as connection:
            connection.execute("VACUUM")  # stands in no transaction, so it has a connection of its own
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise StorageError(f"compact {file}: {advice_for(error) or error}; nothing was lost") from error
    return Compacted(texts=texts, before=before, after=_size(file))


def _size(file: Path) -> int:
    """Return the bytes of a database, with what stands in its log and not in its file yet."""
    log = file.with_name(f"{file.name}-wal")
    return file.stat().st_size + (log.stat().st_size if log.exists() else 0)


def pack_texts(connection: Connection, after_id: int, _at: datetime | None) -> Piece:
    """Compress the texts of some articles behind one, as a step of `storage.pruning.prune_piece`."""
    ids = (
        select(Revision.article_id)
        .where(Revision.article_id > after_id)
        .group_by(Revision.article_id)
        .order_by(Revision.article_id)
        .limit(AT_ONCE)
    )
    articles = list(connection.execute(ids).scalars())
    packed = _pack(connection, articles)
    return Piece(count=packed, last=articles[-1] if len(articles) == AT_ONCE else None)


def _pack(connection: Connection, articles: list[int]) -> int:
    kind = func.typeof(type_coerce(Revision.body_text, Text))
    found = connection.execute(
        select(Revision.article_id, Revision.number, Revision.body_text)
        .where(
            Revision.article_id.in_(articles), kind == "text", func.length(Revision.body_text) >= PACKED_FROM
        )
        .order_by(Revision.article_id, Revision.number)
    ).all()
    if found:
        connection.execute(
            update(Revision.__table__)  # type: ignore[arg-type]
            .where(Revision.article_id == bindparam("a"), Revision.number == bindparam("n"))
            .values(body_text=bindparam("words", type_=Revision.body_text.type)),
            [{"a": row.article_id, "n": row.number, "words": row.body_text} for row in found],
        )
    return len(found)

"""The text of a stored digest, piece by piece, for those who must not hold all of it in memory.

Each piece is read in a transaction of its own: whoever reads slowly keeps nobody from writing. A digest does not change
but for what is forgotten, and then its hash does.
"""

from __future__ import annotations

import codecs
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Engine, Text, func, select
from sqlalchemy import cast as sql_cast

from news.errors import DigestError, UnknownError
from storage.engine import reading
from storage.reader_tables import Digest
from storage.subscriptions import load

PIECE = 256 * 1024
"""Bytes that are read at once from SQLite; eight times more from PostgreSQL, which unpacks the whole text each time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestKey:
    """One stored digest: the number of its row, its own number, and its hash."""

    id: int
    number: int
    hash: str


def find_digest(connection: Connection, subscription: str, number: int) -> DigestKey:
    """Return the key of a digest.

    Raises:
        UnknownError: there is no such subscription or digest.
    """
    row = load(connection, subscription)
    wanted = select(Digest.id, Digest.number, Digest.hash).where(
        Digest.subscription_id == row.id, Digest.number == number
    )
    found = connection.execute(wanted).mappings().first()
    if found is None:
        raise UnknownError(f"The subscription {subscription!r} has no digest {number}.")
    return DigestKey(**found)


def digest_text(engine: Engine, key: DigestKey) -> Iterator[str]:
    """Yield the JSON text of a digest in pieces.

    Raises:
        DigestError: something of it was forgotten meanwhile, so that what came before is not the same any more.
    """
    return _from_postgresql(engine, key) if engine.dialect.name == "postgresql" else _from_sqlite(engine, key)


def _from_sqlite(engine: Engine, key: DigestKey) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    at = 0
    while True:
        with reading(engine) as connection:
            _check(connection, key)
            raw = cast(sqlite3.Connection, connection.connection.dbapi_connection)
            with raw.blobopen("digests", "content", key.id, readonly=True) as blob:
                size = len(blob)
                blob.seek(at)
                piece = blob.read(PIECE)
        at += len(piece)
        yield decoder.decode(piece, final=at >= size)
        if at >= size:
            return


def _from_postgresql(engine: Engine, key: DigestKey) -> Iterator[str]:
    size, at = PIECE * 8, 1
    while True:
        wanted = select(func.substr(sql_cast(Digest.content, Text), at, size)).where(Digest.id == key.id)
        with reading(engine) as connection:
            _check(connection, key)
            piece = connection.execute(wanted).scalar_one()
        if piece:
            yield piece
        if len(piece) < size:
            return
        at += size


def _check(connection: Connection, key: DigestKey) -> None:
    known = connection.execute(select(Digest.hash).where(Digest.id == key.id)).scalar_one_or_none()
    if known != key.hash:
        raise DigestError(
            f"digest {key.number}: something of it was forgotten while it was read; read it again"
        )

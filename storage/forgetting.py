"""Forgetting an article: what it said goes from every table, its names stay, so that it is never new again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, or_, select, text, update

from news.errors import StorageError
from news.run import Reading
from news.urls import url_key
from storage import rows
from storage.articles import article_id_of
from storage.correcting import FORGOTTEN, write_correction
from storage.engine import database_now, writing
from storage.sources import lock_log
from storage.tables import Alias, Article, Change, Digest, Held, Revision, Validator

REMOVED = "[removed]"
"""What stands in the place of a title, where there must be one."""

Seal = Callable[[dict[str, Any]], str]
"""Returns the hash that guards a stored digest's content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What was taken away: the article with all that was merged into it, and where its words had stood."""

    article_id: int
    articles: int
    revisions: int
    changes: int
    digests: int
    held: int


def forget(engine: Engine, reference: int | str, *, seal: Seal, now: datetime | None = None) -> Forgotten:
    """Take an article's words out of the database, for good and in one transaction.

    Gone are titles, texts, summaries, names of authors, and pictures: of the article, of every revision, of the
    log, of stored digests, whose hash is made anew, and of what suspect runs hold. Kept are its addresses, its ids and
    its dates, and hashes of its title and text by which it is recognised; no crawl keeps anything of it again.

    Args:
        engine: the database.
        reference: its number or any of its addresses.
        seal: returns the hash of a digest's content.
        now: aware UTC; the database's clock when None.

    Raises:
        StorageError: it is not stored, or was merged into another article.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(
                text("PRAGMA secure_delete = ON")
            )  # overwrites what is freed, not only unlinks it
        lock_log(connection)
        moment = now or database_now(connection)
        article_id = article_id_of(connection, reference)
        _refuse_merged(connection, article_id)
        ids = _with_merged(connection, article_id)
        keys = _names(connection, ids)
        digests = _out_of_digests(connection, ids, seal)
        gone = Forgotten(
            article_id=article_id,
            articles=len(ids),
            revisions=_out_of_revisions(connection, ids),
            changes=_out_of_log(connection, ids),
            digests=digests,
            held=_out_of_held(connection, keys),
        )
        _out_of_articles(connection, ids, moment)
        connection.execute(delete(Validator).where(Validator.key.in_(sorted(keys))))
        write_correction(connection, FORGOTTEN, article_id, None, moment, {})
    _truncate_log_file(engine)
    return gone


def _refuse_merged(connection: Connection, article_id: int) -> None:
    merged = select(Article.merged_into).where(Article.id == article_id)
    into = connection.execute(merged).scalar_one()
    if into is not None:
        raise StorageError(
            f"article {article_id} was merged into article {into}; forget that one, or split them first"
        )


def _with_merged(connection: Connection, article_id: int) -> list[int]:
    """Return an article and all that was merged into it, at any remove."""
    ids = [article_id]
    for known in ids:
        merged = select(Article.id).where(Article.merged_into == known).order_by(Article.id)
        ids += [each for each in connection.execute(merged).scalars() if each not in ids]
    return ids


def _names(connection: Connection, ids: Sequence[int]) -> set[str]:
    found = select(Alias.key).where(Alias.article_id.in_(ids))
    return set(connection.execute(found).scalars())


def _out_of_articles(connection: Connection, ids: Sequence[int], moment: datetime) -> None:
    values: dict[str, Any] = {
        "title": REMOVED,
        "summary": "",
        "authors": [],
        "image_url": "",
        "next_look_at": None,
        "forgotten_at": moment,
    }
    connection.execute(update(Article).where(Article.id.in_(ids)).values(**values))


def _out_of_revisions(connection: Connection, ids: Sequence[int]) -> int:
    values = {"title": REMOVED, "body_text": "", "raw": None}
    return connection.execute(update(Revision).where(Revision.article_id.in_(ids)).values(**values)).rowcount


def _out_of_log(connection: Connection, ids: Sequence[int]) -> int:
    log = update(Change).where(Change.article_id.in_(ids))
    connection.execute(log.where(Change.old_title != "").values(old_title=REMOVED))
    return connection.execute(log.values(title=REMOVED, summary="")).rowcount


def _out_of_digests(connection: Connection, ids: Sequence[int], seal: Seal) -> int:
    """Blank the items of an article in every stored digest whose range holds a change of it."""
    told = select(Change.seq).where(Change.article_id.in_(ids))
    ranges = [
        (Digest.after_seq < seq) & (Digest.upto_seq >= seq) for seq in connection.execute(told).scalars()
    ]
    altered = 0
    for some in rows.chunks(ranges, size=100):
        stored = select(Digest.id, Digest.content).where(or_(*some))
        for row in connection.execute(stored).all():
            content = _blanked(row.content, set(ids))
            if content != row.content:
                values = {"content": content, "hash": seal(content)}
                connection.execute(update(Digest).where(Digest.id == row.id).values(**values))
                altered += 1
    return altered


def _blanked(content: dict[str, Any], ids: set[int]) -> dict[str, Any]:
    content = deepcopy(content)
    for item in content["items"]:
        change = item["change"]
        if change["article_id"] in ids:
            item |= {"excerpt": "", "redline": []}
            change |= {"title": REMOVED, "summary": "", "old_title": REMOVED if change["old_title"] else ""}
    return content


def _out_of_held(connection: Connection, keys: set[str]) -> int:
    """Take an article out of what suspect runs saw, so that approving one brings nothing of it back."""
    altered = 0
    for run_id in connection.execute(select(Held.run_id).order_by(Held.run_id)).scalars().all():
        packed = connection.execute(select(Held.reading).where(Held.run_id == run_id)).scalar_one()
        reading = rows.load_bytes(Reading, zlib.decompress(packed))
        left = replace(
            reading,
            entries=tuple(entry for entry in reading.entries if entry.key not in keys),
            looks=tuple(
                look for look in reading.looks if not {url_key(look.url), url_key(look.final_url)} & keys
            ),
        )
        if left != reading:
            packed = zlib.compress(rows.dump_bytes(left))
            connection.execute(update(Held).where(Held.run_id == run_id).values(reading=packed))
            altered += 1
    return altered


def _truncate_log_file(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, which still holds the old pages, as far as nobody reads from it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101  # for the type checker
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

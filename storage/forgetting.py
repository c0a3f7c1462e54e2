"""Forgetting an article: what it said goes from every table, its names stay, so that it is never new again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, or_, select, text, update

from news.errors import StorageError
from storage import rows
from storage.articles import article_id_of
from storage.blanking import REMOVED, Seal, Traces, out_of_digests, out_of_healings, out_of_held
from storage.correcting import FORGOTTEN, write_correction
from storage.engine import database_now, writing
from storage.search_table import erase_traces
from storage.searching import index_articles
from storage.sources import lock_log
from storage.stories import link_stories
from storage.tables import Alias, Article, Change, Pending, Revision, Sighting, Source, Validator


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
    log, of stored digests, whose hash is made anew, of what suspect runs hold, of what waits to be read, and of the
    tables by which healings are judged; it leaves its story. Kept are its addresses, its ids and its dates, and hashes
    of its title and text by which it is recognised; no crawl keeps anything of it again. Forgetting it a second time
    takes away what turned up since, and is not written down again.

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
        was_forgotten = _all_forgotten(connection, ids)
        traces = _traces(connection, ids)
        digests = out_of_digests(connection, traces, seal)
        gone = Forgotten(
            article_id=article_id,
            articles=len(ids),
            revisions=_out_of_revisions(connection, ids),
            changes=_out_of_log(connection, ids),
            digests=digests,
            held=out_of_held(connection, traces),
        )
        out_of_healings(connection, traces)
        _out_of_pending(connection, ids, traces)
        _out_of_articles(connection, ids, moment)
        link_stories(connection, ids, now=moment)
        index_articles(connection, ids)
        erase_traces(connection)
        connection.execute(delete(Validator).where(Validator.key.in_(sorted(traces.keys))))
        if not was_forgotten:
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


def _all_forgotten(connection: Connection, ids: Sequence[int]) -> bool:
    standing = select(Article.id).where(Article.id.in_(ids), Article.forgotten_at.is_(None)).limit(1)
    return connection.execute(standing).first() is None


def _traces(connection: Connection, ids: Sequence[int]) -> Traces:
    """Return by what an article, and all that was merged into it, may be recognised."""

    def found(column: Any, owner: Any) -> frozenset[str]:
        return frozenset(connection.execute(select(column).where(owner.in_(ids))).scalars()) - {""}

    return Traces(
        ids=frozenset(ids),
        articles=found(Article.key, Article.id),
        keys=found(Alias.key, Alias.article_id) | found(Article.key, Article.id),
        titles=found(Article.title_key, Article.id) | found(Sighting.title_key, Sighting.article_id),
        fingerprints=found(Revision.fingerprint, Revision.article_id),
    )


def _out_of_pending(connection: Connection, ids: Sequence[int], gone: Traces) -> None:
    """Drop what waits under a name of it, or under its title on its site; what is listed again is decided again."""
    host = select(Source.id).join(Article, Article.host == Source.host).where(Article.id.in_(ids))
    namesakes = Pending.title_key.in_(sorted(gone.titles)) & Pending.source_id.in_(host)
    for some in rows.chunks(sorted(gone.keys)):
        connection.execute(delete(Pending).where(or_(Pending.key.in_(some), namesakes)))


def _out_of_articles(connection: Connection, ids: Sequence[int], moment: datetime) -> None:
    values: dict[str, Any] = {
        "title": REMOVED,
        "summary": "",
        "authors": [],
        "sections": [],
        "image_url": "",
        "volatile": [],
        "unsettled_digest": "",
        "unsettled_at": None,
        "next_look_at": None,
        "forgotten_at": func.coalesce(Article.forgotten_at, moment),
    }
    connection.execute(update(Article).where(Article.id.in_(ids)).values(**values))


def _out_of_revisions(connection: Connection, ids: Sequence[int]) -> int:
    values = {"title": REMOVED, "body_text": "", "raw": None}
    return connection.execute(update(Revision).where(Revision.article_id.in_(ids)).values(**values)).rowcount


def _out_of_log(connection: Connection, ids: Sequence[int]) -> int:
    log = update(Change).where(Change.article_id.in_(ids))
    connection.execute(log.where(Change.old_title != "").values(old_title=REMOVED))
    return connection.execute(log.values(title=REMOVED, summary="")).rowcount


def _truncate_log_file(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, which still holds the old pages, as far as nobody reads from it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101  # for the type checker
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

"""Reading what is kept: articles with their newest text, by number or by any of their addresses; their revisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, select

from news.errors import UnknownError
from news.revision import RevisionText, VolatilePart
from news.site_id import PREFIX
from news.urls import host_key, url_key
from storage import tables
from storage.changes import revision_text, revision_texts, spoken_in
from storage.rows import chunks, load


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleRow:
    """One article as it is known now, with the text of its newest revision.

    ``sources`` names those that list it; ``aliases`` counts its other addresses; ``revision`` is 0 and ``body_text``
    empty while only a listing has told of it. Times are aware UTC. The precisions say how much of a date the source
    really said, the provenances where it stood. ``pruned_at`` is when retention took its text away, ``volatile`` what
    differs at each look, and so is not told.
    """

    id: int
    key: str
    host: str
    url: str
    title: str
    summary: str
    body_text: str
    language: str
    authors: tuple[str, ...]
    sections: tuple[str, ...]
    image_url: str
    sources: tuple[str, ...]
    aliases: int
    revision: int
    way: str
    captured_at: datetime | None
    published_at: datetime | None
    published_precision: str
    published_provenance: str
    modified_at: datetime | None
    modified_precision: str
    modified_provenance: str
    first_seen_at: datetime
    announced: bool
    looked_at: datetime | None
    next_look_at: datetime | None
    withdrawn_at: datetime | None
    merged_into: int | None = None
    forgotten_at: datetime | None = None
    pruned_at: datetime | None = None
    volatile: tuple[VolatilePart, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleIdentity:
    """What never changes of an article."""

    key: str
    host: str
    first_seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleName:
    """One name under which an article is known: an address, or with ``is_id`` what its site calls it.

    ``evidence`` says what it rests on that the name leads to this article.
    """

    name: str
    is_id: bool
    evidence: str
    since: datetime


def list_articles(
    connection: Connection,
    *,
    source: str | None = None,
    language: str | None = None,
    since: datetime | None = None,
    query: str | None = None,
    limit: int | None = 50,
    before_id: int | None = None,
) -> list[ArticleRow]:
    """Return articles, the newest known first; what was merged into another is that one.

    Args:
        connection: an open connection.
        source: only what this source lists.
        language: a BCP 47 tag; ``fr`` covers ``fr-CA`` (RFC 4647, basic filtering).
        since: only what was first seen at or after this aware moment.
        query: a piece of the title, in any case.
        limit: at most so many; None for all.
        before_id: the page after the article with this number, which was the last of the page before.
    """
    article = tables.Article
    wanted = _columns().where(article.merged_into.is_(None)).order_by(article.id.desc())
    if source is not None:
        wanted = wanted.where(_listed_by(source))
    if language is not None:
        wanted = wanted.where(spoken_in(article.language, [language]))
    if since is not None:
        wanted = wanted.where(article.first_seen_at >= since)
    if query is not None:
        wanted = wanted.where(article.title.icontains(query, autoescape=True))
    if before_id is not None:
        wanted = wanted.where(article.id < before_id)
    if limit is not None:
        wanted = wanted.limit(limit)
    return _article_rows(connection, connection.execute(wanted).all())


def articles_of(connection: Connection, ids: Sequence[int]) -> list[ArticleRow]:
    """Return the articles of these numbers in their order; those that are not stored are left out."""
    found: dict[int, Row[Any]] = {}
    for chunk in chunks(ids):
        query = _columns().where(tables.Article.id.in_(chunk))
        found |= {row.id: row for row in connection.execute(query)}
    return _article_rows(connection, [found[each] for each in ids if each in found])


def show_article(connection: Connection, reference: int | str) -> ArticleRow:
    """Return one article by its number or by any spelling of any of its addresses.

    Raises:
        UnknownError: it is not stored; the message says if it is pending.
        UrlError: the reference is neither a number nor a web address.
    """
    article_id = article_id_of(connection, reference)
    rows = connection.execute(_columns().where(tables.Article.id == article_id)).all()
    return _article_rows(connection, rows)[0]


def article_id_of(connection: Connection, reference: int | str) -> int:
    """Return the number of the article that has this number or any spelling of this address.

    Raises:
        UnknownError: it is not stored; the message says if it is pending.
        UrlError: the reference is neither a number nor a web address.
    """
    text = str(reference).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return _id_of_url(connection, text)
    stored = select(tables.Article.id).where(tables.Article.id == int(text))
    found = connection.execute(stored).scalar_one_or_none()
    if found is None:
        raise UnknownError(
            f"No article has the number {text}; `tidings articles list` shows those that are stored."
        )
    return found


def revisions(connection: Connection, article_id: int) -> list[RevisionText]:
    """Return every captured state of an article, the first one first; empty where no body was ever read."""
    table = tables.Revision
    found = revision_texts().where(table.article_id == article_id).order_by(table.number)
    return [revision_text(row) for row in connection.execute(found)]


def names(connection: Connection, article_id: int) -> list[ArticleName]:
    """Return every name under which the article is known, its own address included, the oldest first."""
    table = tables.Alias
    found = (
        select(table.url, table.evidence, table.created_at)
        .where(table.article_id == article_id, table.url != "")
        .order_by(table.created_at, table.url)
    )
    return [
        ArticleName(
            name=row.url.removeprefix(PREFIX),
            is_id=row.url.startswith(PREFIX),
            evidence=row.evidence,
            since=row.created_at,
        )
        for row in connection.execute(found)
    ]


def addresses(connection: Connection, article_id: int) -> list[str]:
    """Return every address under which the article is known, its own included, the oldest first."""
    return [name.name for name in names(connection, article_id) if not name.is_id]


def identities(connection: Connection, article_ids: Iterable[int]) -> dict[int, ArticleIdentity]:
    """Return what never changes of each of these articles, by number.

    An article may move to another host; what names it is the host of the address by which it was first known.
    """
    table, first = tables.Article, tables.Alias
    found = select(table.id, table.key, table.host, table.first_seen_at, first.url).outerjoin(
        first, first.key == table.key
    )
    return {
        row.id: ArticleIdentity(
            key=row.key, host=_first_host(row.url) or row.host, first_seen_at=row.first_seen_at
        )
        for chunk in chunks(sorted(set(article_ids)))
        for row in connection.execute(found.where(table.id.in_(chunk)))
    }


def _first_host(url: str | None) -> str:
    return host_key(url) if url and not url.startswith(PREFIX) else ""


def volatile_parts(connection: Connection, article_ids: Iterable[int]) -> dict[int, tuple[VolatilePart, ...]]:
    """Return what of each of these articles differs at each look; those without such a part are left out."""
    table = tables.Article
    return {
        row.id: _parts(row.volatile)
        for chunk in chunks(sorted(set(article_ids)))
        for row in connection.execute(select(table.id, table.volatile).where(table.id.in_(chunk)))
        if row.volatile
    }


def _parts(stored: Iterable[Any]) -> tuple[VolatilePart, ...]:
    return tuple(load(VolatilePart, part) for part in stored)


def _id_of_url(connection: Connection, url: str) -> int:
    key = url_key(url)
    known = select(tables.Alias.article_id).where(tables.Alias.key == key)
    own = select(tables.Article.id).where(tables.Article.key == key)
    for statement in (known, own):
        found = connection.execute(statement).scalar_one_or_none()
        if found is not None:
            return found
    waiting = select(tables.Pending.reason, tables.Pending.next_look_at).where(tables.Pending.key == key)
    pending = connection.execute(waiting.order_by(tables.Pending.next_look_at).limit(1)).first()
    if pending is not None:
        raise UnknownError(
            f"{url} is pending: its page could not be read ({pending.reason}); "
            f"the next look is due at {pending.next_look_at:%Y-%m-%d %H:%M} UTC."
        )
    raise UnknownError(
        f"No article is known under {url}; `tidings articles list` shows those that are stored."
    )


def _listed_by(source: str) -> Any:
    return exists().where(
        tables.Sighting.article_id == tables.Article.id,
        tables.Sighting.source_id == tables.Source.id,
        tables.Source.name == source,
    )


def _columns() -> Select[Any]:
    article, newest = tables.Article, tables.Revision
    return select(
        *article.__table__.columns, newest.body_text, newest.captured_at, newest.pruned_at
    ).outerjoin(newest, and_(newest.article_id == article.id, newest.number == article.revision))


def _article_rows(connection: Connection, rows: Iterable[Row[Any]]) -> list[ArticleRow]:
    rows = list(rows)
    ids = [row.id for row in rows]
    sources, aliases = _sources_of(connection, ids), _aliases_of(connection, ids)
    return [_article_row(row, sources.get(row.id, ()), aliases.get(row.id, 1) - 1) for row in rows]


def _sources_of(connection: Connection, article_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    names: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    listed = select(tables.Sighting.article_id, tables.Source.name).join(
        tables.Source, tables.Source.id == tables.Sighting.source_id
    )
    for chunk in chunks(sorted(set(article_ids))):
        these = listed.where(tables.Sighting.article_id.in_(chunk)).order_by(tables.Source.name)
        for article_id, name in connection.execute(these):
            names[article_id] += (name,)
    return names


def _aliases_of(connection: Connection, article_ids: Iterable[int]) -> dict[int, int]:
    counted = (
        select(tables.Alias.article_id, func.count())
        .where(tables.Alias.url.not_like(f"{PREFIX}%"), tables.Alias.url != "")
        .group_by(tables.Alias.article_id)
    )
    return {
        article_id: count
        for chunk in chunks(sorted(set(article_ids)))
        for article_id, count in connection.execute(counted.where(tables.Alias.article_id.in_(chunk)))
    }


def _article_row(row: Row[Any], sources: tuple[str, ...], aliases: int) -> ArticleRow:
    return ArticleRow(
        id=row.id,
        key=row.key,
        host=row.host,
        url=row.url,
        title=row.title,
        summary=row.summary,
        body_text=row.body_text or "",
        language=row.language,
        authors=tuple(row.authors),
        sections=tuple(row.sections),
        image_url=row.image_url,
        sources=sources,
        aliases=max(aliases, 0),
        revision=row.revision,
        way=row.way,
        captured_at=row.captured_at,
        published_at=row.published_at,
        published_precision=row.published_precision,
        published_provenance=row.published_provenance,
        modified_at=row.modified_at,
        modified_precision=row.modified_precision,
        modified_provenance=row.modified_provenance,
        first_seen_at=row.first_seen_at,
        announced=row.announced,
        looked_at=row.looked_at,
        next_look_at=row.next_look_at,
        withdrawn_at=row.withdrawn_at,
        merged_into=row.merged_into,
        forgotten_at=row.forgotten_at,
        pruned_at=row.pruned_at,
        volatile=_parts(row.volatile),
    )

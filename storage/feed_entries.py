"""Reading the log as a feed does: in pages that are full once and for all, and what an entry says of its article.

A page is `PAGE` rows of the log: of all, or of those that some sources wrote. The log only grows at its end, so a page
that is full never changes and has its number for good, however much comes later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from news import retention
from news.change import Change, ChangeKind
from storage.articles import ArticleIdentity, identities
from storage.changes import as_of, changes_after, changes_at, last_seq, pruned_upto
from storage.correcting import FORGOTTEN
from storage.correction_table import Correction
from storage.log_start_table import LogStart
from storage.rows import chunks
from storage.sources import source_ids
from storage.tables import Article, Revision, Sighting, Source
from storage.tables import Change as ChangeRow
from storage.unread import NAMED, said, title_of

PAGE = retention.PAGE
"""Rows of the log in one archive: small enough to be read at once, and all of an archive's entries with it."""

LATEST = 1_000
"""Forgotten articles of which a feed says so: readers have long seen of the others that they are gone."""

MOVING = frozenset(
    {ChangeKind.PUBLISHED, ChangeKind.EDITED, ChangeKind.RETITLED, ChangeKind.WITHDRAWN, ChangeKind.RESTORED}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """An article of which nothing may be shown any more."""

    article_id: int
    identity: ArticleIdentity
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcePage:
    """A source, its title with its language, and the address of the page that people know it by."""

    name: str
    title: str
    language: str
    url: str


def full_pages(connection: Connection, sources: Collection[str] = ()) -> int:
    """Return how many pages are full.

    Args:
        connection: a reading transaction.
        sources: names; none for the whole log.

    Raises:
        SourceError: one of them is unknown.
    """
    if not sources:
        return last_seq(connection) // PAGE
    counted = select(func.count()).select_from(ChangeRow).where(_written_by(connection, sources))
    return (int(connection.execute(counted).scalar_one()) + _pruned(connection, sources)) // PAGE


def first_page(connection: Connection, sources: Collection[str] = ()) -> int:
    """Return the number of the first page of which nothing was pruned: pages keep their numbers.

    Raises:
        SourceError: a source is unknown.
    """
    gone = _pruned(connection, sources) if sources else pruned_upto(connection)
    return -(-gone // PAGE) + 1


def page_end(connection: Connection, number: int, sources: Collection[str] = ()) -> int | None:
    """Return the ``seq`` at which a page ends, counted from 1; None if it is not full yet, 0 before the first.

    Raises:
        SourceError: a source is unknown.
    """
    if number < 1:
        return 0
    if not sources:
        return number * PAGE if number * PAGE <= last_seq(connection) else None
    place = number * PAGE - 1 - _pruned(connection, sources)
    if place < 0:
        return pruned_upto(connection)
    rows = select(ChangeRow.seq).where(_written_by(connection, sources)).order_by(ChangeRow.seq)
    return connection.execute(rows.offset(place).limit(1)).scalar_one_or_none()


def changes_between(
    connection: Connection, after_seq: int, upto_seq: int, sources: Collection[str] = ()
) -> list[Change]:
    """Return the changes ``(after_seq, upto_seq]`` that concern some sources, as `changes_after` means it, in order.

    Of sources that write little a page reaches far back, and most of the log in it is not theirs. Then the articles
    that they list are asked instead, whichever is less: both are never many.
    """
    if not sources:
        return changes_after(connection, after_seq, upto=upto_seq)
    ids = source_ids(connection, sources)
    listed = select(func.count()).select_from(Sighting).where(Sighting.source_id.in_(ids))
    if int(connection.execute(listed).scalar_one()) >= upto_seq - after_seq:
        return changes_after(connection, after_seq, upto=upto_seq, sources=sources)
    own = select(ChangeRow.seq).where(
        ChangeRow.source_id.in_(ids), ChangeRow.seq > after_seq, ChangeRow.seq <= upto_seq
    )
    seqs = set(connection.execute(own).scalars())
    return changes_at(
        connection, seqs | set(connection.execute(_happened(ids, after_seq, upto_seq)).scalars())
    )


def last_moves(
    connection: Connection, article_ids: Iterable[int], *, upto_seq: int, least: Sequence[str]
) -> dict[int, datetime]:
    """Return when each of these articles last changed in a way that matters, up to a place of the log.

    Args:
        connection: a reading transaction.
        article_ids: their numbers; those of which nothing was told are left out.
        upto_seq: the end of what is read.
        least: the classes of edit that matter.
    """
    matters = or_(ChangeRow.kind != ChangeKind.EDITED, ChangeRow.edit_class.in_(least))
    moved = (
        select(ChangeRow.article_id, func.max(ChangeRow.seq).label("seq"))
        .where(ChangeRow.kind.in_(MOVING), matters, ChangeRow.seq <= upto_seq)
        .group_by(ChangeRow.article_id)
    )
    found: dict[int, datetime] = {}
    for chunk in chunks(sorted(set(article_ids))):
        newest = moved.where(ChangeRow.article_id.in_(chunk)).subquery()
        query = select(ChangeRow.article_id, ChangeRow.at).join(newest, newest.c.seq == ChangeRow.seq)
        found |= {row.article_id: row.at for row in connection.execute(query)}
    return found


def openings(
    connection: Connection, revisions: Iterable[tuple[int, int]], *, limit: int
) -> dict[tuple[int, int], str]:
    """Return how the texts of some revisions begin, by article and number; what is not kept is left out.

    Args:
        connection: a reading transaction.
        revisions: numbers of articles with those of their revisions.
        limit: characters of each text.
    """
    columns = (Revision.article_id, Revision.number, Revision.body_text)
    wanted = select(*columns).where(Revision.pruned_at.is_(None))
    found: dict[tuple[int, int], str] = {}
    for chunk in chunks(sorted(set(revisions)), size=100):
        # SQLite looks each of these up, and would read the whole table for a list of pairs.
        these = [and_(Revision.article_id == article, Revision.number == number) for article, number in chunk]
        found |= {
            (row.article_id, row.number): row.body_text[:limit]
            for row in connection.execute(wanted.where(or_(*these)))
        }
    return found


def authors_of(connection: Connection, article_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return who wrote each of these articles, as far as it is known."""
    return {
        row.id: tuple(row.authors)
        for chunk in chunks(sorted(set(article_ids)))
        for row in connection.execute(select(Article.id, Article.authors).where(Article.id.in_(chunk)))
        if row.authors
    }


def sections_of(connection: Connection, article_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return what the site of each of these articles files it under, as far as it does."""
    return {
        row.id: tuple(row.sections)
        for chunk in chunks(sorted(set(article_ids)))
        for row in connection.execute(select(Article.id, Article.sections).where(Article.id.in_(chunk)))
        if row.sections
    }


def forgotten(
    connection: Connection, after_seq: int, upto_seq: int, sources: Collection[str] = ()
) -> list[Gone]:
    """Return the articles that were forgotten, as far as a part of the log told of them; of the latest `LATEST`.

    Args:
        connection: a reading transaction.
        after_seq: where that part begins.
        upto_seq: and where it ends.
        sources: only what one of them listed or told of; none for all.
    """
    said = select(Correction.article_id).where(Correction.kind == FORGOTTEN)
    ids = list(connection.execute(said.order_by(Correction.id.desc()).limit(LATEST)).scalars())
    query = (
        select(Article.id, Article.forgotten_at)
        .join(ChangeRow, ChangeRow.article_id == Article.id)
        .where(Article.forgotten_at.is_not(None), ChangeRow.seq > after_seq, ChangeRow.seq <= upto_seq)
        .distinct()
    )
    if sources:
        own = source_ids(connection, sources)
        listed = exists().where(Sighting.article_id == Article.id, Sighting.source_id.in_(own))
        query = query.where(or_(ChangeRow.source_id.in_(own), listed))
    gone: dict[int, datetime] = {}
    for chunk in chunks(ids):
        with_merged = or_(Article.id.in_(chunk), Article.merged_into.in_(chunk))
        gone |= {row.id: row.forgotten_at for row in connection.execute(query.where(with_merged))}
    named = identities(connection, gone)
    return [Gone(article_id=number, identity=named[number], at=gone[number]) for number in sorted(gone)]


def pages_with_forgotten(connection: Connection, sources: Collection[str] = ()) -> set[int]:
    """Return the numbers of the full pages in which something was forgotten since they were full, for rewriting them.

    Raises:
        SourceError: a source is unknown.
    """
    ids = [gone.article_id for gone in forgotten(connection, 0, last_seq(connection), sources)]
    full = full_pages(connection, sources)
    found: set[int] = set()
    for chunk in chunks(ids):
        there = select(ChangeRow.seq).where(ChangeRow.article_id.in_(chunk))
        found |= {_page_of(connection, seq, sources) for seq in connection.execute(there).scalars()}
    return {number for number in found if number <= full}


def source_pages(connection: Connection) -> list[SourcePage]:
    """Return what a feed of each source says of it, by name."""
    found = connection.execute(select(*NAMED, said("page_url"), said("url")).order_by(Source.name))
    return [
        SourcePage(
            name=row.name,
            title=title_of(row),
            language=row.language or "",
            url=row.page_url or row.url or "",
        )
        for row in found
    ]


def said_at(connection: Connection) -> datetime | None:
    """Return the moment at which a feed's documents last may have changed: a crawl, a change, what a person said."""
    made, undone = connection.execute(select(func.max(Correction.at), func.max(Correction.undone_at))).one()
    return max(filter(None, (as_of(connection), made, undone)), default=None)


def first_mark(connection: Connection) -> tuple[str, datetime] | None:
    """Return the key of the first article that the log told of and when that was: what no other database has."""
    known = connection.execute(select(LogStart.first_key, LogStart.first_at)).first()
    if known is not None:
        return known.first_key, known.first_at
    first = select(Article.key, ChangeRow.at).join(Article, Article.id == ChangeRow.article_id)
    row = connection.execute(first.order_by(ChangeRow.seq).limit(1)).first()
    return None if row is None else (row.key, row.at)


def _page_of(connection: Connection, seq: int, sources: Collection[str]) -> int:
    """Return the number of the page in which a row of the log stands."""
    if not sources:
        return (seq - 1) // PAGE + 1
    before = select(func.count()).select_from(ChangeRow).where(_written_by(connection, sources))
    stands = int(connection.execute(before.where(ChangeRow.seq < seq)).scalar_one())
    return (stands + _pruned(connection, sources)) // PAGE + 1


def _pruned(connection: Connection, sources: Collection[str]) -> int:
    """Return how many rows of the log that some sources wrote are gone."""
    ids = source_ids(connection, sources)
    gone = select(func.coalesce(func.sum(Source.pruned_changes), 0)).where(Source.id.in_(ids))
    return int(connection.execute(gone).scalar_one())


def _happened(ids: Sequence[int], after_seq: int, upto_seq: int) -> Select[Any]:
    """Select what happened to the articles that some sources list, whichever source saw it."""
    # The sums keep the databases from reading the log from end to end: the articles are what is few here.
    seq = ChangeRow.seq + 0
    return (
        select(ChangeRow.seq)
        .join(Sighting, Sighting.article_id == ChangeRow.article_id)
        .where(Sighting.source_id.in_(ids), Sighting.first_run_id <= ChangeRow.run_id)
        .where(seq > after_seq, seq <= upto_seq)
        .where(ChangeRow.kind.not_in([ChangeKind.PUBLISHED, ChangeKind.LISTED]))
    )


def _written_by(connection: Connection, sources: Collection[str]) -> ColumnElement[bool]:
    return ChangeRow.source_id.in_(source_ids(connection, sources))

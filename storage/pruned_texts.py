"""Taking texts away: of earlier revisions, and of articles that no listing shows any more; who they are stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, or_, select, update

from storage.past import WITH_TEXT
from storage.pruned_log import told_upto
from storage.rows import chunks
from storage.searching import index_articles
from storage.tables import Article, Change, Revision, Run, Sighting, Source

ARTICLES = 500
"""Articles that one transaction looks at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    """Revisions whose texts may go, and the last article that was looked at; None at the end."""

    revisions: tuple[tuple[int, int], ...]
    articles: tuple[int, ...]
    last: int | None


def earlier_texts(connection: Connection, after_id: int, *, keep: int, before: datetime | None) -> Texts:
    """Find texts of earlier revisions: beyond the newest so many, or captured before a moment.

    The newest few stay, since what differs at each look is learnt from them, and so does what somebody still has to be
    told of: the text of the change, and the one before it.

    Args:
        connection: an open connection.
        after_id: the article behind which to look.
        keep: so many of the newest stay; 0 for no such limit.
        before: older ones go; None for no such limit.
    """
    more = Article.revision > WITH_TEXT
    ids = list(
        connection.execute(
            select(Article.id).where(Article.id > after_id, more).order_by(Article.id).limit(ARTICLES)
        ).scalars()
    )
    beyond = Revision.number <= Article.revision - max(keep, WITH_TEXT) if keep else false()
    old = Revision.captured_at < before if before is not None else false()
    query = (
        select(Revision.article_id, Revision.number)
        .join(Article, Article.id == Revision.article_id)
        .where(Revision.article_id.in_(ids), Revision.number <= Article.revision - WITH_TEXT)
        .where(or_(beyond, old), _has_text(), ~_to_be_told(connection))
        .order_by(Revision.article_id, Revision.number)
    )
    found = tuple((row.article_id, row.number) for row in connection.execute(query))
    return Texts(revisions=found, articles=(), last=ids[-1] if len(ids) == ARTICLES else None)


def article_texts(connection: Connection, after_id: int, *, before: datetime) -> Texts:
    """Find articles that became known before a moment and were last listed before it, and are not looked at any more.

    What stands in a listing's last complete read is listed still, however long that has been unchanged.
    """
    query = (
        select(Article.id, Article.key)
        .where(Article.id > after_id, Article.first_seen_at < before, Article.next_look_at.is_(None))
        .order_by(Article.id)
        .limit(ARTICLES)
    )
    rows = connection.execute(query).all()
    gone = _not_listed(connection, rows, before)
    texts = (
        select(Revision.article_id, Revision.number)
        .where(Revision.article_id.in_(gone), _has_text())
        .order_by(Revision.article_id, Revision.number)
    )
    upto = told_upto(connection)
    if upto is not None:
        texts = texts.where(~exists().where(Change.article_id == Revision.article_id, Change.seq > upto))
    found = tuple((row.article_id, row.number) for row in connection.execute(texts))
    return Texts(
        revisions=found,
        articles=tuple(sorted({article_id for article_id, _ in found})),
        last=rows[-1].id if len(rows) == ARTICLES else None,
    )


def take_texts(connection: Connection, texts: Texts, moment: datetime) -> None:
    """Take texts away for good, with the HTML that they were read from, and out of the search index."""
    for some in chunks(texts.revisions, 100):
        these = [and_(Revision.article_id == article, Revision.number == number) for article, number in some]
        values: dict[str, Any] = {"body_text": "", "raw": None, "pruned_at": moment}
        connection.execute(update(Revision).where(or_(*these)).values(values))
    index_articles(connection, texts.articles)


def _has_text() -> ColumnElement[bool]:
    return and_(Revision.pruned_at.is_(None), or_(Revision.body_text != "", Revision.raw.is_not(None)))


def _to_be_told(connection: Connection) -> ColumnElement[bool]:
    upto = told_upto(connection)
    if upto is None:
        return false()
    needs = or_(Change.revision == Revision.number, Change.revision == Revision.number + 1)
    return exists().where(Change.article_id == Revision.article_id, Change.seq > upto, needs)


def _not_listed(connection: Connection, rows: Sequence[Any], before: datetime) -> list[int]:
    if not rows:
        return []
    recent = connection.execute(select(func.min(Run.id)).where(Run.settled_at >= before)).scalar_one()
    ids = [row.id for row in rows]
    listed: set[int] = set()
    if recent is not None:
        seen = select(Sighting.article_id).where(Sighting.article_id.in_(ids), Sighting.last_run_id >= recent)
        listed = set(connection.execute(seen).scalars())
    standing: set[str] = set()
    for row in connection.execute(select(Source.frontier, Source.absent)):
        standing |= {*row.frontier, *(each["article"] for each in row.absent)}
    return [row.id for row in rows if row.id not in listed and row.key not in standing]

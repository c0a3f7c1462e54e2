"""Reading the change log: what came after a cursor, where the log ends, and the two states that an edit lies between.

``seq`` is given under the counter row's lock, so its order is the order of commits: what is visible at one moment has
no holes that could be filled later, and a cursor can never skip a change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.expression import SQLColumnExpression

from news.article import Way
from news.change import Change, ChangeKind, EditMark
from news.errors import UnknownError
from news.redline import EditClass
from news.revision import RevisionText
from storage import tables
from storage.log_start_table import LogStart
from storage.rows import chunks


def changes_after(
    connection: Connection,
    after_seq: int,
    *,
    upto: int | None = None,
    limit: int | None = None,
    sources: Iterable[str] | None = None,
    kinds: Iterable[ChangeKind] | None = None,
    languages: Iterable[str] | None = None,
) -> list[Change]:
    """Return the changes of the log with ``after_seq < seq <= upto``, in order; what was forgotten is not told.

    Args:
        connection: an open connection.
        after_seq: the cursor; 0 reads from the start.
        upto: the last ``seq`` to read; None reads to the end.
        limit: at most so many rows.
        sources: names of sources; None reads those of all. What happened to an article that one of them lists is theirs
            whichever source saw it: an article is looked at once, by whose turn it is.
        kinds: kinds of change; None reads all.
        languages: BCP 47 tags, ``fr`` covering ``fr-CA`` (RFC 4647, basic filtering); None reads all. What has no known
            language is always read.
    """
    wanted = (
        _columns()
        .join(tables.Article, tables.Article.id == tables.Change.article_id)
        .where(tables.Article.forgotten_at.is_(None), tables.Change.seq > after_seq)
        .order_by(tables.Change.seq)
    )
    if upto is not None:
        wanted = wanted.where(tables.Change.seq <= upto)
    if sources is not None:
        wanted = wanted.where(_concerns(sorted(set(sources))))
    if kinds is not None:
        wanted = wanted.where(tables.Change.kind.in_(sorted({str(kind) for kind in kinds})))
    if languages is not None:
        wanted = wanted.where(may_be_in(tables.Change.language, languages))
    if limit is not None:
        wanted = wanted.limit(limit)
    return [_change(row) for row in connection.execute(wanted)]


def changes_before(
    connection: Connection,
    before_seq: int,
    *,
    after_seq: int = 0,
    limit: int,
    sources: Iterable[str] | None = None,
    languages: Collection[str] = (),
    kinds: Iterable[ChangeKind] | None = None,
) -> list[Change]:
    """Return the newest changes with ``after_seq < seq < before_seq``, the newest first, without what was forgotten.

    Args:
        connection: an open connection.
        before_seq: only what stands before it.
        after_seq: nothing at or before it is looked at, however little was found: what bounds the work.
        limit: at most so many rows.
        sources: names of sources, as `changes_after` means it; None reads those of all.
        languages: BCP 47 tags, ``fr`` covering ``fr-CA``, as a subscription's filter means them; none for all.
        kinds: kinds of change; None reads all.
    """
    table = tables.Change
    wanted = (
        _columns()
        .join(tables.Article, tables.Article.id == table.article_id)
        .where(tables.Article.forgotten_at.is_(None), table.seq > after_seq, table.seq < before_seq)
        .order_by(table.seq.desc())
        .limit(limit)
    )
    if sources is not None:
        wanted = wanted.where(_concerns(sorted(set(sources))))
    if languages:
        wanted = wanted.where(may_be_in(tables.Change.language, languages))
    if kinds is not None:
        wanted = wanted.where(table.kind.in_(sorted({str(kind) for kind in kinds})))
    return [_change(row) for row in connection.execute(wanted)]


def changes_at(connection: Connection, seqs: Iterable[int]) -> list[Change]:
    """Return these changes of the log, in order; what was forgotten is not told."""
    wanted = _columns().join(tables.Article, tables.Article.id == tables.Change.article_id)
    found = wanted.where(tables.Article.forgotten_at.is_(None)).order_by(tables.Change.seq)
    return [
        _change(row)
        for chunk in chunks(sorted(set(seqs)))
        for row in connection.execute(found.where(tables.Change.seq.in_(chunk)))
    ]


def changes_of(connection: Connection, article_id: int, *, before_seq: int) -> list[Change]:
    """Return what was told of an article before a place in the log, in order; nothing of one that was forgotten."""
    table = tables.Change
    earlier = select(table.seq).where(table.article_id == article_id, table.seq < before_seq)
    return changes_at(connection, connection.execute(earlier).scalars())


def last_seq(connection: Connection) -> int:
    """Return the ``seq`` of the newest change, 0 for an empty log."""
    return connection.execute(select(func.max(tables.Change.seq))).scalar_one() or 0


def counted_seq(connection: Connection) -> int:
    """Return the ``seq`` of the newest change by the one row that counts them, which is quicker to look at often."""
    counted = select(tables.Counter.value).where(tables.Counter.name == "changes")
    return connection.execute(counted).scalar_one_or_none() or 0


def as_of(connection: Connection) -> datetime | None:
    """Return the moment that the log speaks for: the latest crawl, or the newest change; None before the first."""
    newest = select(tables.Change.at).order_by(tables.Change.seq.desc()).limit(1)
    latest = (
        connection.execute(select(func.max(tables.Source.last_run_at))).scalar_one(),
        connection.execute(newest).scalar_one_or_none(),
    )
    return max((moment for moment in latest if moment is not None), default=None)


def oldest_seq(connection: Connection) -> int | None:
    """Return the ``seq`` of the oldest change that is kept, None for an empty log."""
    return connection.execute(select(func.min(tables.Change.seq))).scalar_one()


def pruned_upto(connection: Connection) -> int:
    """Return the ``seq`` of the last change that retention has cut off; 0 while the log is whole."""
    return connection.execute(select(LogStart.upto_seq)).scalar_one_or_none() or 0


def seq_before(connection: Connection, moment: datetime) -> int:
    """Return the cursor after which every change since an aware moment stands (a few older ones may, too)."""
    first = select(func.min(tables.Change.seq)).where(tables.Change.at >= moment)
    seq: int | None = connection.execute(first).scalar_one()
    return last_seq(connection) if seq is None else seq - 1


def last_run_id(connection: Connection) -> int:
    """Return the number of the newest settled run that told something, 0 before the first."""
    return connection.execute(select(func.max(tables.Run.id))).scalar_one() or 0


def first_told(
    connection: Connection, article_ids: Iterable[int], *, sources: Iterable[str]
) -> dict[int, int]:
    """Return for each article the ``seq`` by which these sources first told of it: as published or as listed.

    What the log holds no longer counts, too: a later listing is not the first that is told.
    """
    names = sorted(set(sources))
    told = (
        select(tables.Change.article_id, func.min(tables.Change.seq))
        .join(tables.Source, tables.Source.id == tables.Change.source_id)
        .where(tables.Change.kind.in_([ChangeKind.PUBLISHED, ChangeKind.LISTED]))
        .where(tables.Source.name.in_(names))
        .group_by(tables.Change.article_id)
    )
    pruned = (
        select(tables.Sighting.article_id, func.min(tables.Sighting.told_seq))
        .join(tables.Source, tables.Source.id == tables.Sighting.source_id)
        .where(tables.Sighting.told_seq.is_not(None), tables.Source.name.in_(names))
        .group_by(tables.Sighting.article_id)
    )
    found: dict[int, int] = {}
    for chunk in chunks(sorted(set(article_ids))):
        # What is pruned is earlier than anything that the log still holds.
        for query, column in ((told, tables.Change.article_id), (pruned, tables.Sighting.article_id)):
            rows = connection.execute(query.where(column.in_(chunk)))
            found.update({article_id: seq for article_id, seq in rows if seq is not None})
    return found


def withdrawals(
    connection: Connection, article_ids: Iterable[int], *, upto: int
) -> dict[int, tuple[int, datetime]]:
    """Return which of these articles are gone at a cursor: the ``seq`` and the moment of the withdrawal.

    Whoever saw it, and whoever asks: a reader is told of an article that is gone as of one that is gone.
    """
    table = tables.Change
    told = (
        select(table.article_id, table.seq, table.at, table.kind)
        .where(table.kind.in_([ChangeKind.WITHDRAWN, ChangeKind.RESTORED]), table.seq <= upto)
        .order_by(table.seq)
    )
    gone: dict[int, tuple[int, datetime]] = {}
    for chunk in chunks(sorted(set(article_ids))):
        for row in connection.execute(told.where(table.article_id.in_(chunk))):
            if row.kind == ChangeKind.WITHDRAWN:
                gone[row.article_id] = (row.seq, row.at)
            else:
                gone.pop(row.article_id, None)
    return gone


def revision_pair(
    connection: Connection, article_id: int, revision: int
) -> tuple[RevisionText | None, RevisionText]:
    """Return the revision and the one that it replaced (None for the first): what a redline is drawn between.

    Raises:
        UnknownError: the article has no such revision.
    """
    table = tables.Revision
    found = (
        revision_texts()
        .where(table.article_id == article_id, table.number <= revision)
        .order_by(table.number.desc())
        .limit(2)
    )
    rows = [revision_text(row) for row in connection.execute(found)]
    if not rows or rows[0].number != revision:
        raise _no_revision(article_id, revision)
    return (rows[1] if len(rows) > 1 else None), rows[0]


def revision_at(connection: Connection, article_id: int, revision: int) -> RevisionText:
    """Return one revision of an article.

    Raises:
        UnknownError: the article has no such revision.
    """
    table = tables.Revision
    row = connection.execute(
        revision_texts().where(table.article_id == article_id, table.number == revision)
    ).first()
    if row is None:
        raise _no_revision(article_id, revision)
    return revision_text(row)


def _no_revision(article_id: int, revision: int) -> UnknownError:
    return UnknownError(
        f"Article {article_id} has no revision {revision}; list them with `tidings articles show {article_id}`."
    )


def revision_texts() -> Select[Any]:
    """Return the query whose rows `revision_text` reads."""
    names = (
        "number captured_at title body_text way edit_class marks reverts_to published_at published_precision"
    )
    more = "fingerprint extractor pruned_at"
    return select(*(getattr(tables.Revision, name) for name in f"{names} {more}".split()))


def revision_text(row: Row[Any]) -> RevisionText:
    """Return a row of `revision_texts` as it leaves the database."""
    return RevisionText(
        number=row.number,
        captured_at=row.captured_at,
        title=row.title,
        body_text=row.body_text,
        way=Way(row.way),
        edit_class=EditClass(row.edit_class),
        marks=tuple(EditMark(mark) for mark in row.marks),
        reverts_to=row.reverts_to,
        published_at=row.published_at,
        published_precision=row.published_precision,
        fingerprint=row.fingerprint,
        extractor=row.extractor,
        pruned_at=row.pruned_at,
    )


def _concerns(sources: list[str]) -> ColumnElement[bool]:
    sighting, source = tables.Sighting, aliased(tables.Source)
    listed = (
        exists()
        .where(sighting.article_id == tables.Change.article_id, sighting.first_run_id <= tables.Change.run_id)
        .where(source.id == sighting.source_id, source.name.in_(sources))
    )
    happened = tables.Change.kind.not_in([ChangeKind.PUBLISHED, ChangeKind.LISTED])
    return or_(tables.Source.name.in_(sources), and_(happened, listed))


def spoken_in(tag: SQLColumnExpression[str], languages: Iterable[str]) -> ColumnElement[bool]:
    """Return whether a column's tag is one of some languages, ``fr`` covering ``fr-CA`` (RFC 4647, basic filtering)."""
    spoken = func.lower(tag)
    wanted = sorted({language.lower() for language in languages})
    return or_(*(or_(spoken == each, spoken.startswith(f"{each}-", autoescape=True)) for each in wanted))


def may_be_in(tag: SQLColumnExpression[str], languages: Iterable[str]) -> ColumnElement[bool]:
    """Return whether a column's tag is one of some languages, or unknown: what might be in them is always told."""
    return or_(tag == "", spoken_in(tag, languages))


def _columns() -> Select[Any]:
    return select(*tables.Change.__table__.columns, tables.Source.name.label("source")).join(
        tables.Source, tables.Source.id == tables.Change.source_id
    )


def _change(row: Row[Any]) -> Change:
    return Change(
        seq=row.seq,
        kind=ChangeKind(row.kind),
        at=row.at,
        source=row.source,
        article_id=row.article_id,
        url=row.url,
        title=row.title,
        revision=row.revision,
        edit_class=EditClass(row.edit_class),
        published_at=row.published_at,
        published_precision=row.published_precision,
        first_seen_at=row.first_seen_at,
        language=row.language,
        summary=row.summary,
        old_title=row.old_title,
        marks=tuple(EditMark(mark) for mark in row.marks),
        reverts_to=row.reverts_to,
        old_published_at=row.old_published_at,
        old_published_precision=row.old_published_precision,
    )

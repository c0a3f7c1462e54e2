"""A person's word on which article is which: two are one, or one is two. Nothing is told by it, and it can be undone.

The log stays as it was written. What is merged keeps its row, its revisions and its changes; its names lead to the
article that it is, until a split leads them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, literal, or_, select, update

from news.article import Way
from news.errors import StorageError
from news.known import FORMERLY
from news.site_id import PREFIX
from news.urls import fetchable_url, host_key, url_key
from storage import rows
from storage.articles import article_id_of
from storage.correction_table import Correction
from storage.engine import database_now
from storage.searching import index_articles
from storage.sources import lock_log
from storage.stories import link_stories
from storage.tables import Alias, Article, Revision, Sighting

MERGED, SPLIT, FORGOTTEN = "merged", "split", "forgotten"
_ADDRESS = ("url", "fetch_url", "host", "withdrawn_at", "missing_at", "next_look_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionRow:
    """One thing that a person said of an article; ``other_id`` is what it was merged with or what was split off."""

    id: int
    at: datetime
    kind: str
    article_id: int
    other_id: int | None
    undone_at: datetime | None


def merge(
    connection: Connection, article: int | str, other: int | str, *, now: datetime | None = None
) -> tuple[int, int]:
    """Let ``other`` be ``article`` from now on: all its names lead there, and neither is ever told as new again.

    A withdrawn article takes the address of one that stands: it moved there. `split` undoes it.

    Args:
        connection: a writing transaction, which waits here for the settling of runs.
        article: the one that stays: its number or any of its addresses.
        other: the one that it is.
        now: aware UTC; the database's clock when None.

    Returns:
        The numbers of both.

    Raises:
        StorageError: one is not stored, they are one already, or one of them was forgotten.
    """
    lock_log(connection)
    moment = now or database_now(connection)
    kept = _row(connection, article_id_of(connection, article))
    gone = _row(connection, article_id_of(connection, other))
    _refuse_merge(kept, gone)
    keys = list(connection.execute(select(Alias.key).where(Alias.article_id == gone.id)).scalars())
    _lead(connection, keys, kept.id)
    _copy_sightings(connection, gone.id, kept.id)
    before = _take_over(connection, kept, gone, moment)
    details = {
        "keys": keys,
        "before": before,
        "next_look_at": _said(gone.next_look_at),
        "merged": _lead_merged(connection, gone.id, kept.id),
    }
    values = {"merged_into": kept.id, "next_look_at": None}
    connection.execute(update(Article).where(Article.id == gone.id).values(**values))
    link_stories(connection, (kept.id, gone.id), now=moment)
    index_articles(connection, (kept.id, gone.id))
    write_correction(connection, MERGED, kept.id, gone.id, moment, details)
    return kept.id, gone.id


def split(
    connection: Connection, article: int | str, others: Sequence[int | str], *, now: datetime | None = None
) -> tuple[int, int]:
    """Let addresses of an article be another one from now on, whose page is read by the next crawl.

    What was merged by hand is what it was before the merge, with all its names. Anything else becomes an article of its
    own that counts as told wherever the old one was.

    Args:
        connection: a writing transaction, which waits here for the settling of runs.
        article: the one that stays.
        others: addresses of it that are another article; or the number or address of one that was merged into it.
        now: aware UTC; the database's clock when None.

    Returns:
        The numbers of the article and of what was split off.

    Raises:
        StorageError: an address does not lead to the article, or is the one by which it is known for good.
    """
    lock_log(connection)
    moment = now or database_now(connection)
    kept = _row(connection, article_id_of(connection, article))
    if kept.forgotten_at is not None:
        raise StorageError(f"article {kept.id} was forgotten; nothing is kept of it that could be split")
    merged = _merge_of(connection, kept.id, others)
    if merged is not None:
        return kept.id, _unmerge(connection, kept, merged, moment)
    keys = _keys_of(connection, kept, others)
    own = _split_off(connection, kept, [fetchable_url(str(url)) for url in others], moment)
    _lead(connection, keys, own)
    _copy_sightings(connection, kept.id, own)
    _leave_addresses(connection, kept, keys, moment)
    link_stories(connection, (kept.id, own), now=moment)
    index_articles(connection, (kept.id, own))
    write_correction(connection, SPLIT, kept.id, own, moment, {"keys": keys})
    return kept.id, own


def corrections(connection: Connection, article_id: int) -> list[CorrectionRow]:
    """Return what was said by hand of an article and of those that were merged into it, the oldest first."""
    table = Correction
    merged = select(Article.id).where(Article.merged_into == article_id)
    found = (
        select(table.id, table.at, table.kind, table.article_id, table.other_id, table.undone_at)
        .where(
            or_(*(or_(each == article_id, each.in_(merged)) for each in (table.article_id, table.other_id)))
        )
        .order_by(table.id)
    )
    return [
        CorrectionRow(
            id=row.id,
            at=row.at,
            kind=row.kind,
            article_id=row.article_id,
            other_id=row.other_id,
            undone_at=row.undone_at,
        )
        for row in connection.execute(found)
    ]


def _refuse_merge(kept: Row[Any], gone: Row[Any]) -> None:
    if kept.id == gone.id:
        raise StorageError(f"article {kept.id}: both names lead to it; they are one article already")
    for row in (kept, gone):
        if row.merged_into is not None:
            raise StorageError(f"article {row.id} was merged into article {row.merged_into}; name that one")
        if row.forgotten_at is not None:
            raise StorageError(f"article {row.id} was forgotten; it stays known by its own names only")


def _take_over(connection: Connection, kept: Row[Any], gone: Row[Any], moment: datetime) -> dict[str, Any]:
    """Take over what makes the kept one whole; return what it was before, as far as it differs."""
    values: dict[str, Any] = {}
    if gone.announced and not kept.announced:
        values["announced"] = True
    if kept.withdrawn_at is not None and gone.withdrawn_at is None:
        values |= {"url": gone.url, "fetch_url": gone.fetch_url, "host": gone.host}
        values |= {"withdrawn_at": None, "missing_at": None, "next_look_at": moment}
    if values:
        connection.execute(update(Article).where(Article.id == kept.id).values(**values))
    return {name: _said(getattr(kept, name)) for name in values}


def _merge_of(connection: Connection, article_id: int, others: Sequence[int | str]) -> Row[Any] | None:
    """Return the latest merge into an article that one of these names undoes, None if they are plain addresses."""
    query = (
        select(Correction.__table__)
        .where(Correction.kind == MERGED, Correction.article_id == article_id, Correction.undone_at.is_(None))
        .order_by(Correction.id.desc())
    )
    made = connection.execute(query).all()
    for other in others:
        text = str(other).strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        for row in made:
            if row.other_id == number or (number is None and url_key(text) in row.details["keys"]):
                return row
        if number is not None:
            raise _not_merged(connection, number, article_id)
    return None


def _not_merged(connection: Connection, number: int, article_id: int) -> StorageError:
    """Return why an article cannot be taken out of another one by its number."""
    query = (
        select(Correction.article_id)
        .join(Article, Article.id == Correction.article_id)
        .where(Correction.kind == MERGED, Correction.other_id == number, Correction.undone_at.is_(None))
        .where(Article.merged_into == article_id)
    )
    into = connection.execute(query).scalar()
    if into is None:
        return StorageError(
            f"article {number} was not merged into article {article_id}; give the addresses to be split off, "
            f"as `tidings articles show {article_id}` lists them"
        )
    return StorageError(
        f"article {number} came along with article {into}; split that one off first: `tidings articles split "
        f"{article_id} {into}`, then `tidings articles split {into} {number}`"
    )


def _unmerge(connection: Connection, kept: Row[Any], merged: Row[Any], moment: datetime) -> int:
    """Lead all that was merged back, as far as it still leads here."""
    own: int = merged.other_id
    keys = [
        key
        for some in rows.chunks(merged.details["keys"])
        for key in connection.execute(
            select(Alias.key).where(Alias.key.in_(some), Alias.article_id == kept.id)
        ).scalars()
    ]
    _lead(connection, keys, own)
    _lead_merged(connection, kept.id, own, only=merged.details["merged"])
    values = {"merged_into": None, "next_look_at": _time(merged.details["next_look_at"])}
    connection.execute(update(Article).where(Article.id == own).values(**values))
    _copy_sightings(connection, kept.id, own)
    before = {
        name: _time(value) if name.endswith("_at") else value
        for name, value in merged.details["before"].items()
    }
    other = _row(connection, own)
    if kept.fetch_url != other.fetch_url:  # it has an address of its own again
        before = {name: value for name, value in before.items() if name not in _ADDRESS}
    if not _hand_on(connection, kept.id, merged) and before:
        connection.execute(update(Article).where(Article.id == kept.id).values(**before))
    link_stories(connection, (kept.id, own), now=moment)
    index_articles(connection, (kept.id, own))
    connection.execute(update(Correction).where(Correction.id == merged.id).values(undone_at=moment))
    write_correction(connection, SPLIT, kept.id, own, moment, {"keys": keys})
    return own


def _hand_on(connection: Connection, kept: int, merged: Row[Any]) -> bool:
    """Leave an article as it is where another one was merged into it later, which may be why; undoing that restores it.

    Returns:
        Whether there is another one.
    """
    later = (
        select(Correction.id, Correction.details)
        .where(Correction.kind == MERGED, Correction.article_id == kept, Correction.undone_at.is_(None))
        .where(Correction.id > merged.id)
        .order_by(Correction.id)
    )
    other = connection.execute(later.limit(1)).one_or_none()
    if other is None:
        return False
    details = {**other.details, "before": {**other.details["before"], **merged.details["before"]}}
    connection.execute(update(Correction).where(Correction.id == other.id).values(details=details))
    return True


def _keys_of(connection: Connection, kept: Row[Any], urls: Sequence[int | str]) -> list[str]:
    """Return the keys of addresses that may be split off an article."""
    keys = list(dict.fromkeys(url_key(str(url)) for url in urls))
    for url, key in zip(urls, keys, strict=False):
        if key == kept.key:
            raise StorageError(
                f"article {kept.id}: {url} is the address by which it is known for good; split the others off"
            )
    found = select(Alias.key, Alias.article_id).where(Alias.key.in_(keys))
    owners = {row.key: row.article_id for row in connection.execute(found)}
    for url, key in zip(urls, keys, strict=False):
        if owners.get(key) != kept.id:
            raise StorageError(
                f"article {kept.id}: {url} does not lead to it; `tidings articles show {kept.id}` lists its addresses"
            )
    return keys


def _split_off(connection: Connection, kept: Row[Any], urls: Sequence[str], moment: datetime) -> int:
    """Make the article that was split off: what its page says is read by the next crawl, and told as nothing."""
    key = url_key(urls[0])
    values = {
        "key": key,
        "host": host_key(urls[0]),
        "url": urls[0],
        "fetch_url": urls[0],
        "title": kept.title,
        "title_key": kept.title_key,
        "language": kept.language,
        "authors": [],
        "sections": [],
        "first_seen_at": moment,
        "announced": kept.announced,
        "revision": 1,
        "way": Way.LISTING.value,
        "next_look_at": moment,
    }
    stale = select(Article.id).where(Article.key == key)
    if connection.execute(stale).first() is not None:
        raise StorageError(
            f"{urls[0]}: an article of this address was merged by hand; name it to split it off"
        )
    own: int = connection.execute(insert(Article).returning(Article.id), values).scalar_one()
    first = {
        "article_id": own,
        "number": 1,
        "captured_at": moment,
        "title": kept.title,
        "body_text": "",
        "fingerprint": "",
        "digest": "",
        "extractor": "",
        "way": Way.LISTING.value,
        "raw_url": urls[0],
    }
    connection.execute(insert(Revision), [first])
    return own


def _leave_addresses(connection: Connection, kept: Row[Any], keys: Sequence[str], moment: datetime) -> None:
    """Lead the article back to its own address if it was read at one that is another's; what was read there goes."""
    if url_key(kept.fetch_url) not in keys:
        return
    revision = Revision
    read = select(revision.raw_url).where(revision.article_id == kept.id).order_by(revision.number)
    own = [url for url in connection.execute(read).scalars() if url and url_key(url) == kept.key]
    left = (
        select(Alias.url)
        .where(Alias.article_id == kept.id, Alias.key.not_in(keys), Alias.evidence != FORMERLY)
        .where(Alias.url != "", Alias.url.not_like(f"{PREFIX}%"))
        .order_by(Alias.key != kept.key, Alias.created_at, Alias.key)
        .limit(1)
    )
    url = own[0] if own else connection.execute(left).scalar_one_or_none()
    # An empty digest lets the next look complete what is known in silence, instead of comparing two articles.
    values: dict[str, Any] = {"digest": "", "next_look_at": None}
    if url is not None:  # else nothing leads to it any more, until its id or its text comes back
        values |= {"url": url, "fetch_url": url, "host": host_key(url), "next_look_at": moment}
    connection.execute(update(Article).where(Article.id == kept.id).values(**values))


def _lead(connection: Connection, keys: Sequence[str], article_id: int) -> None:
    for some in rows.chunks(list(keys)):
        connection.execute(update(Alias).where(Alias.key.in_(some)).values(article_id=article_id))


def _lead_merged(
    connection: Connection, from_id: int, to_id: int, *, only: Sequence[int] | None = None
) -> list[int]:
    """Let what was merged into one article be another one; return its numbers."""
    merged = select(Article.id).where(Article.merged_into == from_id).order_by(Article.id)
    found = [each for each in connection.execute(merged).scalars() if only is None or each in only]
    for some in rows.chunks(found):
        connection.execute(update(Article).where(Article.id.in_(some)).values(merged_into=to_id))
    return found


def _copy_sightings(connection: Connection, from_id: int, to_id: int) -> None:
    """Count an article as listed wherever another one is, so that its next sighting there is no news."""
    table: Table = Sighting.__table__  # type: ignore[assignment]
    there = select(table.c.source_id).where(table.c.article_id == to_id)
    columns = [column for column in table.c if column.name != "article_id"]
    copied = select(literal(to_id), *columns).where(
        table.c.article_id == from_id, table.c.source_id.not_in(there)
    )
    names = ["article_id", *(column.name for column in columns)]
    connection.execute(insert(table).from_select(names, copied))


def _row(connection: Connection, article_id: int) -> Row[Any]:
    return connection.execute(select(Article.__table__).where(Article.id == article_id)).one()


def write_correction(
    connection: Connection,
    kind: str,
    article_id: int,
    other_id: int | None,
    moment: datetime,
    details: dict[str, Any],
) -> None:
    """Write down what a person said."""
    values = {"at": moment, "kind": kind, "article_id": article_id, "other_id": other_id, "details": details}
    connection.execute(insert(Correction), [values])


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _time(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None

"""Retention: what has become old goes, a little at a time, so that crawling and telling go on meanwhile.

Each piece is found and taken in one short transaction, under the lock by which settling is serialised. Whatever ends
it in the middle, what went is gone whole, and the rest goes the next time. Articles, their addresses and ids, and who
lists them are never touched, so nothing that was pruned is ever new again.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine, insert, select, update

from news.retention import Cut, Retention, older_than
from storage import pruned_log, pruned_runs
from storage.engine import database_now, reading, writing
from storage.pruned_runs import Ids
from storage.pruned_texts import article_texts, earlier_texts, take_texts
from storage.sources import lock_log
from storage.tables import Counter

LAST = "pruned"
"""The counter that says when pruning by itself began last, in seconds since 1970."""
DAILY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pruned:
    """How much went, or would go.

    ``revisions`` are texts of revisions, ``articles`` the articles that have no text any more, ``upto_seq`` the last
    change that is gone, ``kept_by`` the subscription that keeps the log from being cut off further.
    """

    revisions: int = 0
    articles: int = 0
    changes: int = 0
    digests: int = 0
    runs: int = 0
    held: int = 0
    upto_seq: int = 0
    kept_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """What one transaction of a step found, or took.

    ``texts`` are the articles and numbers of revisions whose texts go; ``last`` is where the next one goes on, None at
    the end.
    """

    count: int
    texts: tuple[tuple[int, int], ...] = ()
    last: int | None = None


Step = Callable[[Connection, int, datetime | None], Piece]
"""Finds what may go behind a place, and takes it at a moment; without a moment it only looks."""


def prune(
    engine: Engine,
    retention: Retention,
    *,
    now: datetime | None = None,
    told: Callable[[str, int], object] = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Pruned:
    """Take away what is older than is kept.

    Args:
        engine: the database; others may be at work on it.
        retention: how long what is kept.
        now: aware UTC; the database's clock when None.
        told: hears after each piece what it is of, and how much of that went by now.
        stopped: asked before each piece whether to leave the rest for the next time.

    Raises:
        StorageError: the database cannot be written; what went before is gone.
    """
    moment = now or _now(engine)
    gone: Counts[str] = Counts()
    for name, step in steps(retention, moment):
        last: int | None = 0
        while last is not None and not stopped():
            piece = prune_piece(engine, step, last, moment)
            gone[name] += piece.count
            gone["revisions"] += len(piece.texts)
            told(name, gone[name])
            last = piece.last
    with reading(engine) as connection:
        return _pruned(gone, pruned_log.first_change(connection) - 1, _cut(connection, retention, moment))


def prune_piece(engine: Engine, step: Step, after: int, moment: datetime) -> Piece:
    """Take one piece away, in one transaction."""
    with writing(engine) as connection:
        lock_log(connection)
        return step(connection, after, moment)


def would_prune(engine: Engine, retention: Retention, *, now: datetime | None = None) -> Pruned:
    """Return what `prune` would take away now, and change nothing."""
    moment = now or _now(engine)
    gone: Counts[str] = Counts()
    texts: set[tuple[int, int]] = set()  # those of an article may go for two reasons
    with reading(engine) as connection:
        for name, step in steps(retention, moment):
            last: int | None = 0
            while last is not None:
                piece = step(connection, last, None)
                gone[name] += piece.count
                texts |= {*piece.texts}
                last = piece.last
        gone["revisions"] = len(texts)
        cut = _cut(connection, retention, moment)
        upto = max(cut.seq if cut else 0, pruned_log.first_change(connection) - 1)
        return _pruned(gone, upto, cut)


def claim_daily(engine: Engine, *, now: datetime | None = None) -> bool:
    """Return whether it is a day since pruning by itself began; if so it begins now, and no other service does it."""
    with writing(engine) as connection:
        lock_log(connection)
        at = int((now or database_now(connection)).timestamp())
        query = select(Counter.value).where(Counter.name == LAST)
        last = connection.execute(query).scalar_one_or_none()
        if last is None:
            connection.execute(insert(Counter), [{"name": LAST, "value": at}])
            return True
        # A clock that was ahead for a while must not keep it from happening for as long.
        if 0 <= at - last < DAILY.total_seconds():
            return False
        connection.execute(update(Counter).where(Counter.name == LAST).values(value=at))
        return True


def free_bytes(engine: Engine) -> int | None:
    """Return how much of a SQLite file is free inside it; None for PostgreSQL, which looks after that itself."""
    if engine.dialect.name != "sqlite":
        return None
    with reading(engine) as connection:
        pages = int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())
        return pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def steps(retention: Retention, now: datetime) -> Iterator[tuple[str, Step]]:
    """Yield what is to be pruned, by name, each with its step."""
    revisions_before = older_than(retention.revision_days, now)
    if retention.revisions or revisions_before is not None:
        yield "revisions", partial(_revisions, keep=retention.revisions, before=revisions_before)
    for name, days, step in (
        ("articles", retention.article_days, _articles),
        ("digests", retention.digest_days, _digests),
        ("changes", retention.change_days, _changes),
        ("held", retention.run_days, _held),
        ("runs", retention.run_days, _runs),
    ):
        if (before := older_than(days, now)) is not None:
            yield name, partial(step, before=before)


def _revisions(
    connection: Connection, after: int, at: datetime | None, *, keep: int, before: datetime | None
) -> Piece:
    found = earlier_texts(connection, after, keep=keep, before=before)
    if at is not None:
        take_texts(connection, found, at)
    return Piece(count=0, texts=found.revisions, last=found.last)


def _articles(connection: Connection, after: int, at: datetime | None, *, before: datetime) -> Piece:
    found = article_texts(connection, after, before=before)
    if at is not None:
        take_texts(connection, found, at)
    return Piece(count=len(found.articles), texts=found.revisions, last=found.last)


def _changes(connection: Connection, _after: int, at: datetime | None, *, before: datetime) -> Piece:
    upto, first = pruned_log.cut(connection, before).seq, pruned_log.first_change(connection)
    if at is None or upto < first:
        return Piece(count=max(0, upto - first + 1))
    count = pruned_log.cut_off(connection, upto, at)
    return Piece(count=count, last=first + count - 1 if first + count <= upto else None)


def _runs(connection: Connection, after: int, at: datetime | None, *, before: datetime) -> Piece:
    found = pruned_runs.old_runs(connection, after, before=before)
    if at is not None:
        pruned_runs.delete_runs(connection, found.ids)
    return _ids(found)


def _held(connection: Connection, after: int, at: datetime | None, *, before: datetime) -> Piece:
    found = pruned_runs.old_held(connection, after, before=before)
    if at is not None:
        pruned_runs.delete_held(connection, found.ids)
    return _ids(found)


def _digests(connection: Connection, after: int, at: datetime | None, *, before: datetime) -> Piece:
    found = pruned_runs.old_digests(connection, after, before=before)
    if at is not None:
        pruned_runs.delete_digests(connection, found.ids)
    return _ids(found)


def _ids(found: Ids) -> Piece:
    return Piece(count=len(found.ids), last=found.last)


def _cut(connection: Connection, retention: Retention, now: datetime) -> Cut | None:
    before = older_than(retention.change_days, now)
    return None if before is None else pruned_log.cut(connection, before)


def _now(engine: Engine) -> datetime:
    with reading(engine) as connection:
        return database_now(connection)


def _pruned(gone: Counts[str], upto_seq: int, cut: Cut | None) -> Pruned:
    return Pruned(**gone, upto_seq=upto_seq, kept_by=cut.kept_by if cut else "")

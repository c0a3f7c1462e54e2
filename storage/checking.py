"""Whether a database can be trusted: what SQLite itself can find, and what must be true of our records."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, text
from sqlalchemy.orm import aliased

from news.change import ChangeKind
from storage.deliveries import DeliveryState
from storage.reader_tables import Delivery, Digest, Subscription, Target
from storage.search_table import SearchText
from storage.story_tables import StoryMember
from storage.tables import Alias, Article, Change, Counter, Revision, Run, Source

SHOWN = 20
"""Faults of one kind that are named; a damaged file may have millions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How much is kept. ``last_seq`` is the end of the log, ``runs`` those that told something."""

    articles: int
    revisions: int
    sources: int
    runs: int
    last_seq: int


def count_all(connection: Connection) -> Totals:
    """Return how much is kept."""

    def rows(table: type) -> int:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()

    last = connection.execute(select(func.max(Change.seq))).scalar_one()
    return Totals(
        articles=rows(Article),
        revisions=rows(Revision),
        sources=rows(Source),
        runs=rows(Run),
        last_seq=last or 0,
    )


def find_faults(connection: Connection) -> list[str]:
    """Return what is wrong, a line each, the gravest first; empty for a sound database.

    SQLite's own checks read the whole file. PostgreSQL keeps its references itself, so there only our records are read.
    """
    faults: list[str] = []
    if connection.dialect.name == "sqlite":
        faults += [
            f"file: {row[0]}" for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"
        ]
        faults += [
            f"table {row[0]}: row {row[1]} refers to nothing in {row[2]}"
            for row in connection.execute(text("PRAGMA foreign_key_check"))
        ]
    for found in (_log, _articles, _stories, _subscriptions, _deliveries, _search):
        faults += found(connection)
    return faults


def _log(connection: Connection) -> list[str]:
    last = connection.execute(select(func.max(Change.seq))).scalar_one() or 0
    counter = connection.execute(select(Counter.value).where(Counter.name == "changes")).scalar_one_or_none()
    faults: list[str] = []
    if counter is None:
        faults.append("counters: the row 'changes', which numbers the log, is missing")
    elif counter < last:
        faults.append(
            f"counters: 'changes' is {counter}, but the log goes up to {last}; new changes would collide"
        )
    told_twice = (
        select(Change.article_id)
        .where(Change.kind == ChangeKind.PUBLISHED)
        .group_by(Change.article_id)
        .having(func.count() > 1)
    )
    return faults + _named(
        connection, told_twice, "changes: article {} was announced as published more than once"
    )


def _articles(connection: Connection) -> list[str]:
    newest = (
        select(Revision.article_id, func.max(Revision.number).label("number"), func.count().label("count"))
        .group_by(Revision.article_id)
        .subquery()
    )
    number, count = func.coalesce(newest.c.number, 0), func.coalesce(newest.c.count, 0)
    torn = (
        select(Article.id)
        .outerjoin(newest, newest.c.article_id == Article.id)
        .where(or_(Article.revision != number, number != count))
    )
    own = aliased(Alias)
    homeless = (
        select(Article.id)
        .outerjoin(own, and_(own.key == Article.key, own.article_id == Article.id))
        .where(own.key.is_(None), Article.merged_into.is_(None))
    )
    beyond = (
        select(Change.seq)
        .join(Article, Article.id == Change.article_id)
        .where(Change.revision > Article.revision)
    )
    return [
        *_named(connection, torn, "articles: the revisions of article {} do not run from 1 to its newest"),
        *_named(connection, homeless, "aliases: article {} is not known under its own address"),
        *_named(connection, beyond, "changes: change {} names a revision that its article does not have"),
    ]


def _stories(connection: Connection) -> list[str]:
    misnamed = (
        select(StoryMember.story_id)
        .group_by(StoryMember.story_id)
        .having(or_(func.count() < 2, func.min(StoryMember.article_id) != StoryMember.story_id))
    )
    return _named(
        connection,
        misnamed,
        "stories: story {} has one article only, or lacks the one that it is named after",
    )


def _subscriptions(connection: Connection) -> list[str]:
    counter = select(Counter.value).where(Counter.name == "changes").scalar_subquery()
    last: ColumnElement[int] = func.coalesce(counter, 0)
    of_news = Subscription.alert_after_seconds.is_(None)  # alerts are counted by their own numbers
    ahead = select(Subscription.name).where(of_news, Subscription.cursor > last)
    after = aliased(Digest)
    torn = select(after.id).where(after.upto_seq < after.after_seq)
    return [
        *_named(connection, ahead, "subscriptions: {} has been told more than the log holds"),
        *_named(connection, torn, "digests: the range of digest row {} ends before it begins"),
    ]


def _deliveries(connection: Connection) -> list[str]:
    astray = (
        select(Delivery.id)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Target, Target.id == Delivery.target_id)
        .where(Digest.subscription_id != Target.subscription_id)
    )
    claimed = Delivery.state == DeliveryState.CLAIMED.value
    endless = select(Delivery.id).where(claimed, Delivery.claim_until.is_(None))
    return [
        *_named(connection, astray, "deliveries: {} brings a digest to the target of another subscription"),
        *_named(connection, endless, "deliveries: {} is claimed for ever"),
    ]


def _named(connection: Connection, query: Select[int] | Select[str], sentence: str) -> list[str]:
    found = [row[0] for row in connection.execute(query.limit(SHOWN + 1))]
    told = [sentence.format(each) for each in found[:SHOWN]]
    return [*told, "… and more of the same"] if len(found) > SHOWN else told


def _search(connection: Connection) -> list[str]:
    stands = and_(Article.merged_into.is_(None), Article.forgotten_at.is_(None))
    kept = select(SearchText.article_id)
    missing = select(Article.id).where(stands, Article.id.not_in(kept))
    extra = kept.join(Article, Article.id == SearchText.article_id).where(~stands)
    faults = []
    for wrong, what in ((missing, "are not in it"), (extra, "are in it and must not be found")):
        number = connection.execute(select(func.count()).select_from(wrong.subquery())).scalar_one()
        if number:
            faults.append(f"search index: {number} articles {what}; `tidings db reindex` makes it anew")
    return faults

"""Subscriptions and their digests: a filter with a cursor into the log, and the numbered records of what was told.

`storage.subscribing` has what a person changes of them later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, RowMapping, Select, func, insert, select, update

from news.change import ChangeKind
from news.errors import ConfigError, UnknownError
from news.redline import EditClass
from storage import reader_tables as tables
from storage.changes import last_seq
from storage.deliveries import add_delivery
from storage.engine import insert_into, writing

TOLD_KINDS = (
    ChangeKind.PUBLISHED,
    ChangeKind.EDITED,
    ChangeKind.RETITLED,
    ChangeKind.REDATED,
    ChangeKind.WITHDRAWN,
    ChangeKind.RESTORED,
)
"""What a digest tells unless its filter says otherwise; ``listed`` is quiet."""


class WhenEmpty(StrEnum):
    """What becomes of a time of the schedule at which there is nothing to tell."""

    SILENT = "silent"  # nothing: what the filter hid is counted by the next digest
    RECORD = "record"  # a numbered digest without items, which is kept and not brought
    SEND = "send"  # the same, and it is brought


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestFilter:
    """What one reader wants to be told.

    Args:
        sources: names of sources; empty for all.
        languages: BCP 47 tags, ``fr`` covering ``fr-CA``; empty for all. What has no known language is always told.
        sections: what sites file articles under, in any spelling that folds alike; empty for all. What a site does not
            file is told to nobody who asks for sections.
        kinds: kinds of change.
        min_edit_class: edits of a lower class are only counted.
        include: words of which one must stand in it (`news.word_filter`); empty for all.
        exclude: words of which none may.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    kinds: tuple[ChangeKind, ...] = TOLD_KINDS
    min_edit_class: EditClass = EditClass.MINOR
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def asks_for_more(self) -> bool:
        """Whether more than the log must be read to know what is told."""
        return bool(self.include or self.exclude or self.sections)


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionRow:
    """One subscription: everything up to ``cursor`` has been put into its digests.

    Args:
        paused: nothing is composed for it by itself, and nothing brought.
        paused_reason: why; empty where somebody of the installation did it.
        schedule: when a digest is composed by itself, in ``time_zone``: an interval or a cron line, as a source's
            schedule; empty for as soon as there is something to tell.
        due_at: the next time of its schedule; None is at once.
        quiet_hours: when nothing is composed or brought, in ``time_zone``; empty for never.
        max_items: items of one message for people; None for all.
        when_empty: what becomes of a time of its schedule with nothing to tell.
        alert_after_seconds: for one that is told of troubles instead of news, how long one must last; None for news.
    """

    id: int
    name: str
    filter: DigestFilter = field(default_factory=DigestFilter)
    cursor: int
    created_at: datetime
    paused: bool = False
    paused_reason: str = ""
    schedule: str = ""
    time_zone: str = "UTC"
    due_at: datetime | None = None
    quiet_hours: str = ""
    max_items: int | None = None
    when_empty: WhenEmpty = WhenEmpty.SILENT
    alert_after_seconds: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDigest:
    """One digest as it was stored: ``content`` is plain JSON, ``hash`` guards it."""

    number: int
    after_seq: int
    upto_seq: int
    composed_at: datetime
    content: dict[str, Any]
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestNote:
    """One stored digest, without what it tells."""

    number: int
    after_seq: int
    upto_seq: int
    composed_at: datetime
    hash: str


def subscribe(
    engine: Engine,
    name: str,
    *,
    filter: DigestFilter,  # noqa: A002
    now: datetime,
    from_start: bool = False,
) -> SubscriptionRow:
    """Create a subscription that is told what comes from now on, or everything from the start of the log.

    An existing subscription with the same filter is returned as it is, with its cursor where it was.

    Raises:
        ConfigError: the name is empty, or a subscription of that name has another filter.
    """
    check_name(name)
    with writing(engine) as connection:
        # Somebody else may be creating it at this moment: then theirs stands, and is compared.
        new = insert_into(connection, tables.Subscription).values(
            name=name,
            filter=filter_json(filter),
            cursor=0 if from_start else last_seq(connection),
            created_at=now,
        )
        connection.execute(new.on_conflict_do_nothing(index_elements=["name"]))
        row = load(connection, name)
    if row.filter != filter:
        raise ConfigError(f"The subscription {name!r} exists with another filter; choose another name.")
    return row


def check_name(name: str) -> None:
    """Refuse what is no name of a subscription.

    Raises:
        ConfigError: it is empty or too long.
    """
    if not name.strip() or len(name) > 255:
        raise ConfigError("A subscription needs a name of 1 to 255 characters.")


def load(connection: Connection, name: str, *, lock: bool = False) -> SubscriptionRow:
    """Return one subscription; with ``lock`` nobody else composes for it until the transaction ends.

    Raises:
        UnknownError: there is none of that name.
    """
    wanted = _subscriptions().where(tables.Subscription.name == name)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().first()
    if row is None:
        raise UnknownError(
            f"There is no subscription {name!r}; `tidings subscriptions list` shows those that exist."
        )
    return _subscription(row)


def list_subscriptions(connection: Connection) -> list[SubscriptionRow]:
    """Return every subscription, by name."""
    rows = connection.execute(_subscriptions().order_by(tables.Subscription.name)).mappings()
    return [_subscription(row) for row in rows]


def next_number(connection: Connection, subscription: SubscriptionRow) -> int:
    """Return the number that the next digest of a locked subscription gets; the first is 1."""
    highest = select(func.max(tables.Digest.number)).where(tables.Digest.subscription_id == subscription.id)
    return (connection.execute(highest).scalar_one() or 0) + 1


def store_digest(
    connection: Connection, subscription: SubscriptionRow, digest: StoredDigest, *, brought: bool = True
) -> None:
    """Keep a digest for good, put it into the outbox if its subscription has a target, and move the cursor to its end.

    All of it is done in the caller's transaction. One that is not to be ``brought`` is not put into the outbox.

    Raises:
        sqlalchemy.exc.IntegrityError: one was stored at the same cursor or number meanwhile.
    """
    stored = insert(tables.Digest).values(
        subscription_id=subscription.id,
        number=digest.number,
        after_seq=digest.after_seq,
        upto_seq=digest.upto_seq,
        composed_at=digest.composed_at,
        content=digest.content,
        hash=digest.hash,
    )
    digest_id = connection.execute(stored.returning(tables.Digest.id)).scalar_one()
    if brought:
        add_delivery(
            connection,
            subscription_id=subscription.id,
            digest_id=digest_id,
            digest_hash=digest.hash,
            now=digest.composed_at,
        )
    move_cursor(connection, subscription, digest.upto_seq)


def move_cursor(connection: Connection, subscription: SubscriptionRow, seq: int) -> None:
    """Set the cursor: the next digest tells what comes after ``seq``."""
    table = tables.Subscription
    connection.execute(update(table).where(table.id == subscription.id).values(cursor=seq))


def load_digest(connection: Connection, subscription: str, number: int | None = None) -> StoredDigest:
    """Return one stored digest of a subscription by its number; None asks for the newest.

    Raises:
        UnknownError: there is no such subscription or digest.
    """
    row = load(connection, subscription)
    wanted = _digests(row).order_by(tables.Digest.number.desc()).limit(1)
    if number is not None:
        wanted = wanted.where(tables.Digest.number == number)
    found = connection.execute(wanted).first()
    if found is None:
        which = "no digest yet" if number is None else f"no digest {number}"
        raise UnknownError(
            f"The subscription {subscription!r} has {which}; `tidings digest` composes the next one."
        )
    return _digest(found)


def digest_at(connection: Connection, subscription: SubscriptionRow, after_seq: int) -> StoredDigest | None:
    """Return the digest that was composed at this cursor and tells what follows, or None."""
    there = (tables.Digest.after_seq == after_seq) & (tables.Digest.upto_seq > after_seq)
    found = connection.execute(_digests(subscription).where(there)).first()
    return None if found is None else _digest(found)


def list_digests(
    connection: Connection, subscription: str, *, limit: int | None = None
) -> Sequence[StoredDigest]:
    """Return the stored digests of a subscription, the newest first."""
    wanted = _digests(load(connection, subscription)).order_by(tables.Digest.number.desc())
    rows = connection.execute(wanted if limit is None else wanted.limit(limit))
    return [_digest(row) for row in rows]


def digest_notes(
    connection: Connection, subscription: str, *, limit: int, before: int | None = None
) -> list[DigestNote]:
    """Return which digests of a subscription are stored, the newest first, without what they tell.

    ``before`` goes on below the digest with this number, which was the last of the page before.

    Raises:
        UnknownError: there is no such subscription.
    """
    table = tables.Digest
    row = load(connection, subscription)
    wanted = select(table.number, table.after_seq, table.upto_seq, table.composed_at, table.hash)
    wanted = wanted.where(table.subscription_id == row.id).order_by(table.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(table.number < before)
    return [DigestNote(**note) for note in connection.execute(wanted).mappings()]


def count_digests(connection: Connection) -> dict[int, int]:
    """Return how many digests are stored, by the ids of their subscriptions."""
    table = tables.Digest
    query = select(table.subscription_id, func.count().label("number")).group_by(table.subscription_id)
    return {row.subscription_id: row.number for row in connection.execute(query)}


def filter_json(wanted: DigestFilter) -> dict[str, Any]:
    """Return a filter as it is stored."""
    return {
        "schema": 1,
        "sources": list(wanted.sources),
        "languages": list(wanted.languages),
        "kinds": [str(kind) for kind in wanted.kinds],
        "min_edit_class": str(wanted.min_edit_class),
        **({"sections": list(wanted.sections)} if wanted.sections else {}),
        **({"include": list(wanted.include)} if wanted.include else {}),
        **({"exclude": list(wanted.exclude)} if wanted.exclude else {}),
    }


def filter_from(stored: dict[str, Any]) -> DigestFilter:
    """Return a stored filter; what an older version did not know has its default."""
    return DigestFilter(
        sources=tuple(stored.get("sources", ())),
        languages=tuple(stored.get("languages", ())),
        kinds=tuple(ChangeKind(kind) for kind in stored.get("kinds", TOLD_KINDS)),
        min_edit_class=EditClass(stored.get("min_edit_class", EditClass.MINOR)),
        sections=tuple(stored.get("sections", ())),
        include=tuple(stored.get("include", ())),
        exclude=tuple(stored.get("exclude", ())),
    )


def _subscriptions() -> Select[Any]:
    table = tables.Subscription
    return select(
        table.id,
        table.name,
        table.filter,
        table.cursor,
        table.created_at,
        table.paused,
        table.paused_reason,
        table.schedule,
        table.time_zone,
        table.due_at,
        table.quiet_hours,
        table.max_items,
        table.when_empty,
        table.alert_after_seconds,
    )


def _subscription(row: RowMapping) -> SubscriptionRow:
    when_empty = WhenEmpty(row["when_empty"])
    return SubscriptionRow(**{**row, "filter": filter_from(row["filter"]), "when_empty": when_empty})


def _digests(subscription: SubscriptionRow) -> Select[Any]:
    table = tables.Digest
    return select(
        table.number, table.after_seq, table.upto_seq, table.composed_at, table.content, table.hash
    ).where(table.subscription_id == subscription.id)


def _digest(row: Row[Any]) -> StoredDigest:
    return StoredDigest(
        number=row.number,
        after_seq=row.after_seq,
        upto_seq=row.upto_seq,
        composed_at=row.composed_at,
        content=row.content,
        hash=row.hash,
    )

"""Cutting off the beginning of the log: as far as everybody has been told of it, and what must be remembered of it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from news.change import ChangeKind
from news.retention import PAGE, Cut, cut_of
from storage.changes import counted_seq, oldest_seq
from storage.deliveries import DeliveryState
from storage.log_start_table import LogStart
from storage.reader_tables import Delivery, Digest, Subscription
from storage.tables import Article, Change, Sighting, Source

NAME = "changes"
ROWS = 5 * PAGE
"""Changes of one transaction."""


def cut(connection: Connection, before: datetime) -> Cut:
    """Return how far the log may be cut off: what is older than ``before``, and nobody still has to be told of."""
    young: int | None = connection.execute(
        select(func.min(Change.seq)).where(Change.at >= before)
    ).scalar_one()
    last = counted_seq(connection)
    return cut_of(old_upto=last if young is None else young - 1, last=last, told=_told(connection))


def told_upto(connection: Connection) -> int | None:
    """Return the last change of which every reader was told; None without a reader."""
    return min(_told(connection).values(), default=None)


def _told(connection: Connection) -> dict[str, int]:
    """Return the last change that each reader was told of for good: what is not delivered yet is not told."""
    of_news = Subscription.alert_after_seconds.is_(None)  # alerts are counted by their own numbers
    readers = select(Subscription.name, Subscription.cursor).where(of_news)
    found = {row.name: row.cursor for row in connection.execute(readers)}
    waiting = (
        select(Subscription.name, func.min(Digest.after_seq).label("seq"))
        .join(Digest, Digest.subscription_id == Subscription.id)
        .join(Delivery, Delivery.digest_id == Digest.id)
        .where(of_news, Delivery.state != DeliveryState.SENT.value)
        .group_by(Subscription.name)
    )
    for row in connection.execute(waiting):
        found[row.name] = min(found[row.name], row.seq)
    return found


def first_change(connection: Connection) -> int:
    """Return the ``seq`` of the oldest change that is kept."""
    return oldest_seq(connection) or counted_seq(connection) + 1


def cut_off(connection: Connection, upto: int, moment: datetime) -> int:
    """Delete at most `ROWS` changes up to a ``seq``, and return how many.

    Remembered are how the log began, how many rows of each source are gone, since the pages of feeds are counted by
    them, and of each source and article the change that first told of it: a later listing is no news then.
    """
    first = first_change(connection)
    upto = min(upto, (first - 1) // PAGE * PAGE + ROWS)
    if upto < first:
        return 0
    going = (Change.seq >= first, Change.seq <= upto)
    columns = (Change.seq, Change.kind, Change.source_id, Change.article_id)
    rows = connection.execute(select(*columns).where(*going).order_by(Change.seq)).all()
    _remember_beginning(connection, upto, moment)
    told: dict[tuple[int, int], int] = {}
    for row in rows:
        if row.kind in (ChangeKind.PUBLISHED, ChangeKind.LISTED):
            told.setdefault((row.source_id, row.article_id), row.seq)
    if told:
        connection.execute(
            update(Sighting.__table__)  # type: ignore[arg-type]
            .where(Sighting.source_id == bindparam("s"), Sighting.article_id == bindparam("a"))
            .values(told_seq=func.coalesce(Sighting.told_seq, bindparam("seq"))),
            [{"s": source, "a": article, "seq": seq} for (source, article), seq in told.items()],
        )
    gone = Counter(row.source_id for row in rows)
    connection.execute(
        update(Source.__table__)  # type: ignore[arg-type]
        .where(Source.id == bindparam("s"))
        .values(pruned_changes=Source.pruned_changes + bindparam("more")),
        [{"s": source, "more": number} for source, number in gone.items()],
    )
    connection.execute(delete(Change).where(*going))
    return len(rows)


def _remember_beginning(connection: Connection, upto: int, moment: datetime) -> None:
    values = {"upto_seq": upto, "pruned_at": moment}
    if connection.execute(update(LogStart).where(LogStart.name == NAME).values(values)).rowcount:
        return
    first = select(Article.key, Change.at).join(Article, Article.id == Change.article_id)
    row = connection.execute(first.order_by(Change.seq).limit(1)).one()
    made = values | {"name": NAME, "first_key": row.key, "first_at": row.at}
    connection.execute(insert(LogStart), [made])

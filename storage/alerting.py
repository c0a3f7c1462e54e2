"""What ails sources and deliveries, and what a subscription of alerts knows of it; `news.alerts` decides on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Literal

from sqlalchemy import Connection, and_, delete, func, or_, select

from news.alerts import Ailment, Watched
from news.run import Problem, Trouble
from storage.alert_tables import AlertState
from storage.deliveries import DeliveryState
from storage.engine import insert_into
from storage.quiet import silence_in
from storage.reader_tables import Delivery, Digest, Subscription
from storage.rows import chunks, load
from storage.subscriptions import SubscriptionRow
from storage.tables import Run, Source
from storage.unread import NAMED, said, title_of

Key = tuple[str, int]
"""A subject: of which kind, and its id."""
SOURCE: Literal["source"] = "source"
DELIVERY: Literal["delivery"] = "delivery"
_SHUT_OUT = frozenset({Trouble.BLOCKED, Trouble.ROBOTS})
_REFUSALS = frozenset({401, 403, 407, 429, 451})
"""Statuses by which a site says that it does not want to be read by us."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One subject as it is found.

    Args:
        ailment: what ails it; None where nothing can be said.
        since: since when.
        source: the source's name, empty for a delivery.
        title: what the source is called.
        language: that of the source's title.
        subscription: whose digest a delivery brings, and with ``number`` which.
        reason: why, in words.
    """

    ailment: Ailment | None
    since: datetime | None
    source: str = ""
    title: str = ""
    language: str = ""
    subscription: str = ""
    number: int | None = None
    reason: str = ""


def findings(
    connection: Connection, row: SubscriptionRow, watched: Mapping[Key, Watched]
) -> dict[Key, Finding]:
    """Return everything that a subscription of alerts is told of, as it is now.

    That is every source of its filter, and, where its filter names none, every delivery that was given up since the
    subscription was made or that it was told of. Deliveries of alerts are left out: telling that alerts do not arrive
    would make alerts that do not arrive.
    """
    found = dict(_sources(connection, row.filter.sources))
    if not row.filter.sources:
        told = [number for kind, number in watched if kind == DELIVERY]
        found |= dict(_deliveries(connection, row.created_at, told))
    return found


def watched_by(connection: Connection, subscription_id: int) -> dict[Key, Watched]:
    """Return what a subscription of alerts knows."""
    table = AlertState
    wanted = select(table.__table__).where(table.subscription_id == subscription_id)
    return {
        (row.subject, row.subject_id): Watched(
            ailment=Ailment(row.trouble), since=row.since, told=Ailment(row.told), told_at=row.told_at
        )
        for row in connection.execute(wanted)
    }


def write_watched(
    connection: Connection,
    subscription_id: int,
    changed: Mapping[Key, Watched],
    gone: Iterable[Key],
) -> None:
    """Write what a subscription of alerts knows now, in the caller's transaction, who has locked the subscription."""
    table = AlertState
    for kind, number in gone:
        which = and_(
            table.subscription_id == subscription_id, table.subject == kind, table.subject_id == number
        )
        connection.execute(delete(table).where(which))
    for (kind, number), known in changed.items():
        values = {
            "trouble": known.ailment.value,
            "since": known.since,
            "told": known.told.value,
            "told_at": known.told_at,
        }
        key = {"subscription_id": subscription_id, "subject": kind, "subject_id": number}
        written = insert_into(connection, table).values(**key, **values)
        connection.execute(written.on_conflict_do_update(index_elements=list(key), set_=values))


def _sources(connection: Connection, names: tuple[str, ...]) -> Iterable[tuple[Key, Finding]]:
    columns = (
        Source.id, *NAMED, said("time_zone"), Source.paused, Source.failing_since, Source.baseline_run_id,
        Source.created_at, Source.last_ok_at, Source.news_days, Source.reason,
    )  # fmt: skip
    wanted = select(*columns).order_by(Source.name)
    rows = connection.execute(wanted.where(Source.name.in_(names)) if names else wanted).all()
    problems = latest_problems(connection, [row.id for row in rows if row.failing_since is not None])
    for row in rows:
        ailment, since = ailment_of(row, problems.get(row.id, ()))
        failing = ailment in (Ailment.BROKEN, Ailment.BLOCKED)
        yield (
            (SOURCE, row.id),
            Finding(
                ailment=ailment,
                since=since,
                source=row.name,
                title=title_of(row),
                language=row.language or "",
                reason=row.reason if failing else "",
            ),
        )


def ailment_of(row: Any, problems: Iterable[Problem]) -> tuple[Ailment | None, datetime | None]:
    """Return what ails a source and since when; None and None where nothing can be said, since a person paused it.

    Args:
        row: whether it is ``paused``, ``failing_since`` and ``last_ok_at``, and what `silence_in` reads.
        problems: what went wrong in its latest run.
    """
    fatal = [problem for problem in problems if problem.fatal]
    if row.paused and not is_gone(fatal):
        return None, None  # a person's doing
    if row.failing_since is not None:
        shut = any(each.trouble in _SHUT_OUT or each.status in _REFUSALS for each in fatal)
        return (Ailment.BLOCKED if shut else Ailment.BROKEN), row.failing_since
    if silence := silence_in(row):
        return Ailment.QUIET, datetime.combine(silence.since, time(), UTC)
    return Ailment.NONE, None


def is_gone(problems: Iterable[Problem]) -> bool:
    """Return whether a listing said that it is gone for good, by which its source is paused."""
    return any(problem.fatal and problem.trouble is Trouble.GONE for problem in problems)


def latest_problems(connection: Connection, source_ids: list[int]) -> dict[int, list[Problem]]:
    """Return what went wrong in the latest run of each source."""
    found: dict[int, list[Problem]] = {}
    for some in chunks(source_ids, size=500):
        latest = select(func.max(Run.id)).where(Run.source_id.in_(some)).group_by(Run.source_id)
        for row in connection.execute(select(Run.source_id, Run.problems).where(Run.id.in_(latest))):
            found[row.source_id] = [load(Problem, each) for each in row.problems]
    return found


def _deliveries(connection: Connection, since: datetime, told: list[int]) -> Iterable[tuple[Key, Finding]]:
    died_at = func.coalesce(Delivery.last_attempt_at, Delivery.created_at)
    dead = and_(Delivery.state == DeliveryState.DEAD.value, died_at >= since)
    wanted = (
        select(
            Delivery.id,
            Delivery.state,
            Delivery.last_attempt_at,
            Delivery.created_at,
            Delivery.last_error,
            Subscription.name,
            Digest.number,
        )
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Subscription, Subscription.id == Digest.subscription_id)
        .where(Subscription.alert_after_seconds.is_(None))
        .order_by(Delivery.id)
    )
    for some in chunks(told, size=500) if told else [()]:
        for row in connection.execute(wanted.where(or_(dead, Delivery.id.in_(some)))):
            # One that is tried again is neither: it was told of, and its end is not known yet.
            states = {"dead": Ailment.DEAD, "sent": Ailment.NONE}
            yield (
                (DELIVERY, row.id),
                Finding(
                    ailment=states.get(row.state),
                    since=row.last_attempt_at or row.created_at,
                    subscription=row.name,
                    number=row.number,
                    reason=row.last_error,
                ),
            )

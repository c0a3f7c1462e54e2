"""Subscriptions as people read them: what they are told, when, where it is brought, and how that fares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from digest.targets.kinds import target_for
from digest.targets.target import Carriage
from digest.wording import count, line, moment
from news.errors import ConfigError
from storage.deliveries import DeliveryState, count_by_subscription
from storage.engine import reading
from storage.subscriptions import count_digests, list_subscriptions, load
from storage.targets import targets_by_subscription
from tidings.show import STYLES, plain, styled
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.subscriptions import SubscriptionRow
    from storage.targets import TargetRow
    from tidings.show_table import Cell


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """One subscription with all that is shown of it."""

    row: SubscriptionRow
    target: TargetRow | None
    digests: int
    deliveries: Counter[DeliveryState] = field(default_factory=Counter)

    @property
    def state(self) -> str:
        """How it fares, in one word: the word that asks for a person first."""
        if self.row.paused:
            return "paused"
        if self.target is None:
            return "by hand"
        if self.target.disabled_at is not None:
            return "disabled"
        if self.deliveries[DeliveryState.DEAD]:
            return "dead letters"
        return "failing" if self.target.failures else "ok"

    @property
    def waiting(self) -> int:
        """How many digests are on their way."""
        return self.deliveries[DeliveryState.WAITING] + self.deliveries[DeliveryState.CLAIMED]


def known_subscriptions(engine: Engine, name: str | None = None) -> list[Known]:
    """Return all subscriptions by name, or one.

    Raises:
        StorageError: there is none of this name.
    """
    with reading(engine) as connection:
        rows = list_subscriptions(connection) if name is None else [load(connection, name)]
        targets, digests = targets_by_subscription(connection), count_digests(connection)
        deliveries = count_by_subscription(connection)
    return [
        Known(
            row=row,
            target=targets.get(row.id),
            digests=digests.get(row.id, 0),
            deliveries=deliveries.get(row.name, Counter()),
        )
        for row in rows
    ]


def subscription_table(found: Sequence[Known]) -> None:
    """Write subscriptions as a table to stdout."""
    rows: list[list[Cell]] = [
        [
            plain(each.row.name),
            "-" if each.target is None else place_of(each.target),
            "-" if each.target is None else each.row.schedule or "at once",
            styled((each.state, _style(each.state))),
            str(each.digests),
            str(each.waiting),
            str(each.deliveries[DeliveryState.DEAD]),
        ]
        for each in found
    ]
    headings = ["NAME", "TARGET", "WHEN", "STATE", "#DIGESTS", "#WAITING", "#DEAD"]
    table(headings, rows, flexible="TARGET")


def subscription_lines(known: Known, *, now: datetime) -> Iterator[str]:
    """Yield all that is known of one subscription, a line each."""
    row, target = known.row, known.target
    yield f"{plain(row.name)}: {known.state}"
    if row.paused_reason:
        yield _fact("paused", line(row.paused_reason))
    yield _fact("sources", ", ".join(row.filter.sources) or "all")
    yield _fact("languages", ", ".join(row.filter.languages) or "all")
    if row.filter.include:
        yield _fact("words", "; ".join(map(line, row.filter.include)))
    if row.filter.exclude:
        yield _fact("without", "; ".join(map(line, row.filter.exclude)))
    yield _fact("kinds", ", ".join(map(str, row.filter.kinds)))
    yield _fact("told up to", f"change {row.cursor}; {count(known.digests, 'digest', 'digests')}")
    if target is None:
        yield _fact("target", f"none: `tidings digest --subscription {plain(row.name)}` composes its digests")
        return
    yield _fact("target", f"{target.kind}: {place_of(target)}")
    yield _fact("composed", when_composed(row))
    if row.due_at is not None:
        yield _fact("next", f"{moment(row.due_at)} ({ago(row.due_at, now)})")
    yield _fact("deliveries", _deliveries(known))
    if target.disabled_at is not None:
        yield _fact("disabled", f"{moment(target.disabled_at)}: {line(target.disabled_reason)}")
        yield _fact("", f"`tidings subscriptions resume {plain(row.name)}` uses it again")
    elif target.not_before is not None and target.not_before > now:
        failed = count(target.failures, "attempt", "attempts")
        yield _fact("failing", f"{failed} failed in a row; nothing more before {moment(target.not_before)}")


def place_of(target: TargetRow) -> str:
    """Return where a target is, for people, without anything secret."""
    try:
        return line(target_for(target.kind, target.options, target.secret, Carriage()).place)
    except ConfigError as error:
        return f"{target.kind}: {line(str(error))}"


def when_composed(row: SubscriptionRow) -> str:
    """Return the rhythm of a subscription in words."""
    return (
        f"by schedule: {row.schedule} ({row.time_zone})" if row.schedule else "as soon as there is something"
    )


def _deliveries(known: Known) -> str:
    dead = known.deliveries[DeliveryState.DEAD]
    told = f"{known.deliveries[DeliveryState.SENT]} sent, {known.waiting} waiting, {dead} dead"
    if not dead:
        return told
    return f"{told}; `tidings deliveries retry --subscription {plain(known.row.name)}` tries them again"


def _style(state: str) -> str:
    return {"ok": STYLES["ok"], "by hand": "", "paused": STYLES["paused"], "failing": STYLES["partial"]}.get(
        state, STYLES["failed"]
    )


def _fact(name: str, value: str) -> str:
    return f"  {name:<16} {value}"

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
from news.redline import EditClass
from storage.deliveries import DeliveryState, count_by_subscription
from storage.engine import database_now, reading
from storage.subscribing import next_time
from storage.subscriptions import WhenEmpty, count_digests, list_subscriptions, load
from storage.targets import targets_by_subscription
from tidings.show import STYLES, plain, styled
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.subscriptions import SubscriptionRow
    from storage.targets import TargetRow
    from tidings.show_table import Cell


_WHEN_EMPTY = {
    WhenEmpty.RECORD: "a digest without items is kept, and not brought",
    WhenEmpty.SEND: "a digest without items is brought",
}
_EDITS = {
    EditClass.COSMETIC: "every one is told",
    EditClass.MINOR: "cosmetic ones are only counted",
    EditClass.SUBSTANTIVE: "only substantive ones are told, others counted",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """One subscription with all that is shown of it; ``next_at`` is when a digest is composed next, None at once."""

    row: SubscriptionRow
    target: TargetRow | None
    digests: int
    next_at: datetime | None = None
    deliveries: Counter[DeliveryState] = field(default_factory=Counter)

    @property
    def is_on_its_own(self) -> bool:
        """Whether digests are composed by themselves: it has a target, or times of its own."""
        return self.target is not None or bool(self.row.schedule)

    @property
    def state(self) -> str:
        """How it fares, in one word: the word that asks for a person first."""
        if self.row.paused:
            return "paused"
        if self.target is None:
            return "ok" if self.is_on_its_own else "by hand"
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
        deliveries, now = count_by_subscription(connection), database_now(connection)
    return [
        Known(
            row=row,
            target=targets.get(row.id),
            digests=digests.get(row.id, 0),
            next_at=next_time(row, now) if row.id in targets or row.schedule else None,
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
            _when(each.row) if each.is_on_its_own else "-",
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
    yield from _wanted(row)
    what = "change" if row.alert_after_seconds is None else "alert"
    yield _fact("told up to", f"{what} {row.cursor}; {count(known.digests, 'digest', 'digests')}")
    if target is not None:
        yield _fact("target", f"{target.kind}: {place_of(target)}")
    elif row.schedule:
        yield _fact("target", "none: its digests are read by `tidings digest --number N`, or in the browser")
    else:
        yield _fact("target", f"none: `tidings digest --subscription {plain(row.name)}` composes its digests")
        return
    yield from _rhythm(known, now)
    if target is not None:
        yield from _how_it_fares(known, target, now)


def _rhythm(known: Known, now: datetime) -> Iterator[str]:
    row = known.row
    yield _fact("composed", when_composed(row))
    if row.quiet_hours:
        yield _fact("quiet hours", f"{row.quiet_hours} ({row.time_zone})")
    if row.when_empty is not WhenEmpty.SILENT:
        yield _fact("nothing new", _WHEN_EMPTY[row.when_empty])
    if row.max_items:
        yield _fact("message", f"{count(row.max_items, 'item', 'items')} at most; the rest is counted")
    if known.next_at is not None:
        yield _fact("next", f"{moment(known.next_at)} ({ago(known.next_at, now)})")


def _how_it_fares(known: Known, target: TargetRow, now: datetime) -> Iterator[str]:
    yield _fact("deliveries", _deliveries(known))
    if target.disabled_at is not None:
        yield _fact("disabled", f"{moment(target.disabled_at)}: {line(target.disabled_reason)}")
        yield _fact("", f"`tidings subscriptions resume {plain(known.row.name)}` uses it again")
    elif target.not_before is not None and target.not_before > now:
        failed = count(target.failures, "attempt", "attempts")
        yield _fact("failing", f"{failed} failed in a row; nothing more before {moment(target.not_before)}")


def _wanted(row: SubscriptionRow) -> Iterator[str]:
    yield _fact("sources", ", ".join(row.filter.sources) or "all")
    yield _fact("languages", ", ".join(row.filter.languages) or "all")
    if row.filter.sections:
        yield _fact("sections", ", ".join(map(line, row.filter.sections)))
    if row.filter.include:
        yield _fact("words", "; ".join(map(line, row.filter.include)))
    if row.filter.exclude:
        yield _fact("without", "; ".join(map(line, row.filter.exclude)))
    if row.alert_after_seconds is None:
        yield _fact("kinds", ", ".join(map(str, row.filter.kinds)))
        yield _fact("edits", _EDITS.get(row.filter.min_edit_class, str(row.filter.min_edit_class)))


def place_of(target: TargetRow) -> str:
    """Return where a target is, for people, without anything secret."""
    try:
        return line(target_for(target.kind, target.options, target.secret, Carriage()).place)
    except ConfigError as error:
        return f"{target.kind}: {line(str(error))}"


def when_composed(row: SubscriptionRow) -> str:
    """Return the rhythm of a subscription in words."""
    if row.schedule:
        return f"by schedule: {row.schedule} ({row.time_zone})"
    if row.alert_after_seconds is None:
        return "as soon as there is something"
    return f"when something has been wrong for {lasting(row.alert_after_seconds)}"


def _when(row: SubscriptionRow) -> str:
    if row.alert_after_seconds is not None:
        return "alerts"
    return row.schedule or "at once"


def lasting(seconds: int) -> str:
    """Return a time as it is typed.

    >>> lasting(900), lasting(90), lasting(7200), lasting(0)
    ('15m', '90s', '2h', '0m')
    """
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}" if seconds else "0m"


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

"""What a person makes of subscriptions: adding one with its target and rhythm, changing, pausing and removing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from news.errors import ConfigError, StorageError
from storage.changes import last_seq
from storage.deliveries import DeliveryState
from storage.engine import database_now, insert_into, writing
from storage.quiet_hours import after_quiet, check_quiet_hours, end_of_quiet
from storage.reader_tables import Delivery, Digest, Subscription, Target
from storage.schedule import check_schedule, next_due
from storage.subscriptions import DigestFilter, SubscriptionRow, WhenEmpty, check_name, filter_json, load
from storage.targets import TargetPlan, put_target, target_of, wake_target


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """When digests are composed by themselves.

    Args:
        schedule: an interval or a cron line, as of a source; empty for as soon as there is something to tell.
        time_zone: the IANA name of the zone in which a cron line and quiet hours are meant.
        quiet_hours: when nothing is composed or brought, such as ``22:00-07:00``; empty for never.
        when_empty: what becomes of a time of the schedule with nothing to tell.
    """

    schedule: str = ""
    time_zone: str = "UTC"
    quiet_hours: str = ""
    when_empty: WhenEmpty = WhenEmpty.SILENT

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the next time after a moment, or the end of the quiet hours it lies in; None is at once.

        Raises:
            ConfigError: the schedule, the zone or the quiet hours cannot be followed, or nothing is due that could be
                empty.
        """
        check_schedule(self.schedule or "1h", self.time_zone)
        check_quiet_hours(self.quiet_hours)
        if not self.schedule:
            if self.when_empty is not WhenEmpty.SILENT:
                raise ConfigError(
                    f"--empty {self.when_empty} goes with a --schedule: without one nothing is due "
                    "before there is something to tell"
                )
            return None
        due = next_due(self.schedule, self.time_zone, after=moment)
        return after_quiet(self.quiet_hours, self.time_zone, due)

    def values(self, moment: datetime) -> dict[str, Any]:
        """Return the columns that hold it, with the next time after a moment."""
        return {
            "schedule": self.schedule,
            "time_zone": self.time_zone,
            "quiet_hours": check_quiet_hours(self.quiet_hours),
            "when_empty": self.when_empty.value,
            "due_at": self.next_after(moment),
        }


def rhythm_of(row: SubscriptionRow) -> Rhythm:
    """Return the rhythm of a subscription as it is."""
    return Rhythm(
        schedule=row.schedule,
        time_zone=row.time_zone,
        quiet_hours=row.quiet_hours,
        when_empty=row.when_empty,
    )


def next_time(row: SubscriptionRow, now: datetime) -> datetime | None:
    """Return when a digest is composed next at the earliest, quiet hours and all; None is at once."""
    due = row.due_at if row.schedule else None
    at = max(due, now) if due is not None else now
    quiet_until = end_of_quiet(row.quiet_hours, row.time_zone, at)
    return quiet_until or due


def add(
    engine: Engine,
    name: str,
    *,
    filter: DigestFilter,  # noqa: A002
    target: TargetPlan | None = None,
    rhythm: Rhythm | None = None,
    max_items: int | None = None,
    alert_after_seconds: int | None = None,
    from_start: bool = False,
    now: datetime | None = None,
) -> SubscriptionRow:
    """Make a subscription, which is told what comes from now on, or everything from the start of the log.

    With ``alert_after_seconds`` it is told of troubles that last so long instead (`digest.alerts`).

    Raises:
        ConfigError: the name is taken or none at all, or the rhythm cannot be followed.
    """
    check_name(name)
    rhythm = rhythm or Rhythm()
    with writing(engine) as connection:
        at = now or database_now(connection)
        new = insert_into(connection, Subscription).values(
            name=name,
            filter=filter_json(filter),
            # Alerts are counted by their own numbers.
            cursor=0 if from_start or alert_after_seconds is not None else last_seq(connection),
            created_at=at,
            max_items=max_items,
            alert_after_seconds=alert_after_seconds,
            **rhythm.values(at),
        )
        # Counted by what comes back: of an INSERT the drivers do not count alike.
        made = new.on_conflict_do_nothing(index_elements=["name"]).returning(Subscription.id)
        if connection.execute(made).first() is None:
            raise ConfigError(
                f"subscription {name}: there is one of this name; `tidings subscriptions edit {name}` changes it"
            )
        row = load(connection, name)
        if target is not None:
            put_target(connection, row.id, target, now=at)
        return row


def edit(
    engine: Engine,
    name: str,
    *,
    filter: DigestFilter | None = None,  # noqa: A002
    target: TargetPlan | None = None,
    rhythm: Rhythm | None = None,
    max_items: int | None = None,
    alert_after_seconds: int | None = None,
    now: datetime | None = None,
) -> SubscriptionRow:
    """Change what is given and leave the rest; the cursor stays, and what waits is brought to the new target.

    ``max_items`` 0 means all items again.

    Raises:
        StorageError: there is no such subscription.
        ConfigError: the rhythm cannot be followed.
    """
    with writing(engine) as connection:
        row = load(connection, name, lock=True)
        at = now or database_now(connection)
        values: dict[str, Any] = {}
        if filter is not None:
            values["filter"] = filter_json(filter)
        if rhythm is not None:
            values |= rhythm.values(at)
            if (rhythm.schedule, rhythm.time_zone) == (row.schedule, row.time_zone):
                values["due_at"] = row.due_at  # it may be what quiet hours have put off
        if max_items is not None:
            values["max_items"] = max_items or None
        if alert_after_seconds is not None:
            values["alert_after_seconds"] = alert_after_seconds
        if values:
            _set(connection, row, **values)
        if target is not None:
            put_target(connection, row.id, target, now=at)
        return load(connection, name)


def pause(engine: Engine, name: str) -> None:
    """Compose nothing by itself for a subscription, and bring nothing; what comes meanwhile is told later.

    Raises:
        StorageError: there is no such subscription.
    """
    with writing(engine) as connection:
        _set(connection, load(connection, name, lock=True), paused=True, paused_reason="")


def resume(engine: Engine, name: str) -> None:
    """Go on with a paused subscription at once, also with a target that was disabled.

    Raises:
        StorageError: there is no such subscription.
    """
    with writing(engine) as connection:
        row = load(connection, name, lock=True)
        _set(connection, row, paused=False, paused_reason="")
        target = target_of(connection, row.id)
        if target is not None:
            wake_target(connection, target.id)


def remove(engine: Engine, name: str, *, with_digests: bool = False) -> int:
    """Remove a subscription with its target, and with its stored digests if that is meant; return how many these were.

    Raises:
        StorageError: there is no such subscription, it has digests, or one of them is being brought at this moment.
    """
    with writing(engine) as connection:
        row = load(connection, name, lock=True)
        count = select(func.count()).select_from(Digest).where(Digest.subscription_id == row.id)
        digests = connection.execute(count).scalar_one()
        if digests and not with_digests:
            raise StorageError(
                f"subscription {name}: it has {digests} stored digest{'s' if digests != 1 else ''}; add --with-digests "
                "if these are to be gone too, or pause it"
            )
        target = target_of(connection, row.id)
        if target is not None:
            _take_away(connection, name, target.id)
        connection.execute(delete(Digest).where(Digest.subscription_id == row.id))
        connection.execute(delete(Subscription).where(Subscription.id == row.id))
        return digests


def set_due(connection: Connection, row: SubscriptionRow, *, now: datetime) -> None:
    """Write when a subscription is due next, after what was due has been composed: in the same transaction."""
    _set(connection, row, due_at=rhythm_of(row).next_after(now))


def _take_away(connection: Connection, name: str, target_id: int) -> None:
    locked = select(Target.id).where(Target.id == target_id).with_for_update()
    connection.execute(locked)
    of_it = Delivery.target_id == target_id
    at = database_now(connection)
    held = select(Delivery.id).where(
        of_it, Delivery.state == DeliveryState.CLAIMED.value, Delivery.claim_until > at
    )
    if connection.execute(held.limit(1)).first() is not None:
        raise StorageError(
            f"subscription {name}: one of its digests is being brought at this moment; try again when that is done"
        )
    connection.execute(delete(Delivery).where(of_it))
    connection.execute(delete(Target).where(Target.id == target_id))


def _set(connection: Connection, row: SubscriptionRow, **values: Any) -> None:
    connection.execute(update(Subscription).where(Subscription.id == row.id).values(**values))

"""Targets: where a subscription's digests are brought, one for each subscription, and how it fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from storage.reader_tables import Subscription, Target, new_leave_token


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetPlan:
    """Where a person wants digests brought.

    Args:
        kind: ``file``, ``mail``, ``webhook`` or ``apprise``.
        options: what the kind needs, as plain JSON. People see of it what `digest.targets.kinds` shows.
        secret: what nobody is shown again.
    """

    kind: str
    options: Mapping[str, Any]
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetRow:
    """One target as it is stored.

    Args:
        failures: attempts of any delivery that failed since one was accepted.
        not_before: until when it is left in peace for that.
        disabled_at: since when it wants nothing more, until a person says otherwise.
    """

    id: int
    subscription_id: int
    kind: str
    options: Mapping[str, Any]
    secret: str = field(repr=False)
    failures: int
    not_before: datetime | None
    disabled_at: datetime | None
    disabled_reason: str


COLUMNS = (
    Target.id,
    Target.subscription_id,
    Target.kind,
    Target.options,
    Target.secret,
    Target.failures,
    Target.not_before,
    Target.disabled_at,
    Target.disabled_reason,
)
_AT_REST: dict[str, Any] = {
    "failures": 0,
    "not_before": None,
    "disabled_at": None,
    "disabled_reason": "",
}


def target_of(connection: Connection, subscription_id: int) -> TargetRow | None:
    """Return the target of a subscription, or None."""
    wanted = select(*COLUMNS).where(Target.subscription_id == subscription_id)
    row = connection.execute(wanted).first()
    return None if row is None else target_from(row)


def targets_by_subscription(connection: Connection) -> dict[int, TargetRow]:
    """Return every target by the id of its subscription."""
    found = map(target_from, connection.execute(select(*COLUMNS)))
    return {target.subscription_id: target for target in found}


def put_target(connection: Connection, subscription_id: int, plan: TargetPlan, *, now: datetime) -> None:
    """Give a subscription a target, or another one in the place of its target: what waits is brought there then.

    Where it goes to another mailbox, the link by which the old one's reader left it leads nowhere from then on.
    """
    values = {"kind": plan.kind, "options": dict(plan.options), "secret": plan.secret, **_AT_REST}
    known = target_of(connection, subscription_id)
    if known is None:
        connection.execute(insert(Target), {"subscription_id": subscription_id, "created_at": now, **values})
    else:
        connection.execute(update(Target).where(Target.id == known.id), values)
        if known.options.get("to") != plan.options.get("to"):
            left = update(Subscription).where(Subscription.id == subscription_id)
            connection.execute(left.values(leave_token=new_leave_token()))


def wake_target(connection: Connection, target_id: int) -> None:
    """Use a target again that was disabled or is being left in peace."""
    connection.execute(update(Target).where(Target.id == target_id), _AT_REST)


def target_from(row: Row[Any]) -> TargetRow:
    """Return a row of ``COLUMNS`` as what leaves this package."""
    return TargetRow(**{column.key: getattr(row, column.key) for column in COLUMNS})

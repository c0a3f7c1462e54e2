"""Leaving a subscription without signing in, by the secret that its mails carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from news.errors import UnknownError
from storage.engine import database_now, writing
from storage.reader_tables import Subscription


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaving:
    """A subscription that its reader may leave, and whether that was done."""

    name: str
    left: bool


REASON = "unsubscribed by its reader"


def leave_token(connection: Connection, subscription: str) -> str:
    """Return the secret by which a subscription is left; empty if there is no such subscription any more."""
    wanted = select(Subscription.leave_token).where(Subscription.name == subscription)
    return connection.execute(wanted).scalar_one_or_none() or ""


def leaving(connection: Connection, token: str) -> Leaving:
    """Return which subscription a secret leads to.

    Raises:
        UnknownError: to none.
    """
    table = Subscription
    wanted = select(table.name, table.paused, table.paused_reason).where(table.leave_token == token)
    row = connection.execute(wanted).first()
    if row is None:
        raise UnknownError("This link leads to no subscription; it may have been removed.")
    return Leaving(name=row.name, left=row.paused and row.paused_reason.startswith(REASON))


def leave(engine: Engine, token: str, *, now: datetime | None = None) -> Leaving:
    """Pause the subscription to which a secret leads, and write down why; again, it stays as it is.

    Its digests stay, and what waits to be brought waits on: `storage.subscribing.resume` goes on with all of it. It
    happens at ``now``; None is the database's clock.

    Raises:
        UnknownError: it leads to none.
    """
    with writing(engine) as connection:
        found = leaving(connection, token)
        if not found.left:
            reason = f"{REASON} on {now or database_now(connection):%Y-%m-%d at %H:%M} UTC"
            left = update(Subscription).where(Subscription.leave_token == token)
            connection.execute(left.values(paused=True, paused_reason=reason))
        return Leaving(name=found.name, left=True)

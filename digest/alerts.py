"""Alerts: what went wrong or is well again, told once; a digest of them is stored with the state that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.content import digest_from, sealed, stored_form
from digest.model import RECOVERED, Alert, Digest
from news.alerts import Watched, noticed
from storage import subscriptions
from storage.alerting import DELIVERY, Finding, Key, findings, watched_by, write_watched
from storage.subscriptions import SubscriptionRow


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """What one look comes to: what is to be told, to be remembered, and to be forgotten."""

    alerts: tuple[Alert, ...]
    changed: Mapping[Key, Watched]
    gone: tuple[Key, ...]

    @property
    def is_new(self) -> bool:
        return bool(self.changed or self.gone)


def anything_new(connection: Connection, row: SubscriptionRow, *, now: datetime) -> bool:
    """Return whether `compose_alerts` would write anything; it is only looked."""
    return _look(connection, row, now).is_new


def compose_alerts(connection: Connection, row: SubscriptionRow, *, now: datetime) -> Digest | None:
    """Compose and store what a locked subscription of alerts is to be told, with what it knows from then on.

    All of it stands in the caller's transaction: a crash leaves an alert told and remembered, or neither.

    Returns:
        The digest, its range being the numbers of the alerts; None where there is none to be told.
    """
    stored = subscriptions.digest_at(connection, row, row.cursor)
    if stored is not None:  # the cursor was set back
        subscriptions.move_cursor(connection, row, stored.upto_seq)
        return digest_from(stored)
    look = _look(connection, row, now)
    write_watched(connection, row.id, look.changed, look.gone)
    if not look.alerts:
        return None
    number = subscriptions.next_number(connection, row)
    digest = sealed(replace(_draft(row, look, now), number=number))
    subscriptions.store_digest(connection, row, stored_form(digest))
    return digest


def preview_alerts(connection: Connection, row: SubscriptionRow, *, now: datetime) -> Digest:
    """Return what `compose_alerts` would tell now, without a number; nothing is stored."""
    return sealed(_draft(row, _look(connection, row, now), now))


def _look(connection: Connection, row: SubscriptionRow, now: datetime) -> _Look:
    watched = watched_by(connection, row.id)
    found = findings(connection, row, watched)
    alerts: list[Alert] = []
    changed: dict[Key, Watched] = {}
    gone = [key for key in watched if key not in found]
    for key, finding in found.items():
        before = watched.get(key)
        # A delivery is given up after days of attempts: there is nothing to wait for.
        seconds = 0 if key[0] == DELIVERY else row.alert_after_seconds or 0
        after = noticed(
            before, finding.ailment, since=finding.since, now=now, least=timedelta(seconds=seconds)
        )
        if after.tell is not None:
            alerts.append(_alert(key, finding, before, after.tell))
        if after.watched is None and before is not None:
            gone.append(key)
        elif after.watched is not None and after.watched != before:
            changed[key] = after.watched
    return _Look(alerts=tuple(alerts), changed=changed, gone=tuple(gone))


def _alert(key: Key, finding: Finding, before: Watched | None, told: Watched) -> Alert:
    return Alert(
        state=str(told.told) or RECOVERED,
        before=str(before.told) if before is not None else "",
        since=told.since,
        source=finding.source,
        title=finding.title,
        language=finding.language,
        delivery=key[1] if key[0] == DELIVERY else None,
        subscription=finding.subscription,
        number=finding.number,
        reason=finding.reason if told.told else "",
    )


def _draft(row: SubscriptionRow, look: _Look, now: datetime) -> Digest:
    return Digest(
        number=None,
        subscription=row.name,
        after_seq=row.cursor,
        upto_seq=row.cursor + len(look.alerts),
        upto_run_id=0,
        composed_at=now,
        alerts=look.alerts,
    )

"""Composing by itself: which subscriptions are due, each composed in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from digest.alerts import anything_new
from digest.compose import compose_for, goes_on
from digest.model import Digest
from news.errors import ConfigError, DigestError
from storage import subscriptions
from storage.changes import last_seq
from storage.engine import database_now, reading, writing
from storage.quiet_hours import end_of_quiet
from storage.subscribing import set_due
from storage.subscriptions import DigestFilter, SubscriptionRow
from storage.targets import targets_by_subscription

logger = logging.getLogger(__name__)

ALERTS_SECONDS = 30.0
"""How often it is looked whether anything ails, at most: the silences of all sources are counted for that."""

Looked = tuple[int, DigestFilter, int]
"""A cursor and a filter, and the end of the log up to which they were found to tell nothing."""


class DueDigests:
    """Composes what is due for subscriptions that have a target.

    It remembers, as long as it lives, up to where a subscription had nothing to be told: nothing is read again before
    the log has grown.

    Args:
        engine: a ready database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looked: dict[int, Looked] = {}
        self._alerts_at: datetime | None = None

    def compose(self, *, now: datetime | None = None) -> list[Digest]:
        """Compose for every subscription that is due, and return the digests that were stored.

        One without a schedule is due when there is something new in the log. At the time of a schedule a digest is
        composed if there is anything to tell, and what did not fit waits for the next time: a reader gets one message
        a period; where that is chosen, also one of nothing (`WhenEmpty`). What was due while nobody looked is made up
        for once, and what is due in quiet hours at their end.

        Args:
            now: an aware time in place of the database's clock.

        Raises:
            StorageError: the database cannot be used. What is composed by then is stored.
        """
        with reading(self._engine) as connection:
            at = now or database_now(connection)
            end = last_seq(connection)
            rows = _on_their_own(connection)
            alerting = self._alerting(connection, rows, at)
            due = [row for row in rows if row.id in alerting or self._is_due(row, at, end)]
        composed = []
        for row in due:
            try:
                digest = self._composed(row.name, now)
            except (DigestError, ConfigError) as error:  # it does not keep the others
                logger.warning("subscription %s: no digest could be composed: %s", row.name, error)
                continue
            if digest is not None:
                composed.append(digest)
            elif not row.schedule:
                self._looked[row.id] = (row.cursor, row.filter, end)
        return composed

    def _alerting(self, connection: Connection, rows: Sequence[SubscriptionRow], at: datetime) -> set[int]:
        """Return the subscriptions of alerts for which there is anything to be written."""
        looked = self._alerts_at
        if looked is not None and looked <= at < looked + timedelta(seconds=ALERTS_SECONDS):
            return set()
        self._alerts_at = at
        able = [row for row in rows if row.alert_after_seconds is not None and _is_able(row, at)]
        return {row.id for row in able if anything_new(connection, row, now=at)}

    def _is_due(self, row: SubscriptionRow, at: datetime, end: int) -> bool:
        if row.alert_after_seconds is not None or not _is_able(row, at):
            return False
        if row.schedule:
            return True
        return end > row.cursor and self._looked.get(row.id) != (row.cursor, row.filter, end)

    def _composed(self, name: str, now: datetime | None) -> Digest | None:
        with writing(self._engine) as connection:
            row = subscriptions.load(connection, name, lock=True)
            at = now or database_now(connection)
            # Another scheduler may have composed it between the look and the lock.
            if not _may_be_told(row, at):
                return None
            digest = compose_for(connection, row, now=at, when_empty=row.when_empty)
            if row.schedule and (digest is not None or not goes_on(connection, row)):
                set_due(connection, row, now=at)
            return digest


def _is_able(row: SubscriptionRow, at: datetime) -> bool:
    """Return `_may_be_told`; a time zone that this machine does not know keeps nobody else."""
    try:
        return _may_be_told(row, at)
    except ConfigError as error:
        logger.warning("subscription %s: no digest can be composed: %s", row.name, error)
        return False


def _may_be_told(row: SubscriptionRow, at: datetime) -> bool:
    """Return whether a subscription's time has come, whatever there is to tell."""
    if row.paused or (row.schedule and row.due_at is not None and row.due_at > at):
        return False
    return end_of_quiet(row.quiet_hours, row.time_zone, at) is None


def _on_their_own(connection: Connection) -> Sequence[SubscriptionRow]:
    """Return the subscriptions of which digests are composed by themselves.

    Those are the ones with a target that wants them and, of those without a target, the ones with times of their own.
    """
    targets = targets_by_subscription(connection)
    return [
        row
        for row in subscriptions.list_subscriptions(connection)
        if (targets[row.id].disabled_at is None if row.id in targets else row.schedule)
    ]

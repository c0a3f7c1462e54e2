"""How long a server asks us to wait (RFC 9110 §10.2.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

DEFAULT_WAIT = timedelta(seconds=60)
"""What is waited where a server asks for patience without saying how much."""


def retry_after(value: str, now: datetime) -> timedelta:
    """Return the wait that a ``Retry-After`` header asks for, the default one where it cannot be read.

    >>> now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    >>> retry_after("120", now).total_seconds(), retry_after("soon", now).total_seconds()
    (120.0, 60.0)
    """
    asked = asked_wait(value, now)
    return DEFAULT_WAIT if asked is None else asked


def asked_wait(value: str, now: datetime) -> timedelta | None:
    """Return what a ``Retry-After`` header says: seconds, or an HTTP date, never negative; None if it says neither.

    >>> now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    >>> asked_wait("Sun, 22 Nov 2026 08:05:00 GMT", now).total_seconds(), asked_wait("soon", now)
    (300.0, None)
    """
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return timedelta(seconds=int(value))
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # a year or an offset that no date has
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))

"""When a delivery that failed is tried again, and when it is given up. Pure; `storage.deliveries` asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

BASE_SECONDS = 60.0
MAX_SECONDS = 6 * 3_600.0
"""No wait of our own is longer."""
MAX_ASKED_SECONDS = 86_400.0
"""No wait that a receiver asks for is longer than a day."""
MAX_ATTEMPTS = 20
MAX_AGE = timedelta(days=5)
"""After its first attempt a delivery is tried for so long; at the usual pace 20 attempts take three days."""
SPREAD = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why an attempt failed.

    Args:
        reason: in words for people, without any secret.
        permanent: the receiver has refused this very message, and would do so again.
        retry_after_seconds: how long the receiver asks to be left in peace.
        gone: the receiver wants nothing more at all: its target is disabled.
    """

    reason: str
    permanent: bool = False
    retry_after_seconds: float | None = None
    gone: bool = False


def next_attempt(
    attempts: int, failure: Failure, *, first_at: datetime, now: datetime, key: str = ""
) -> datetime | None:
    """Return when a delivery is tried again, or None where it is given up.

    The wait doubles from a minute up to six hours. What the receiver asks for (``Retry-After``) makes it longer, never
    shorter: one that always asks for a second would be asked twenty times within a minute.

    Args:
        attempts: how often it was tried, the failed attempt included.
        failure: what happened.
        first_at: when it was first tried.
        now: aware UTC.
        key: spreads deliveries that failed together, each always by the same share.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    >>> down = Failure(reason="no answer")
    >>> [(next_attempt(n, down, first_at=now, now=now) - now).total_seconds() for n in (1, 2, 3, 19)]
    [60.0, 120.0, 240.0, 21600.0]
    >>> (
    ...     next_attempt(20, down, first_at=now, now=now),
    ...     next_attempt(1, Failure(reason="", permanent=True), first_at=now, now=now),
    ... )
    (None, None)
    """
    if failure.permanent or failure.gone or attempts >= MAX_ATTEMPTS or now - first_at >= MAX_AGE:
        return None
    return now + timedelta(seconds=_wait(attempts, failure, key))


def left_in_peace(failures: int, failure: Failure, *, now: datetime, key: str = "") -> datetime | None:
    """Return until when nothing at all is brought to a target that failed, or None where that says nothing of it.

    So a receiver that is down is asked once each time and not by everything that waits for it. One message that it
    cannot take keeps the others until it is given up, since they arrive in order; a refusal for good is that at once.

    Args:
        failures: attempts of any delivery to it that failed in a row, the last one included.
        failure: what happened.
        now: aware UTC.
        key: as in ``next_attempt``.
    """
    if failure.permanent or failure.gone:
        return None
    return now + timedelta(seconds=_wait(failures, failure, key))


def _wait(failed: int, failure: Failure, key: str) -> float:
    own = min(BASE_SECONDS * (1 << min(max(failed - 1, 0), 32)), MAX_SECONDS)
    if key:
        own *= 1 + SPREAD * _share(key)
    asked = failure.retry_after_seconds or 0.0
    return max(own, min(asked, MAX_ASKED_SECONDS))


def _share(key: str) -> float:
    """Return a number from 0 to 1 that depends on the key alone."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") / 0xFFFF_FFFF

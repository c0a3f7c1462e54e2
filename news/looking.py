"""When to look at an article again, and when to try a pending one."""

from __future__ import annotations

from datetime import datetime, timedelta

AGES = tuple(timedelta(minutes=minutes) for minutes in (15, 60, 180, 1440, 4320))
"""The ages at which a known article is looked at again; after the last, no more."""
RETURNS = tuple(timedelta(days=days) for days in (1, 3, 7))
"""How long after a withdrawal it is looked whether the article is back."""
CONFIRM_AFTER = timedelta(hours=1)
"""A 404 counts as a withdrawal when it is still one this much later."""
LOST_AFTER = timedelta(days=1)
"""The same of a page that answers 200 and seems to say that there is nothing: sites have many reasons for that."""
JUST_NOW = timedelta(minutes=2)
"""A page that gives a time so shortly before it was asked for may write the time of every answer."""
PENDING_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (15, 60, 180, 720, 1440))
PENDING_ATTEMPTS = 5
PENDING_AT_MOST = timedelta(hours=48)


def next_look(
    first_seen_at: datetime,
    now: datetime,
    missing_at: datetime | None,
    withdrawn_at: datetime | None = None,
    *,
    confirm_after: timedelta = CONFIRM_AFTER,
) -> datetime | None:
    """Return when an article that was just looked at is due again, or None for never.

    :param missing_at: when its page first answered 404, if it does: then it is asked again to confirm.
    :param confirm_after: how much later that is.
    :param withdrawn_at: since when it is withdrawn, if it is: it may come back.
    """
    if missing_at is not None:
        return max(missing_at + confirm_after, now + timedelta(minutes=1))
    times = [first_seen_at + age for age in AGES]
    if withdrawn_at is not None:
        times += [withdrawn_at + age for age in RETURNS]
    return min((time for time in times if time > now), default=None)


def next_attempt(attempts: int, first_seen_at: datetime, now: datetime) -> datetime:
    """Return when a pending entry is tried again; never later than the moment at which it is settled anyway.

    :param attempts: how often it was tried so far.
    """
    delay = PENDING_DELAYS[min(attempts, len(PENDING_DELAYS) - 1)]
    return max(now + timedelta(minutes=1), min(now + delay, first_seen_at + PENDING_AT_MOST))


def is_exhausted(attempts: int, first_seen_at: datetime, now: datetime, *, was_read: bool = False) -> bool:
    """Return whether a pending entry is now settled as well as it can be.

    :param was_read: whether its page was, so that it waits for nothing but old addresses, which a run may have had no
        room to ask: then only attempts count. Days in which its source was not read at all ask nobody.
    """
    is_late = attempts > 0 and now - first_seen_at >= PENDING_AT_MOST
    return attempts >= PENDING_ATTEMPTS or (is_late and not was_read)

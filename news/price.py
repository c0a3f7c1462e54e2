"""What one question costs: the price that all sources with an adaptive schedule share, and what a host has left.

A day ends at midnight in UTC. Then the price moves by the square root of what was used over what there was to use, and
faster where that was far too much: sources that are asked too often make each question dearer for all. What was used
beyond the budget is owed, and paid back over the next days, so that a week comes to its budget also while rates are
being learnt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

LEAST_STEP, MOST_STEP = 0.8, 1.25
"""By which factors a price may move in a day."""
AIMED_AT = 0.99
"""The share of the budget that is aimed at: a hundredth is kept for days on which sources turn."""
STEADY = 1.1
"""Up to so much too much is a weekday beside a weekend; beyond it the price follows at once, and not by the root."""
REPAID_DAYS = 3.0
"""In so many days what is owed is paid back."""
MOST_OWED_DAYS = 1.0
"""No more than so many days' budget is ever owed, or saved up: a service that was off does not make up for it."""
FARTHEST = 100.0
"""By which factor a price may depart from the first one: bounds of waits may leave no price that fits."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """How often may be asked.

    ``reads_per_day`` is of a source with an adaptive schedule, on average over all of them: together they share so
    many. ``host_requests`` is how many requests a day a host gets before they leave it alone, whatever was asked for.
    """

    reads_per_day: float = 48.0
    host_requests: int = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """The price since ``since``, for which ``used`` pages of listings were asked; ``owed`` is from earlier days."""

    value: float
    since: datetime
    used: int = 0
    owed: float = 0.0


def first_price(budget: Budget, now: datetime) -> Price:
    """Return the price before anything was used: it fits sources of which nothing is known yet.

    >>> first_price(Budget(reads_per_day=24), datetime(2026, 1, 5, tzinfo=UTC)).value * 24
    1.0
    """
    return Price(value=1 / budget.reads_per_day, since=now)


def is_over(price: Price, now: datetime) -> bool:
    """Return whether the day of a price has ended."""
    return _day_of(now) > _day_of(price.since)


def next_price(price: Price, now: datetime, *, budget: Budget, sources: int) -> Price:
    """Return the price for a new day.

    Args:
        price: that of the day which was, or of the part of it in which anything was asked.
        now: a moment of the new day.
        budget: how often may be asked.
        sources: how many sources share it.
    """
    whole = budget.reads_per_day * max(sources, 1)
    share = (_midnight_after(price.since) - price.since) / _DAY
    given = AIMED_AT * whole * share
    aim = max(given - price.owed / REPAID_DAYS, given / 2)
    ratio = price.used / aim
    step = math.sqrt(min(ratio, STEADY)) * max(ratio / STEADY, 1.0)
    step = min(max(step, LEAST_STEP), MOST_STEP) ** share
    first = first_price(budget, now).value
    most = MOST_OWED_DAYS * whole
    return Price(
        value=min(max(price.value * step, first / FARTHEST), first * FARTHEST),
        since=now,
        owed=min(max(price.owed + price.used - given, -most), most),
    )


def host_free_at(used: int, now: datetime, budget: Budget) -> datetime:
    """Return from when on a host may be asked again, out of its requests of today.

    A host that uses them up faster than the day passes gets the rest evenly; one without any left has to wait until
    midnight.

    Args:
        used: how many requests it was sent today.
        now: an aware moment of today.

    >>> noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    >>> [host_free_at(used, noon, Budget(host_requests=100)).strftime("%d %H:%M") for used in (50, 88, 100)]
    ['05 12:00', '05 13:00', '06 00:00']
    """
    midnight = _midnight_after(now)
    left, rest = budget.host_requests - used, midnight - now
    if left <= 0:
        return midnight
    return now if used / budget.host_requests <= 1 - rest / _DAY else now + rest / left


def _day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _midnight_after(at: datetime) -> datetime:
    return datetime.combine(_day_of(at) + _DAY, time(), UTC)

"""The hours of a week as a source lives them: 24 of its working days, then 24 of its weekend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HOURS = 48
"""How many hours are told apart."""
SHARES = (5 / 7 / 24,) * 24 + (2 / 7 / 24,) * 24
"""What share of a week each of them is."""
_SATURDAY_AND_SUNDAY = (5, 6)
_FRIDAY_AND_SATURDAY = (4, 5)
_RESTS_ON_FRIDAYS = frozenset(
    f"{region}/{city}"
    for region, cities in {
        "Africa": "Algiers Cairo Khartoum Tripoli",
        "Asia": "Aden Amman Baghdad Bahrain Damascus Dhaka Gaza Hebron Jerusalem Kuwait Muscat Qatar Riyadh "
        "Tel_Aviv Tehran",
        "Indian": "Maldives",
    }.items()
    for city in cities.split()
)
"""Zones of countries whose offices are shut on Fridays and open on Sundays."""
_SPREAD = ((-2, 1 / 16), (-1, 4 / 16), (0, 6 / 16), (1, 4 / 16), (2, 1 / 16))
_WORKDAY_NAMES, _WEEKEND_NAMES = "on working days", "at weekends"


def hour_of(at: datetime, zone: ZoneInfo) -> int:
    """Return the number of the hour in which a moment lies, in the source's own time zone.

    >>> hour_of(datetime(2026, 11, 27, 9, 30, tzinfo=UTC), ZoneInfo("Africa/Tunis"))  # a Friday
    10
    >>> hour_of(datetime(2026, 11, 27, 9, 30, tzinfo=UTC), ZoneInfo("Africa/Cairo")) - 24
    11
    """
    local = at.astimezone(zone)
    return _numbers(zone)[local.weekday() * 24 + local.hour]


def lived(
    shape: Sequence[float], start: datetime, end: datetime, zone: ZoneInfo, *, half_life: float
) -> float:
    """Return how many days a stretch of time counts, each hour by its shape and by its age at the end.

    Clocks that change meanwhile are passed over, and no more than five half-lives are looked at.

    >>> at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    >>> round(lived((2.0,) * HOURS, at - timedelta(days=1), at, ZoneInfo("UTC"), half_life=1e6), 3)
    2.0
    """
    hours = min((end - start) / timedelta(hours=1), half_life * 24 * 5)
    local, numbers = end.astimezone(zone), _numbers(zone)
    place = local.weekday() * 24 + local.hour
    into = (local.minute * 60 + local.second) / 3_600
    kept, found, weight = decay(1 / 24, half_life), 0.0, 1.0
    length = min(into, hours)
    while hours > 0:
        found += shape[numbers[place]] * length * weight
        hours -= length
        weight = weight * kept if length == 1 else weight * decay(length / 24, half_life)
        place, length = (place - 1) % 168, min(1.0, hours)
    return found / 24


@lru_cache(maxsize=512)
def _numbers(zone: ZoneInfo) -> tuple[int, ...]:
    """Return the number of each hour from Monday on."""
    rest = _FRIDAY_AND_SATURDAY if zone.key in _RESTS_ON_FRIDAYS else _SATURDAY_AND_SUNDAY
    return tuple(hour + (24 if day in rest else 0) for day in range(7) for hour in range(24))


def hours_between(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, datetime, float]]:
    """Yield the hours of a stretch of time: the number of each, where it begins, and how long it lasts in days.

    >>> at = datetime(2026, 11, 27, 21, 30, tzinfo=UTC)
    >>> [number for number, _, _ in hours_between(at, at + timedelta(hours=2), ZoneInfo("Africa/Tunis"))]
    [22, 23, 24]
    """
    moment, end = start.astimezone(UTC), end.astimezone(UTC)
    while moment < end:
        local = moment.astimezone(zone)
        into = local.minute * 60 + local.second + local.microsecond / 1e6
        until = min(moment + timedelta(seconds=3_600 - into), end)
        yield hour_of(moment, zone), moment, (until - moment) / timedelta(days=1)
        moment = until


def hour_named(number: int) -> str:
    """Return an hour as people say it.

    >>> hour_named(9), hour_named(24)
    ('on working days at 9 h', 'at weekends at 0 h')
    """
    return f"{_WORKDAY_NAMES if number < 24 else _WEEKEND_NAMES} at {number % 24} h"


def smoothed(hours: tuple[float, ...]) -> list[float]:
    """Return what is counted by hour, spread over the two hours before and behind (1:4:6:4:1), round the clock."""
    found = [0.0] * HOURS
    for begin in (0, 24):
        for hour in range(24):
            near = (hours[begin + (hour + shift) % 24] * share for shift, share in _SPREAD)
            found[begin + hour] = sum(near)
    return found


def decay(days: float, half_life: float) -> float:
    """Return the weight of what is so many days old.

    >>> decay(28, 28)
    0.5
    """
    return math.exp(-days * math.log(2) / half_life)

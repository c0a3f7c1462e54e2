"""Quiet hours: the part of each day in which a reader is brought nothing, in the reader's own time zone.

They delay and never drop: what is due within them is due at their end. A night in which the clocks are changed has one
stretch of quiet like any other. Where an hour comes twice it begins at the first reading of its beginning, and ends at
the second of its end; where an hour is skipped, the moment of the jump stands for what does not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from news.errors import ConfigError
from storage.schedule import first_instant, zone_named

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*[-\u2013]\s*([01][0-9]|2[0-4]):([0-5][0-9])")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Hours:
    begin: time
    end: time

    def of(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the stretch that begins on a day, in UTC."""
        last = day if self.begin < self.end else day + _DAY
        begin = first_instant(datetime.combine(day, self.begin), zone)
        return begin, _last_instant(datetime.combine(last, self.end), zone)


def check_quiet_hours(text: str) -> str:
    """Return quiet hours as they are stored, such as ``22:00-07:00``; the empty text is none.

    Raises:
        ConfigError: they cannot be read, or never end.

    >>> check_quiet_hours("22:00 - 24:00"), check_quiet_hours("")
    ('22:00-00:00', '')
    """
    if not text.strip():
        return ""
    hours = _hours(text)
    return f"{hours.begin:%H:%M}-{hours.end:%H:%M}"


def end_of_quiet(text: str, time_zone: str, at: datetime) -> datetime | None:
    """Return when the quiet hours end that a moment lies in, in UTC; None where it lies in none.

    Args:
        text: as `check_quiet_hours` returned them.
        time_zone: the IANA name of the reader's zone.
        at: an aware datetime.

    Raises:
        ConfigError: the hours or the zone cannot be read.

    >>> end_of_quiet("22:00-07:00", "Africa/Tunis", datetime(2026, 3, 1, 23, tzinfo=UTC)).isoformat()
    '2026-03-02T06:00:00+00:00'
    """
    if not text:
        return None
    hours, zone, at = _hours(text), zone_named(time_zone), at.astimezone(UTC)
    today = at.astimezone(zone).date()
    # A stretch begins the day before at the earliest; two days, where a zone leaves a day out.
    for day in (today - 2 * _DAY, today - _DAY, today, today + _DAY):
        begin, end = hours.of(day, zone)
        if begin <= at < end:
            return end
    return None


def after_quiet(text: str, time_zone: str, at: datetime) -> datetime:
    """Return a moment or, where it lies in quiet hours, their end."""
    return end_of_quiet(text, time_zone, at) or at


def _hours(text: str) -> _Hours:
    match = _HOURS.fullmatch(text.strip())
    if match is None or (match[3] == "24" and match[4] != "00"):
        raise ConfigError(f"quiet hours {text!r}: write when they begin and end, such as 22:00-07:00")
    hours = _Hours(time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4])))
    if hours.begin == hours.end:
        raise ConfigError(f"quiet hours {text!r}: they would never end; `subscriptions pause` brings nothing")
    return hours


def _last_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when the wall clock shows ``wall`` for the last time, or the moment of the jump that skips it."""
    early, late = wall.replace(tzinfo=zone).astimezone(UTC), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return late if early <= late else first_instant(wall, zone)

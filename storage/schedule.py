"""When a source is due again: intervals (``30m``) and cron lines in the source's own time zone.

A cron line has the five fields of POSIX ``crontab``: minute, hour, day of the month, month, day of the week. Two things
differ on purpose. Days of the week are names, since some schedulers count from Monday and others from Sunday. And a
line gives the day of the month or the day of the week, not both, since some join the two by *and*, others by *or*.

At a change of the clocks a line that names its hours fires once: at the first moment that exists when its time is
skipped, at the first of the two when it comes twice. A line for every hour goes on hour by hour.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from news.errors import ConfigError

MIN_SECONDS = 60
MAX_SECONDS = 31 * 86_400
MAX_BACKOFF_SECONDS = 86_400
SPREAD = 0.05
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_INTERVAL = re.compile(r"([0-9]{1,7})([smhd])")
_STEP = re.compile(r"(?P<first>\*|[a-z0-9]+)(?:-(?P<last>[a-z0-9]+))?(?:/(?P<step>[0-9]+))?")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 6),
)
_HORIZON_DAYS = 366 * 9  # 29 February may be eight years away, around a century's turn
_NEAR = timedelta(
    hours=3
)  # no zone moves its clocks further than this, leaving changes of the date line aside


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cron:
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    hourly: bool


def check_schedule(text: str, time_zone: str) -> None:
    """Refuse a schedule or a time zone that cannot be followed.

    Raises:
        ConfigError: with the reason, and what to write instead.
    """
    zone_named(time_zone)
    if interval_seconds(text) is None:
        _cron(text)


def interval_seconds(schedule: str) -> int | None:
    """Return the seconds of an interval such as ``90s``, ``15m``, ``2h`` or ``1d``, or None for a cron line.

    >>> interval_seconds("15m"), interval_seconds("0 6 * * mon-fri")
    (900, None)
    """
    match = _INTERVAL.fullmatch(schedule.strip().lower())
    if match is None:
        return None
    seconds = int(match[1]) * _UNITS[match[2]]
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise ConfigError(f"schedule {schedule!r}: an interval is between 60s and 31d")
    return seconds


def next_due(schedule: str, time_zone: str, *, after: datetime, name: str = "") -> datetime:
    """Return the next time that a source is due, in UTC and always later than ``after``.

    Times that were missed meanwhile are not made up for: the answer is the next one from ``after`` on.

    Args:
        schedule: an interval or a cron line.
        time_zone: the IANA name of the zone in which a cron line is meant.
        after: an aware datetime, usually the end of the last run.
        name: the source's name. It moves an interval by up to 5 %, always by the same share, so that sources which
            were started together drift apart.

    Raises:
        ConfigError: for what ``check_schedule`` refuses.

    >>> next_due("0 7 * * *", "Africa/Tunis", after=datetime(2026, 3, 1, 8, tzinfo=UTC)).isoformat()
    '2026-03-02T06:00:00+00:00'
    """
    seconds = interval_seconds(schedule)
    after = after.astimezone(UTC)
    if seconds is None:
        return _next_firing(_cron(schedule), zone_named(time_zone), after)
    return after + timedelta(seconds=max(MIN_SECONDS, round(seconds * (1 + SPREAD * _share(name)))))


def due_from(schedule: str, time_zone: str, bound: datetime) -> datetime:
    """Return when a source is due that must not be asked before ``bound``: then, or at its line's next time from then.

    Args:
        schedule: an interval, a cron line, or ``adaptive``, which moves as an interval does.
        time_zone: the IANA name of the zone in which a cron line is meant.
        bound: an aware datetime.

    Raises:
        ConfigError: for what ``check_schedule`` refuses.

    >>> due_from("0 7 * * *", "UTC", datetime(2026, 3, 1, 7, tzinfo=UTC)).isoformat()
    '2026-03-01T07:00:00+00:00'
    """
    if interval_seconds(schedule) is not None or schedule.strip().lower().startswith("adaptive"):
        return bound
    return next_due(schedule, time_zone, after=bound - timedelta(microseconds=1))


def backoff(failures: int, base_seconds: float) -> float:
    """Return the seconds to wait after ``failures`` failed runs in a row: doubled each time, up to a day.

    A source that is asked more rarely than daily keeps its own rhythm.

    >>> [backoff(n, 900) for n in (0, 1, 2, 20)]
    [900, 1800, 3600, 86400]
    """
    ceiling = max(MAX_BACKOFF_SECONDS, base_seconds)
    return min(base_seconds * (1 << min(max(failures, 0), 32)), ceiling)


def _share(name: str) -> float:
    """Return a number from -1 to 1 that depends on the name alone; 0 without a name."""
    if not name:
        return 0.0
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big") / 0xFFFF_FFFF * 2 - 1


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        ConfigError: there is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ConfigError(
            f"time zone {name!r} is unknown: write an IANA name such as 'UTC' or 'Africa/Casablanca'"
        ) from None


# ------------------------------------------------------------------------------------------------ the line


@lru_cache(maxsize=1024)
def _cron(text: str) -> _Cron:
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        raise ConfigError(
            f"schedule {text!r}: write an interval like '30m', or five cron fields (minute, hour, day, month, day name)"
        )
    try:
        minutes, hours, days, months, weekdays = (_field(i, field) for i, field in enumerate(fields))
    except ValueError as error:
        raise ConfigError(f"schedule {text!r}: {error}") from None
    if fields[2] != "*" and fields[4] != "*":
        raise ConfigError(
            f"schedule {text!r}: give the day of the month or the weekday, and '*' for the other"
        )
    if not any(min(days) <= _MONTH_DAYS[month - 1] for month in months):
        raise ConfigError(
            f"schedule {text!r}: no such day is in any of these months, so it would never be due"
        )
    return _Cron(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(weekdays),
        hourly=len(hours) == 24,
    )


def _field(index: int, text: str) -> set[int]:
    name, lowest, highest = _FIELDS[index]
    values: set[int] = set()
    for part in text.split(","):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no {name}")
        step = int(match["step"] or 1)
        if step == 0 or step > highest:
            raise ValueError(f"a step of {step} makes no sense for the {name}")
        if match["first"] == "*":
            if match["last"] or (name == "weekday" and match["step"]):
                raise ValueError(f"{part!r} is no {name}")
            first, last = lowest, highest
        else:
            first = _value(index, match["first"])
            last = _value(index, match["last"]) if match["last"] else (highest if match["step"] else first)
        if last < first and name != "weekday":
            raise ValueError(f"the {name} range {part!r} runs backwards")
        if last < first:  # a week may begin on any day: sun-thu
            last += 7
        values.update((value % 7 if name == "weekday" else value) for value in range(first, last + 1, step))
    return values


def _value(index: int, text: str) -> int:
    name, lowest, highest = _FIELDS[index]
    if name == "weekday":
        if text not in _WEEKDAYS:
            raise ValueError(
                f"{text!r} is no weekday: write names (mon … sun), since some programs count days from Monday "
                "and others from Sunday"
            )
        return _WEEKDAYS.index(text)
    if name == "month" and text in _MONTHS:
        return _MONTHS.index(text) + 1
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise ValueError(f"{text!r} is no {name} ({lowest}-{highest})")
    return int(text)


# ------------------------------------------------------------------------------------------------ the clock


def _next_firing(cron: _Cron, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first instant after ``after`` at which the wall clock of ``zone`` shows a time of the line."""
    local = after.astimezone(zone).replace(tzinfo=None, fold=0)
    offsets = {(after + shift).astimezone(zone).utcoffset() for shift in (-_NEAR, timedelta(), _NEAR)}
    best: datetime | None = None
    for wall in _walls(cron, local if len(offsets) == 1 else local - _NEAR):
        instants = [instant for instant in _instants(wall, zone, hourly=cron.hourly) if instant > after]
        if instants:
            best = min([*instants, best] if best else instants)
            # A later wall time can come no earlier than the first reading of this one.
            if wall > local and first_instant(wall, zone) >= best:
                return best
    if best is None:
        raise ConfigError("the schedule is not due within the next nine years")
    return best


def _walls(cron: _Cron, start: datetime) -> Iterator[datetime]:
    """Yield the wall-clock times of the line from ``start`` on, in order."""
    first: date = start.date()
    for days in range(_HORIZON_DAYS):
        day = first + timedelta(days=days)
        if day.month not in cron.months or day.day not in cron.days or day.weekday() not in cron.weekdays:
            continue
        for hour in cron.hours:
            for minute in cron.minutes:
                wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall clock has no zone
                if wall >= start:
                    yield wall


def _instants(wall: datetime, zone: ZoneInfo, *, hourly: bool) -> list[datetime]:
    """Return when a wall clock shows a time: once, twice (only an hourly line uses both), or never."""
    early = wall.replace(tzinfo=zone).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if early == late:
        return [early]
    if early < late:
        return [early, late] if hourly else [early]
    return [] if hourly else [first_instant(wall, zone)]


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when the wall clock first shows ``wall``, or the moment of the jump that skips it."""
    early = wall.replace(tzinfo=zone).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if early <= late:
        return early
    # In a gap the two readings lie on either side of the jump: narrow it down to the second.
    before, behind = late, early
    offset = before.astimezone(zone).utcoffset()
    while behind - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((behind - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            behind = middle
    return behind

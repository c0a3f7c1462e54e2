"""When digests are composed, as a form asks it and as a schedule says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

WEEKDAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
WHENS = {
    "now": "as soon as there is something",
    "hourly": "every hour",
    "daily": "every day at a time",
    "weekly": "every week on a day at a time",
    "own": "by a schedule of your own",
}
_DAILY = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* \*")
_WEEKLY = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* (mon|tue|wed|thu|fri|sat|sun)")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class RhythmChoice:
    """What a form says of it: one of `WHENS`, and what that needs."""

    when: str = "now"
    at: str = "07:00"
    weekday: str = "mon"
    own: str = ""


def choice_of(schedule: str) -> RhythmChoice:
    """Return how a form shows a schedule.

    >>> choice_of("30 7 * * fri")
    RhythmChoice(when='weekly', at='07:30', weekday='fri', own='30 7 * * fri')
    """
    if not schedule:
        return RhythmChoice()
    if schedule == "1h":
        return RhythmChoice(when="hourly", own=schedule)
    if match := _DAILY.fullmatch(schedule):
        return RhythmChoice(when="daily", at=f"{int(match[2]):02}:{int(match[1]):02}", own=schedule)
    if match := _WEEKLY.fullmatch(schedule):
        clock = f"{int(match[2]):02}:{int(match[1]):02}"
        return RhythmChoice(when="weekly", at=clock, weekday=match[3], own=schedule)
    return RhythmChoice(when="own", own=schedule)


def schedule_of(choice: RhythmChoice) -> str:
    """Return the schedule that a form chose; empty is as soon as there is something.

    Raises:
        ValueError: the time of day is none; in words for people.

    >>> schedule_of(RhythmChoice(when="weekly", at="7:05", weekday="sun"))
    '5 7 * * sun'
    """
    if choice.when in ("daily", "weekly"):
        clock = _CLOCK.fullmatch(choice.at.strip())
        if clock is None:
            raise ValueError("Write a time of day such as 07:30.")
        day = choice.weekday if choice.when == "weekly" else "*"
        return f"{int(clock[2])} {int(clock[1])} * * {day}"
    return {"now": "", "hourly": "1h"}.get(choice.when, choice.own.strip())

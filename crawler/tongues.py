"""Dates in the words of languages beyond English, French and Arabic, in the eras and calendars of their press.

`news.dates` knows three languages by heart. The names of months and the relative phrases of the others are those that
dateparser carries (from Unicode's CLDR); what is made of them is decided here, within bounds and in linear time: a
day, month and year that stand together, or a phrase such as "hace 2 horas". Read too are the dates of East Asia
(2024年3月5日, 令和6年3月5日, 2024년 3월 5일) and of Iran (the solar Hijri calendar). Nothing is guessed: a month that
the language does not have, or a year that cannot be one of publication, gives no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from crawler.extraction.languages import CODES
from news.date_words import fold, strip_vowels
from news.dates import MAX_DATE_TEXT, Precision, Stamp, plausible_year, whole_date

_MONTHS = (
    "january february march april may june july august september october november december".split()
)  # the keys of CLDR's data
_AGO = re.compile(r"\\1 (second|minute|hour|day|week|month|year) ago")
_FIXED = re.compile(r"(\d) (second|minute|hour|day|week) ago")
_SECONDS = MappingProxyType(
    {
        "second": 1,
        "minute": 60,
        "hour": 3600,
        "day": 86_400,
        "week": 604_800,
        "month": 2_629_800,
        "year": 31_557_600,
    }
)
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2})[:.](\d\d)(?::(\d\d))?(?![\d:.])")
# The fold takes a Korean syllable for its first letter, so the signs are looked up folded as well.
_YEAR_SIGN, _MONTH_SIGN, _DAY_SIGN = (f"[{fold(signs)}]" for signs in ("年년", "月월", "日일"))
_EAST = re.compile(
    r"(?:(?P<era>令和|平成|昭和|r|h)\s?(?P<n>\d{1,2}|元)|(?P<y>\d{4}))"
    rf"\s?{_YEAR_SIGN}\s?(?P<m>\d{{1,2}})\s?{_MONTH_SIGN}\s?(?P<d>\d{{1,2}})\s?{_DAY_SIGN}?"
    rf"|(?P<m2>\d{{1,2}})\s?{_MONTH_SIGN}\s?(?P<d2>\d{{1,2}})\s?{_DAY_SIGN}"
)
_EAST_MONTH = re.compile(rf"(\d{{4}})\s?{_YEAR_SIGN}\s?(\d{{1,2}})\s?{_MONTH_SIGN}")
_POINTED_ERA = re.compile(
    r"(?<![^\W_])(?P<era>r|h|令和|平成)\s?(?P<n>\d{1,2})[./](?P<m>\d{1,2})[./](?P<d>\d{1,2})(?!\d)"
)
_SHORT_YEAR = re.compile(r"(?<![\w'])'(\d\d)(?!\d)")  # Nov 18 '24
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925}
_SOLAR_HIJRI_MONTHS = (
    "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split(),
    "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت".split(),
)
_SOLAR_HIJRI_YEARS = range(1360, 1500)
_NUMBERS = re.compile(r"(?<![\d./-])(\d{4})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{1,2})(?![\d/])")
_BETWEEN = r"[\s,.]{0,3}(?:d[aeio]l?|of|ng|den|der|ta'|tháng|,)?[\s,.\u0640/-]{0,3}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tongue:
    """The words of one language: months by folded name, the patterns that find them, and its relative phrases."""

    months: dict[str, int]
    day_first: re.Pattern[str]
    month_first: re.Pattern[str]
    without_year: re.Pattern[str]
    month_only: re.Pattern[str]
    relative: re.Pattern[str] | None
    units: tuple[str, ...]
    fixed: dict[str, int]


def read_in_words(
    text: str, *, language: str, now: datetime, time_zone: str = "UTC", provenance: str
) -> Stamp | None:
    """Return the date that a short text states in the words of ``language``, or None.

    Args:
        text: a date line; what stands around the date is skipped, at most ``MAX_DATE_TEXT`` characters are read.
        language: a tag; with none, only dates that need no words of a language are read.
        now: aware clock, for relative phrases and as the upper limit.
        time_zone: IANA name; where a time without a zone is meant.
        provenance: kept in the stamp.

    >>> now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    >>> for language, text in (
    ...     ("es", "5 de marzo de 2026"),
    ...     ("ja", "令和8年3月5日"),
    ...     ("fa", "۱۴ اسفند ۱۴۰۴"),
    ... ):
    ...     print(read_in_words(text, language=language, now=now, provenance="text").at.date())
    2026-03-05
    2026-03-05
    2026-03-05
    >>> read_in_words("hace 2 horas", language="es", now=now, provenance="text").at.isoformat()
    '2026-11-24T10:00:00+00:00'
    """
    folded = _SHORT_YEAR.sub(r"20\1", fold(strip_vowels(text[:MAX_DATE_TEXT])))
    if not folded.strip():
        return None
    reading = _Reading(folded, now, time_zone, provenance)
    code = language.lower().replace("_", "-").partition("-")[0]
    stamp = _east(reading) or (_solar_hijri(reading) if code in ("fa", "ps", "") else None)
    if stamp is not None:
        return stamp
    tongue = tongue_of(code)
    return _in_words(reading, tongue) if tongue else None


@lru_cache(maxsize=64)
def tongue_of(code: str) -> Tongue | None:
    """Return the words of a language, or None if there are none for its code."""
    if code not in CODES:
        return None
    try:
        info: dict[str, Any] = import_module(f"dateparser.data.date_translation_data.{code}").info
    except ImportError:
        return None
    months = {
        fold(strip_vowels(name)).removesuffix("."): number
        for number, key in enumerate(_MONTHS, 1)
        for name in info.get(key, ())
        if len(name) >= 2
    }
    if not months:
        return None
    month = "|".join(re.escape(name) for name in sorted(months, key=lambda name: (-len(name), name)))
    day, named, year = (
        r"(?<![\d./:-])(?P<d>\d{1,2})(?:\.|º|ª|°|-?[a-z]{1,2}(?![^\W_]))?",
        rf"(?P<m>{month})(?![^\W\d_])\.?",
        r"(?P<y>\d{4})(?!\d)",
    )
    phrases, units = _phrases(info)
    return Tongue(
        months=months,
        day_first=re.compile(f"{day}{_BETWEEN}{named}{_BETWEEN}{year}"),
        month_first=re.compile(
            rf"(?<![^\W\d_]){named}[\s.]{{0,2}}(?P<d>\d{{1,2}})(?:\.|[a-z]{{2}})?[\s,.]{{1,3}}{year}"
        ),
        without_year=re.compile(
            rf"{day}{_BETWEEN}{named}\W*|(?<![^\W\d_])(?P<m2>{month})(?![^\W\d_])\.?\s?(?P<d2>\d{{1,2}})\W*"
        ),
        month_only=re.compile(
            rf"{named}{_BETWEEN}{year}\W*|(?P<y2>\d{{4}})(?!\d){_BETWEEN}(?P<m2>{month})(?![^\W\d_])\W*"
        ),
        relative=re.compile("|".join(phrases)) if phrases else None,
        units=units,
        fixed={
            fold(strip_vowels(name)): int(match[1]) * _SECONDS[match[2]]
            for key, names in info.get("relative-type", {}).items()
            if (match := _FIXED.fullmatch(key))
            for name in names
            if match[2] in ("day", "second") or match[1] != "0"
        },
    )


def _phrases(info: dict[str, Any]) -> tuple[list[str], tuple[str, ...]]:
    """Return the language's phrases for "N units ago" as patterns, each with one group, and their units."""
    phrases: list[tuple[str, str]] = []
    for key, patterns in info.get("relative-type-regex", {}).items():
        match = _AGO.fullmatch(key)
        for pattern in patterns if match else ():
            before, _, after = pattern.partition(r"(\d++[.,]?\d*+)")
            if match and (before + after).strip():
                head, end = (re.escape(fold(strip_vowels(part)).strip()) for part in (before, after))
                phrases.append((rf"(?<![^\W\d_]){head}\s?(\d{{1,3}})\s?{end}(?![^\W\d_])", match[1]))
    phrases.sort(key=lambda phrase: -len(phrase[0]))  # "meses" before "m"
    return [text for text, _ in phrases], tuple(unit for _, unit in phrases)


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    now: datetime
    zone: str
    provenance: str

    def day(self, day: date | None, end: int) -> Stamp | None:
        if day is None or not plausible_year(day.year, self.now):
            return None
        clock = _CLOCK.search(self.text, end) or _CLOCK.search(self.text[: end - 8])
        if clock and int(clock[1]) < 24 and int(clock[2]) < 60 and int(clock[3] or 0) < 60:
            moment = time(int(clock[1]), int(clock[2]), int(clock[3] or 0), tzinfo=ZoneInfo(self.zone))
            precision = Precision.SECOND if clock[3] else Precision.MINUTE
            return self.stamp(datetime.combine(day, moment).astimezone(UTC), precision)
        return self.stamp(datetime.combine(day, time(), UTC), Precision.DAY)

    def month(self, year: int, month: int) -> Stamp | None:
        first = whole_date(year, month, 1)
        if first is None or not plausible_year(year, self.now):
            return None
        return self.stamp(datetime.combine(first, time(), UTC), Precision.MONTH)

    def latest(self, month: int, day: int) -> Stamp | None:
        """Return the latest such day: the year is the clock's, so it counts as relative."""
        limit = self.now.date() + timedelta(days=1)
        days = (whole_date(limit.year - back, month, day) for back in range(5))
        found = next((one for one in days if one and one <= limit), None)
        return self.stamp(datetime.combine(found, time(), UTC), Precision.RELATIVE) if found else None

    def stamp(self, at: datetime, precision: Precision) -> Stamp:
        return Stamp(at=at, precision=precision, provenance=self.provenance)


def _east(reading: _Reading) -> Stamp | None:
    match = _EAST.search(reading.text)
    if match is None:
        month = _EAST_MONTH.fullmatch(reading.text.strip())
        if month:
            return reading.month(int(month[1]), int(month[2]))
        match = _POINTED_ERA.search(reading.text)
        if match is None:
            return None
    named = match.groupdict()
    if named.get("m2"):
        return reading.latest(int(match["m2"]), int(match["d2"]))
    year = (
        int(match["y"])
        if named.get("y")
        else _ERAS[match["era"]] + (1 if match["n"] == "元" else int(match["n"]))
    )
    return reading.day(whole_date(year, int(match["m"]), int(match["d"])), match.end())


def _solar_hijri(reading: _Reading) -> Stamp | None:
    match = _NUMBERS.search(reading.text)
    if match and int(match[1]) in _SOLAR_HIJRI_YEARS:
        return reading.day(solar_hijri_date(int(match[1]), int(match[2]), int(match[3])), match.end())
    named = _solar_hijri_names().search(reading.text)
    if named is None:
        return None
    day = solar_hijri_date(int(named[3]), _solar_hijri_months()[named[2]], int(named[1]))
    return reading.day(day, named.end())


@lru_cache(maxsize=1)
def _solar_hijri_months() -> dict[str, int]:
    return {fold(name): number for names in _SOLAR_HIJRI_MONTHS for number, name in enumerate(names, 1)}


@lru_cache(maxsize=1)
def _solar_hijri_names() -> re.Pattern[str]:
    names = "|".join(_solar_hijri_months())
    return re.compile(
        rf"(?<!\d)(\d{{1,2}})[\s،,]{{0,2}}(?:ماه )?({names})(?![^\W\d_])(?:\s?ماه)?[\s،,]{{0,3}}(\d{{4}})(?!\d)"
    )


def solar_hijri_date(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian day of one of Iran's calendar, or None if that calendar has no such day in our time.

    Borkowski's leap years, in the 33-year cycle that holds from 1343 to 1472 (1964 to 2093).

    >>> solar_hijri_date(1404, 1, 1), solar_hijri_date(1403, 12, 30), solar_hijri_date(1404, 12, 30)
    (datetime.date(2025, 3, 21), datetime.date(2025, 3, 20), None)
    """
    if year not in _SOLAR_HIJRI_YEARS or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    leap = _is_leap(year)
    if day > (31 if month <= 6 else 30 if month < 12 or leap else 29):
        return None
    days = sum(365 + _is_leap(one) for one in range(1360, year))
    days += sum(31 if one <= 6 else 30 for one in range(1, month)) + day - 1
    return date(1981, 3, 21) + timedelta(days=days)  # 1 Farvardin 1360


def _is_leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)


def _in_words(reading: _Reading, tongue: Tongue) -> Stamp | None:
    match = tongue.day_first.search(reading.text) or tongue.month_first.search(reading.text)
    if match:
        day = whole_date(int(match["y"]), tongue.months[match["m"]], int(match["d"]))
        return reading.day(day, match.end())
    ago = tongue.relative.search(reading.text) if tongue.relative else None
    if ago and ago.lastindex:
        seconds = int(ago[ago.lastindex]) * _SECONDS[tongue.units[ago.lastindex - 1]]
        return reading.stamp(reading.now - timedelta(seconds=seconds), Precision.RELATIVE)
    words = reading.text.strip(" .,;:|()-")
    for name, seconds in tongue.fixed.items():
        if words == name or words.startswith((f"{name} ", f"{name},")):
            return _day_word(reading, seconds)
    match = tongue.month_only.fullmatch(words)
    if match:
        return reading.month(int(match["y"] or match["y2"]), tongue.months[match["m"] or match["m2"]])
    match = tongue.without_year.fullmatch(words)
    if match is None:
        return None
    return reading.latest(tongue.months[match["m"] or match["m2"]], int(match["d"] or match["d2"]))


def _day_word(reading: _Reading, seconds: int) -> Stamp:
    """Return what "yesterday, 14:05" means: the day, and the time of day where one stands beside it."""
    if seconds < _SECONDS["day"] and seconds:
        return reading.stamp(reading.now - timedelta(seconds=seconds), Precision.RELATIVE)
    local = reading.now.astimezone(ZoneInfo(reading.zone)) - timedelta(seconds=seconds)
    clock = _CLOCK.search(reading.text)
    if clock and int(clock[1]) < 24 and int(clock[2]) < 60:
        at = local.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0).astimezone(UTC)
        return reading.stamp(at, Precision.RELATIVE)
    return reading.stamp(datetime.combine(local.date(), time(), UTC), Precision.RELATIVE)

"""Dates that sites print or mark up: a moment, how precisely it is known, and where it came from. Nothing is invented.

Read are ISO 8601 and RFC 3339, RFC 5322 (mail), numbers in the order of the language, month names and relative words in
English, French and Arabic. What is ambiguous or impossible is None, never a guess. Event dates: `news.event_dates`.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from news import date_words as words
from news.date_labels import publication_part
from news.errors import ConfigError
from news.text import normalise_title

FIRST_YEAR = 1990
"""The web's first news; an earlier year (or a Hijri one) is not a date of publication."""

MAX_DATE_TEXT = 400
"""Characters of a text that are searched for a date: a longer one is not a date line."""


class Precision(StrEnum):
    """How precisely a date is known, finest first; `RELATIVE` was resolved against a clock ("2 hours ago")."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    RELATIVE = "relative"


OF_DAYS = (Precision.DAY, Precision.MONTH, Precision.YEAR)
"""A date of these stands in no zone: it is the printed day, wherever it is read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """A date that somebody stated: aware UTC; for a day, month or year the first midnight of it, by its printed name.

    `provenance` says where it stood: ``json-ld``, ``meta``, ``time[datetime]``, ``url``, ``text``.
    """

    at: datetime
    precision: Precision
    provenance: str

    def older_than(self, other: "Stamp") -> bool:
        """Return whether this is surely before the other, at the coarser precision of the two.

        A day has no zone, so between a moment and a day (or a relative word and anything) one day is tolerated.

        >>> day = Stamp(at=datetime(2023, 11, 16, tzinfo=UTC), precision=Precision.DAY, provenance="url")
        >>> late = Stamp(
        ...     at=datetime(2023, 11, 17, 9, tzinfo=UTC), precision=Precision.SECOND, provenance="meta"
        ... )
        >>> day.older_than(late), late.older_than(day)
        (False, False)
        """
        tolerance = timedelta(0) if _family(self) == _family(other) else timedelta(days=1)
        return _span(self)[1] + tolerance <= _span(other)[0]


def _family(stamp: Stamp) -> str:
    if stamp.precision in (Precision.SECOND, Precision.MINUTE):
        return "moment"
    return "relative" if stamp.precision is Precision.RELATIVE else "label"


def _span(stamp: Stamp) -> tuple[datetime, datetime]:
    """The first moment that this may mean, and the first that it cannot mean any more."""
    at = stamp.at
    if stamp.precision is Precision.SECOND:
        return at, at + timedelta(microseconds=1)
    if stamp.precision is Precision.MINUTE:
        first = at.replace(second=0, microsecond=0)
        return first, first + timedelta(minutes=1)
    first = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if stamp.precision is Precision.MONTH:
        return first.replace(day=1), first.replace(day=1) + timedelta(days=monthrange(at.year, at.month)[1])
    if stamp.precision is Precision.YEAR:
        return first.replace(month=1, day=1), first.replace(year=at.year + 1, month=1, day=1)
    return first, first + timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """What a text is read with."""

    now: datetime
    zone: tzinfo
    provenance: str
    day_first: bool | None

    def stamp(self, at: datetime, precision: Precision) -> Stamp | None:
        try:
            at = (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
        except (OverflowError, ValueError):
            return None
        if not plausible_year(at.year, self.now):
            return None
        return Stamp(at=at, precision=precision, provenance=self.provenance)

    def day(self, day: date, precision: Precision = Precision.DAY) -> Stamp | None:
        return self.stamp(datetime.combine(day, time(), UTC), precision)


_ISO = re.compile(
    r"(\d{4})-?(\d\d)(?:-?(\d\d)"
    r"(?:[t ] ?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(z|utc|gmt|[+-]\d\d(?::?\d\d)?))?)?)?"
)
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|e)?(?!\d)"
_OF = r"(?: of | de | من |[ ,./-]{0,2})"
_YEAR = r"(?P<y>\d{4})(?!\d)"
_NAMED_DATES = (
    re.compile(rf"(?<!\d)(?<!\d[.,:/-]){_DAY}{_OF}(?P<m>{words.MONTH})(?: ?/ ?{words.MONTH})?{_OF}{_YEAR}"),
    re.compile(rf"(?<![^\W_])(?P<m>{words.MONTH})[ ,.-]{{0,2}}{_DAY}[ ,.-]{{1,3}}{_YEAR}"),
    re.compile(rf"(?<!\d)(?P<y>\d{{4}})[ ,./-]{{1,2}}(?P<m>{words.MONTH})[ ,./-]{{1,2}}{_DAY}"),
)
_NUMBER_DATE = re.compile(
    r"(?<!\d)(?<!\d[./:-])(?:(?P<y>\d{4})(?P<s> ?[./-] ?)(?P<a>\d{1,2})(?P=s)(?P<b>\d{1,2})"
    r"|(?P<c>\d{1,2})(?P<t> ?[./-] ?)(?P<e>\d{1,2})(?P=t)(?P<z>\d{4}|\d\d))(?!\d)(?![./-]\d)"
)
_MONTH_YEAR = re.compile(rf"(?P<m>{words.MONTH})(?: ?/ ?{words.MONTH})?{_OF}(?P<y>\d{{4}})")
_DAY_MONTH = re.compile(
    rf"{_DAY}{_OF}(?P<m>{words.MONTH})|(?P<n>{words.MONTH})[ ,.-]{{0,2}}(?P<f>\d{{1,2}})(?:st|nd|rd|th)?"
)
_TIME = re.compile(
    rf"(?<![\d:.,/-])(?P<h>\d{{1,2}})(?:(?: ?: ?| ?h ?)(?P<mi>\d\d)(?: ?: ?(?P<s>\d\d)(?:[.,]\d{{1,9}})?)?(?![\d:])"
    rf"|\.(?P<mj>\d\d)(?= ?(?:{words.AM}|{words.PM}))| ?h(?![^\W_])|(?= ?(?:{words.AM}|{words.PM})))"
    rf"(?: ?(?:(?P<am>{words.AM})|(?P<pm>{words.PM})|(?P<night>{words.NIGHT})))?(?: ?(?P<zone>{words.ZONE}))?"
)
_AGO = re.compile(
    rf"(?:\bil y a (?:environ |pres de )?|(?<![^\W_])(?:منذ|قبل) (?:حوالي |نحو )?)"
    rf"(?:(?P<n>{words.NUMBER}) ?)?(?P<u>{words.UNIT})"
    rf"|(?<![^\W_])(?:about )?(?P<k>{words.NUMBER}) ?(?P<v>{words.UNIT}) ago\b"
)
_DAY_WORD = re.compile(rf"(?P<day>{words.DAY_WORD})|(?P<now>{words.NOW_WORD})")
_LEAD = re.compile(
    rf"(?:[\s:|@•·,()\[\]-]+|(?:date|le|on|at|the|في|بتاريخ|يوم|التاريخ)(?![^\W_])"
    rf"|{words.WEEKDAY}(?=[ ,]))+"
)
_DAY_FIRST = frozenset(
    "fr ar es it pt de nl tr ru uk pl cs sk ro el bg sr hr da nb nn no fi id ms vi he ur hi bn "
    "en-gb en-au en-nz en-ie en-in en-za".split()
)
_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}


def parse_date(
    text: str,
    *,
    language: str | None,
    now: datetime,
    time_zone: str = "UTC",
    provenance: str,
    day_first: bool | None = None,
) -> Stamp | None:
    """Return the date of publication that a short text or attribute states, or None if it states none, or not clearly.

    Of a change ("Updated 3 March") it is none; `news.date_labels.change_part` gives the part that can be read for it.

    Args:
        text: a date line, an attribute or a meta value; labels, weekdays and ordinals around it are skipped.
        language: tag of the page's language: it orders ``03/05/2023`` (English and unknown ones: nothing does).
        now: aware clock for relative words, for a day without a year, and as the upper limit (two years ahead).
        time_zone: IANA name; where a time without a zone is meant.
        provenance: kept in the stamp.
        day_first: the source's own order of numeric dates, before the language's.

    Raises:
        ConfigError: the time zone is unknown. No text raises anything.

    >>> now = datetime(2023, 11, 20, 12, tzinfo=UTC)
    >>> parse_date(
    ...     "Publié le 16 novembre 2023 à 16 h 30", language="fr", now=now, provenance="text"
    ... ).at.isoformat()
    '2023-11-16T16:30:00+00:00'
    >>> parse_date("03/05/2023", language="en", now=now, provenance="text") is None
    True
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    if day_first is None:
        tag = (language or "").lower().replace("_", "-")
        day_first = True if {tag, tag.partition("-")[0]} & _DAY_FIRST else False if tag == "en-us" else None
    reading = _Reading(now=now, zone=_zone(time_zone), provenance=provenance, day_first=day_first)
    stated = publication_part(words.strip_vowels(normalise_title(text[: 4 * MAX_DATE_TEXT])))
    return _read(_without_lead(words.fold(stated)[:MAX_DATE_TEXT]), reading)


def plausible_year(year: int, now: datetime) -> bool:
    """Return whether news can be of that year: from `FIRST_YEAR` to two years ahead (announced events)."""
    return FIRST_YEAR <= year <= now.year + 2


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name.upper() in ("UTC", "Z", "GMT", "ETC/UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ConfigError(
            f"Unknown time zone {name!r}; use an IANA name such as Africa/Casablanca (is tzdata installed?)."
        ) from None


def _without_lead(text: str) -> str:
    """Return a text without the weekday and the small words that lead to its date."""
    lead = _LEAD.match(text)
    return (text[lead.end() :] if lead else text).strip(" .,;|()-")


def _read(text: str, reading: _Reading) -> Stamp | None:
    iso = _ISO.fullmatch(text)
    if iso:
        return _iso(iso, reading)
    for match in _explicit_dates(text):
        named = match["m"] if "m" in match.re.groupindex else None
        parts = _named_parts(match) if named else number_parts(match, reading.day_first, reading.now)
        if parts is None:
            return None
        if not plausible_year(parts[0], reading.now):
            continue  # a Hijri date often stands beside the Gregorian one
        day = whole_date(*parts)
        return _with_time(day, text[match.end() :], text[: match.start()], reading) if day else None
    return _relative(text, reading) or _incomplete(text, reading)


def _explicit_dates(text: str) -> list[re.Match[str]]:
    matches = [match for pattern in (*_NAMED_DATES, _NUMBER_DATE) for match in pattern.finditer(text)]
    return sorted(matches, key=re.Match.start)


def _named_parts(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match["y"]), words.month_number(match["m"]), int(match["d"])


def number_parts(match: re.Match[str], day_first: bool | None, now: datetime) -> tuple[int, int, int] | None:  # noqa: FBT001
    """Return (year, month, day) of a numeric date, or None if the order of day and month is not known."""
    if match["y"]:
        return int(match["y"]), int(match["a"]), int(match["b"])
    first, second, year = int(match["c"]), int(match["e"]), int(match["z"])
    if len(match["z"]) == 2:
        if day_first is None:
            return None  # 11/10/09 may even open with the year
        year += 2000 if year + 2000 <= now.year + 2 else 1900
    if "." in match["t"] and day_first is None:
        day_first = True  # points are written only where the day leads
    if day_first is None and first != second:
        if first <= 12 and second <= 12:
            return None
        day_first = first > 12
    return (year, second, first) if day_first else (year, first, second)


def whole_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None if the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(match: re.Match[str], reading: _Reading) -> Stamp | None:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    first = whole_date(int(year), int(month), int(day or 1))
    if first is None or (day and len(match[0]) == 6):
        return None
    if hour is None:
        if "-" not in match[0] and day is None:
            return None  # six digits are a number, not a month
        return reading.day(first, Precision.DAY if day else Precision.MONTH)
    try:
        # RFC 3339 allows a leap second; datetime does not know it.
        clock = time(int(hour), int(minute), min(int(second or 0), 59) if second != "60" else 59)
        clock = clock.replace(microsecond=int(((fraction or "") + "000000")[:6]))
        at = datetime.combine(first, clock, _offset(zone) if zone else None)
    except (ValueError, OverflowError):
        return None
    return reading.stamp(at, Precision.SECOND if second else Precision.MINUTE)


def _offset(zone: str) -> timezone:
    if zone in words.ZONE_MINUTES:
        return timezone(timedelta(minutes=words.ZONE_MINUTES[zone]))
    sign, digits = (-1 if "-" in zone else 1), re.sub(r"\D", "", zone)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))


def _with_time(day: date, after: str, before: str, reading: _Reading) -> Stamp | None:
    stated = _TIME.search(after) or _TIME.search(before)
    at = _at_time(day, stated) if stated else None
    if at is None or stated is None:
        return reading.day(day)
    return reading.stamp(at, Precision.SECOND if stated["s"] else Precision.MINUTE)


def _at_time(day: date, stated: re.Match[str]) -> datetime | None:
    hour, minute = int(stated["h"]), int(stated["mi"] or stated["mj"] or 0)
    late = stated["pm"] or (stated["night"] and hour >= 6)
    if late and hour < 12:
        hour += 12
    elif (stated["am"] or (stated["night"] and not late)) and hour == 12:
        hour = 0
    try:
        zone = _offset(stated["zone"]) if stated["zone"] else None
        return datetime.combine(day, time(hour, minute, int(stated["s"] or 0)), zone)
    except (ValueError, OverflowError):
        return None


def _relative(text: str, reading: _Reading) -> Stamp | None:
    ago = _AGO.search(text)
    if ago:
        return _ago(ago, reading)
    word = _DAY_WORD.match(text)
    if word is None:
        return None
    if word["now"]:
        return reading.stamp(reading.now, Precision.RELATIVE)
    day = reading.now.astimezone(reading.zone).date() + timedelta(days=words.DAY_WORDS[word["day"]])
    stated = _TIME.search(text, word.end())
    at = _at_time(day, stated) if stated else None
    return reading.stamp(at, Precision.RELATIVE) if at else reading.day(day, Precision.RELATIVE)


def _ago(match: re.Match[str], reading: _Reading) -> Stamp | None:
    unit, fixed = words.UNITS[match["u"] or match["v"]]
    number = match["n"] or match["k"] or ""
    count = fixed or (int(number) if number.isdigit() else words.NUMBERS.get(number, 1))
    if unit in _UNIT_SECONDS:
        return reading.stamp(reading.now - timedelta(seconds=count * _UNIT_SECONDS[unit]), Precision.RELATIVE)
    months = reading.now.year * 12 + reading.now.month - 1 - count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if not plausible_year(year, reading.now):
        return None
    day = min(reading.now.day, monthrange(year, month + 1)[1])
    return reading.stamp(reading.now.replace(year=year, month=month + 1, day=day), Precision.RELATIVE)


def _incomplete(text: str, reading: _Reading) -> Stamp | None:
    month_year = _MONTH_YEAR.fullmatch(text)
    if month_year:
        day = whole_date(int(month_year["y"]), words.month_number(month_year["m"]), 1)
        return reading.day(day, Precision.MONTH) if day else None
    if re.fullmatch(r"\d{4}", text):
        day = whole_date(int(text), 1, 1)
        return reading.day(day, Precision.YEAR) if day else None
    day_month = _DAY_MONTH.fullmatch(text)
    if day_month is None:
        return None
    # Without a year a listing means the latest such day; the year comes from the clock, so it is relative.
    month, number = (
        words.month_number(day_month["m"] or day_month["n"]),
        int(day_month["d"] or day_month["f"]),
    )
    latest = reading.now.date() + timedelta(days=1)
    days = (whole_date(latest.year - back, month, number) for back in range(5))
    past = next((day for day in days if day and day <= latest), None)
    return reading.day(past, Precision.RELATIVE) if past else None

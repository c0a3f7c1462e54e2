"""Dates that a text speaks of: when something takes place, which is not when the news was published.

Read are days, lists and ranges in English, French and Arabic, with or without a year, months, and the words for today
and yesterday. What the calendar doesn't have is skipped. Printed publication dates are read by `news.dates`.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from news import date_words as words
from news.dates import Precision, plausible_year, whole_date
from news.text import normalise_text

MAX_EVENT_TEXT = 100_000
"""Characters of a body that are searched for dates."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DateRange:
    """A day (`first` is `last`) or a stretch of days that a text mentions, in its own words.

    `precision` is `DAY` where the text names all of it, `MONTH` for a whole month, and `RELATIVE` where the year or the
    day was resolved against a clock.
    """

    first: date
    last: date
    text: str
    precision: Precision


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """One match with its place; without a year it still waits for the neighbour that names one."""

    start: int
    end: int
    year: int | None
    month: int
    first_day: int
    last_day: int


_DAY = r"\d{1,2}(?:st|nd|rd|th|er|e)?(?!\d)"
_JOIN = r"(?: ?, ?(?:and |et )?| ?- ?| (?:to|and|until|till|through|au|et|&|الي|حتي) (?:the |le )?| ?و ?)"
_DAYS = rf"(?P<days>{_DAY}(?:{_JOIN}{_DAY}){{0,5}})"
_BEFORE_DAY = r"(?<!\d)(?<!\d[.,:/-])"
_NAMED = re.compile(
    rf"{_BEFORE_DAY}{_DAYS}(?: of | de | من |[ ,]{{0,2}})(?P<m>{words.MONTH})"
    rf"(?: ?/ ?{words.MONTH})?(?:[ ,]{{0,2}}(?P<y>\d{{4}})(?!\d))?"
)
_NAMED_FIRST = re.compile(
    rf"(?<![^\W_])(?P<m>{words.MONTH}) ?{_DAYS}(?!\w)(?:(?:, ?| )(?P<y>\d{{4}})(?!\d))?"
)
_MONTH_ONLY = re.compile(
    rf"(?<![^\W_])(?P<m>{words.MONTH})(?: ?/ ?{words.MONTH})?[ ,]{{0,2}}(?P<y>\d{{4}})(?!\d)"
)
_NUMBERS = re.compile(
    r"(?<!\d)(?<!\d[./:-])(?:(?P<y>\d{4})(?P<s>[/-])(?P<mo>\d\d)(?P=s)(?P<d>\d\d)|(?P<a>\d{1,2})(?P<t>[./])(?P<b>\d{1,2})(?P=t)(?P<z>\d{4}))(?!\d)"
)
_WEEKDAY = rf"(?:{words.WEEKDAY},? )?"
_THROUGH = re.compile(rf"(?: ?- ?| (?:to|until|till|through|au|jusqu'au|الي|حتي) ){_WEEKDAY}(?:the |le )?")
_AND = re.compile(rf" (?:and|et) {_WEEKDAY}(?:le )?| و ?{_WEEKDAY}")
_BETWEEN = re.compile(rf"(?<![^\W_])(?:between|entre|بين) {_WEEKDAY}(?:le )?\Z")
_RELATIVE = re.compile(
    rf"(?<![^\W_])(?:(?P<word>yesterday|today|tomorrow|hier|aujourd'hui|demain|امس|غدا)(?!'s)(?![^\W_])"
    rf"|(?P<day>اليوم) (?={words.WEEKDAY}))"
)
_STATED_AFTER = re.compile(rf"[ ,(]*{_WEEKDAY}[ ,(]*(?:le |the )?\Z")
# In lower case these are English words before they are months: "the 3 may attend", "march 10 miles".
_WORDS_TOO = frozenset({"may", "march", "mar"})


def dates_in_text(text: str, *, language: str | None, now: datetime) -> tuple[DateRange, ...]:
    """Return the dates that a body mentions, in order of appearance, each once.

    Args:
        text: the body in any form.
        language: tag of its language; it orders ``10/11/2023`` (skipped where nothing orders it).
        now: aware clock, best the time of publication: a date without a year is the one nearest to it.

    >>> now = datetime(2023, 11, 20, tzinfo=UTC)
    >>> [found] = dates_in_text("held from 19 to 22 November 2023 in Rabat", language="en", now=now)
    >>> found.first.isoformat(), found.last.isoformat(), found.text
    ('2023-11-19', '2023-11-22', '19 to 22 November 2023')
    """
    original = normalise_text(text[:MAX_EVENT_TEXT])
    folded = words.fold(original)
    found = _joined(_without_overlap(_all_found(original, folded, language)), folded)
    placed = [(start, end, entry) for start, end, pair in found if (entry := _resolved(*pair, now=now))]
    placed += _relative_words(folded, [start for start, _, _ in placed], now)
    ranges: dict[tuple[date, date, Precision], DateRange] = {}
    for start, end, entry in sorted(placed, key=lambda item: item[0]):
        key = (entry.first, entry.last, entry.precision)
        ranges.setdefault(key, replace(entry, text=original[start:end].strip(" .,")))
    return tuple(ranges.values())


def _all_found(original: str, folded: str, language: str | None) -> Iterator[_Found]:
    for pattern in (_NAMED, _NAMED_FIRST):
        for match in pattern.finditer(folded):
            name = match["m"].removesuffix(".")
            english_word = not match["y"] and name in _WORDS_TOO and original[match.start("m")].islower()
            capital_needed = (
                pattern is _NAMED_FIRST and not match["y"] and not original[match.start()].isupper()
            )
            if english_word or capital_needed:
                continue
            days = [int(day) for day in re.findall(r"\d+", match["days"])]
            yield _Found(
                start=match.start(), end=match.end(), year=int(match["y"]) if match["y"] else None,
                month=words.month_number(name), first_day=min(days), last_day=max(days),
            )  # fmt: skip
    for match in _MONTH_ONLY.finditer(folded):
        # Day 0 stands for the whole month.
        month = words.month_number(match["m"])
        yield _Found(
            start=match.start(), end=match.end(), year=int(match["y"]), month=month, first_day=0, last_day=0
        )
    yield from _numbers(folded, language)


def _numbers(folded: str, language: str | None) -> Iterator[_Found]:
    for match in _NUMBERS.finditer(folded):
        if match["y"]:
            year, month, day = int(match["y"]), int(match["mo"]), int(match["d"])
        else:
            day, month, year = int(match["a"]), int(match["b"]), int(match["z"])
            ordered = (language or "").lower()[:2] in ("fr", "ar") or match["t"] == "."
            if not ordered and day <= 12 and day != month:
                if month <= 12:
                    continue
                day, month = month, day
        yield _Found(
            start=match.start(), end=match.end(), year=year, month=month, first_day=day, last_day=day
        )


def _without_overlap(found: Iterator[_Found]) -> list[_Found]:
    kept: list[_Found] = []
    # At one place the longer reading wins; "15 November 2023" before the "November 2023" inside it.
    for candidate in sorted(found, key=lambda item: (item.start, -item.end)):
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
    return kept


def _joined(found: list[_Found], folded: str) -> list[tuple[int, int, tuple[_Found, _Found]]]:
    """Join neighbours that a word makes one range: "30 October to 2 November 2023"."""
    joined: list[tuple[int, int, tuple[_Found, _Found]]] = []
    for entry in found:
        start, end, (first, last) = joined[-1] if joined else (0, 0, (entry, entry))
        between = folded[end : entry.start]
        single = joined and first is last and first.first_day and entry.first_day
        opened = _AND.fullmatch(between) and _BETWEEN.search(folded[max(0, start - 30) : start])
        if single and (_THROUGH.fullmatch(between) or opened):
            joined[-1] = (start, entry.end, (first, entry))
        else:
            joined.append((entry.start, entry.end, (entry, entry)))
    return joined


def _resolved(first: _Found, last: _Found, *, now: datetime) -> DateRange | None:
    year = last.year or first.year or _nearest_year(last, now)
    first_year = first.year or (
        year - 1 if (first.month, first.first_day) > (last.month, last.last_day) else year
    )
    if not (plausible_year(year, now) and plausible_year(first_year, now)):
        return None
    if first.first_day == 0:
        month = whole_date(year, first.month, 1)
        if month is None:
            return None
        end = month.replace(day=monthrange(year, first.month)[1])
        return DateRange(first=month, last=end, text="", precision=Precision.MONTH)
    begin, end_day = (
        whole_date(first_year, first.month, first.first_day),
        whole_date(year, last.month, last.last_day),
    )
    if begin is None or end_day is None or begin > end_day:
        return None
    precision = Precision.DAY if first.year or last.year else Precision.RELATIVE
    return DateRange(first=begin, last=end_day, text="", precision=precision)


def _nearest_year(found: _Found, now: datetime) -> int:
    today = now.astimezone(UTC).date()
    days = [
        day
        for year in range(today.year - 1, today.year + 2)
        if (day := whole_date(year, found.month, found.last_day))
    ]
    return min(days, key=lambda day: abs(day - today)).year if days else today.year


def _relative_words(folded: str, starts: list[int], now: datetime) -> list[tuple[int, int, DateRange]]:
    """Return "yesterday" and its like, except where the date itself follows: "yesterday 16 November 2023"."""
    today = now.astimezone(UTC).date()
    placed = []
    for match in _RELATIVE.finditer(folded):
        following = [start for start in starts if match.end() <= start <= match.end() + 30]
        if any(_STATED_AFTER.match(folded[match.end() : start]) for start in following):
            continue
        day = today + timedelta(days=words.DAY_WORDS[match["word"] or match["day"]])
        entry = DateRange(first=day, last=day, text="", precision=Precision.RELATIVE)
        placed.append((match.start(), match.end(), entry))
    return placed

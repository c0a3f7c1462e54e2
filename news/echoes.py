"""Translations: what survives when a piece of news is told in another language, and whether two tell the same.

A translated piece of news is rewritten, not mirrored. What survives are dates, numbers, and names in the same script.
That is enough to propose a translation to a reader, and never enough to call it one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from news.contrast import names_in
from news.dates import Precision
from news.event_dates import dates_in_text
from news.ordinals import figures_of
from news.text import comparable

ENOUGH = 4.0
"""Points from which a translation is proposed."""
NAMES_AT_MOST = 2.0
"""Points that names can bring: a site's own names stand in all that it publishes."""
OF_THE_FEWER = 0.4
"""Which share of the dates and numbers of the text that has fewer must stand in the other."""
MAX_MARKS = 8
"""Marks of each kind by which a translation is looked for."""
MAX_TOLD = 20
"""Days, numbers and names of each that are kept as evidence."""
MAX_DIGITS = 20
MAX_LENGTHS = 4.0
"""How many times as long as the other a translation may be."""

_MIX, _ALL = 0x9E3779B97F4A7C15, (1 << 64) - 1
_FIGURE = re.compile(r"(?<![^\W_])\d+(?:[.,:/]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d)[ .,](?=\d{3}(?!\d))")


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What would survive a translation: days (ISO 8601, from and to), numbers above 31, and names in Latin letters.

    The days of a month are left to the dates, and years stand in too many texts; ``about`` is the day of the news,
    which many texts of that day name.
    """

    days: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    about: str
    length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Echo:
    """What two articles in different languages have in common."""

    days: tuple[str, ...]
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    points: float


def marks(title: str, body_text: str, *, language: str, at: datetime) -> Marks:
    """Return the marks of an article; ``at`` is when it was published, for dates without a year.

    >>> from datetime import UTC
    >>> at = datetime(2023, 11, 16, tzinfo=UTC)
    >>> found = marks(
    ...     "", "Le 14 novembre 2023, 1 250 élèves de Fès ont écouté Amina Berrada.", language="fr", at=at
    ... )
    >>> sorted(found.days), sorted(found.numbers), sorted(found.names)
    (['2023-11-14/2023-11-14'], ['1250'], ['amina', 'berrada', 'fes'])
    """
    text = f"{title}\n{body_text}"[:20_000]
    days = dates_in_text(text, language=language or None, now=at)
    figures = figures_of(_FIGURE.findall(_THOUSANDS.sub("", comparable(text))))
    return Marks(
        days=frozenset(
            f"{day.first.isoformat()}/{day.last.isoformat()}"
            for day in days
            if day.precision is not Precision.MONTH
        ),
        numbers=frozenset(each for each in map(_plain, figures) if _counts(each)),
        names=frozenset(name for name in names_in(body_text) if name.isascii()),
        about=at.date().isoformat(),
        length=len(body_text),
    )


def mark_numbers(found: Marks) -> tuple[int, ...]:
    """Return the marks by which a translation is looked for, hashed; of many of a kind those with the least hashes.

    So two texts that have many marks choose the same ones of those that they share.
    """
    kinds = (("d", found.days), ("n", found.numbers), ("w", found.names))
    return tuple(
        number
        for kind, values in kinds
        for number in sorted(_number(f"{kind}\x1f{value}") for value in values)[:MAX_MARKS]
    )


def mark_keys(host: str, day: date, numbers: Iterable[int]) -> tuple[int, ...]:
    """Return 44-bit numbers for the marks of an article of one day on a host."""
    place = _number(f"{host}\x1f{day.isoformat()}")
    return tuple(((number ^ place) * _MIX & _ALL) >> 20 for number in numbers)


def echo(ours: Marks, theirs: Marks) -> Echo | None:
    """Return what makes one article a possible translation of the other, None where that is too little.

    A day counts two points, one if it is the day of the news; a number two, or one below 100; a name one, as far as
    names may count. Without a day or a number in common nothing is proposed.
    """
    if max(ours.length, theirs.length) > MAX_LENGTHS * min(ours.length, theirs.length):
        return None
    days, numbers, names = ours.days & theirs.days, ours.numbers & theirs.numbers, ours.names & theirs.names
    firm = len(days) + len(numbers)
    fewer = min(len(ours.days) + len(ours.numbers), len(theirs.days) + len(theirs.numbers))
    if not firm or firm < OF_THE_FEWER * fewer:
        return None
    points = float(sum(1 if day.startswith((ours.about, theirs.about)) else 2 for day in days))
    points += sum(2 if len(number) > 2 else 1 for number in numbers)
    points += min(NAMES_AT_MOST, len(names))
    if points < ENOUGH:
        return None
    return Echo(
        days=tuple(sorted(days)[:MAX_TOLD]),
        numbers=tuple(sorted(numbers)[:MAX_TOLD]),
        names=tuple(sorted(names)[:MAX_TOLD]),
        points=points,
    )


def _plain(figure: str) -> str:
    return figure.replace(",", ".").rstrip(".")


def _counts(figure: str) -> bool:
    if len(figure) > MAX_DIGITS:
        return False
    if not figure.isdigit():
        return True
    number = int(figure)
    return number > 31 and not (len(figure) == 4 and 1900 <= number < 2100)


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), "big")

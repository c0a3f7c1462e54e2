"""Dates as feeds and sitemaps write them: those of RFC 822 with two digits for a year, too, and no words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from crawler.dating import read_date
from news.dates import Precision, Stamp
from news.source import Source

_SHORT_YEAR = re.compile(r"\A(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3,9})\s+(\d\d)\s+(?=\d{1,2}:\d\d)")
_ASCTIME = re.compile(
    r"\A[A-Za-z]{3,9}\s+([A-Za-z]{3,9})\s+(\d{1,2})\s+(\d{1,2}:\d\d(?::\d\d)?)\s+(?:([A-Z]{3,4})\s+)?(\d{4})\Z"
)
_MAX_CHARS = 200

Item = TypeVar("Item")


def feed_date(text: str, source: Source, *, now: datetime, provenance: str) -> Stamp | None:
    """Return the date that a feed states, or None; "yesterday" is none, since a feed may be days old."""
    text = _written_out(text[:_MAX_CHARS].strip())
    stamp = read_date(text, source, now=now, provenance=provenance)
    return None if stamp is None or stamp.precision is Precision.RELATIVE else stamp


def newest_part(items: Sequence[Item], date_of: Callable[[Item], Stamp | None], limit: int) -> Sequence[Item]:
    """Return at most ``limit`` items: the first ones, or the last ones where these are newer."""
    if len(items) <= limit:
        return items
    first, last = date_of(items[0]), date_of(items[-1])
    return items[-limit:] if first and last and last.at > first.at else items[:limit]


def _written_out(text: str) -> str:
    """Return a date with a year of four digits (RFC 2822 §4.3), and C's ``asctime`` in the order of RFC 822.

    >>> _written_out("Sun, 22 Nov 26 08:30 GMT"), _written_out("Sun Nov 22 08:30:00 2026")
    ('22 Nov 2026 08:30 GMT', '22 Nov 2026 08:30:00')
    """
    short = _SHORT_YEAR.match(text)
    if short:
        century = "20" if int(short[3]) < 50 else "19"
        return f"{short[1]} {short[2]} {century}{short[3]} {text[short.end() :]}"
    clock = _ASCTIME.match(text)
    if clock:
        return f"{clock[2]} {clock[1]} {clock[5]} {clock[3]}{f' {clock[4]}' if clock[4] else ''}"
    return text

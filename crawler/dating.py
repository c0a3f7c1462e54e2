"""The date of publication that a page shows, with where it stood: what machines read before what people read."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from crawler.markup import text_of
from crawler.selectors import Match
from news.dates import Precision, Stamp, parse_date
from news.source import Source
from news.url_shape import date_in_url

TOLERANCE = timedelta(days=1)
"""How far clocks and days may run ahead of ours; beyond that a date of publication is a mistake or an event's."""


def read_date(text: str, source: Source, *, now: datetime, provenance: str) -> Stamp | None:
    """Return the date of publication that a text states in the source's language and time zone, or None."""
    if not text:
        return None
    stamp = parse_date(
        text, language=source.language, now=now, time_zone=source.time_zone, provenance=provenance
    )
    return stamp if stamp and stamp.at <= now + TOLERANCE else None


def date_of(match: Match, source: Source, *, now: datetime) -> Stamp | None:
    """Return the date at a match: ``datetime`` (or ``content``) of it or of a ``time`` in it, else its text."""
    if isinstance(match, str):
        return read_date(match, source, now=now, provenance="text")
    for node in (match, *match.iter("time")):
        for attribute, provenance in (("datetime", "time[datetime]"), ("content", "meta")):
            stamp = read_date(node.get(attribute) or "", source, now=now, provenance=provenance)
            if stamp:
                return stamp
    return read_date(text_of(match), source, now=now, provenance="text")


def date_in_address(url: str, *, now: datetime) -> Stamp | None:
    """Return the day that a permalink names (``/2023/11/19/``); it is the site's own day, so it has no time."""
    day = date_in_url(url)
    if day is None:
        return None
    at = datetime.combine(day, time(), UTC)
    return Stamp(at=at, precision=Precision.DAY, provenance="url") if at <= now + TOLERANCE else None

"""What a candidate is worth beside the listing that people see: overlap, freshness, fields, whole bodies. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.markup import parse_html, text_of
from news.dates import Precision
from news.entry import Entry
from news.errors import ExtractionError, UrlError
from news.text import WORD_PATTERN, title_key
from news.urls import url_key

STALE_AFTER = timedelta(days=2)
"""How much older than the listing's newest item a feed's may be: feeds are cached, and days have no zone."""
WHOLE_SHARE = 0.85
"""The share of an article's words that a body must hold to be the whole article."""
_FRESH_PLACES = 3
_MAX_WORDS = 20_000
_WORD = re.compile(WORD_PATTERN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A candidate's entries beside those of the visible listing.

    ``overlap`` is the share of the shorter of the two that stands in the other. ``purity`` is the share of the
    candidate's entries, down to the last that the listing shows, that the listing shows too: low for a feed that
    brings the whole site where the page is one category. ``first`` is the place of the listing's first item that the
    candidate has, 0 for the topmost.
    """

    matched: int = 0
    overlap: float = 0.0
    purity: float = 0.0
    first: int = 0

    @property
    def agreement(self) -> float:
        """Return the lower of both shares: how far the two are the same list."""
        return min(self.overlap, self.purity)


def compare(entries: Sequence[Entry], visible: Sequence[Entry]) -> Comparison | None:
    """Return how entries of another channel compare with the visible listing; None where there is nothing to compare.

    Entries are the same if their addresses are one identity (whatever tracking parameters they carry), if the one's
    own id is the other's address, or, for feeds whose links lead over a counting service, if their titles are equal.
    """
    if not entries or not visible:
        return None
    places: dict[str, int] = {}
    for place, entry in enumerate(visible):
        for name in _names(entry):
            places.setdefault(name, place)
    found = [next((places[name] for name in _names(entry) if name in places), None) for entry in entries]
    met = {place for place in found if place is not None}
    if not met:
        return Comparison()
    last = max(number for number, place in enumerate(found) if place is not None)
    return Comparison(
        matched=len(met),
        overlap=len(met) / min(len(entries), len(visible)),
        purity=sum(place is not None for place in found[: last + 1]) / (last + 1),
        first=min(met),
    )


def share_of_listing(entries: Sequence[Entry], visible: Sequence[Entry]) -> float | None:
    """Return the share of the visible items that the entries bring, None where there is nothing to compare."""
    comparison = compare(entries, visible)
    return None if comparison is None else round(comparison.matched / len(visible), 3)


def newest_of(entries: Sequence[Entry]) -> datetime | None:
    """Return the date of the newest entry, None where none is dated."""
    return max((entry.published.at for entry in entries if entry.published), default=None)


def is_stale(entries: Sequence[Entry], visible: Sequence[Entry], comparison: Comparison | None) -> bool:
    """Say whether a channel has fallen behind the page: its newest entry is older, or the page's first are missing."""
    own, shown = newest_of(entries), newest_of(visible)
    if own is not None and shown is not None:
        return own < shown - STALE_AFTER
    return comparison is not None and comparison.matched > 0 and comparison.first >= _FRESH_PLACES


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """The shares of entries that have a date, a date with a time, a summary, and a body."""

    dated: float = 0.0
    timed: float = 0.0
    summarised: float = 0.0
    bodied: float = 0.0

    @property
    def completeness(self) -> float:
        """Return what the fields are worth when candidates are compared; whole bodies are counted elsewhere."""
        return self.dated + 0.25 * self.timed + 0.25 * max(self.summarised, self.bodied)


def fields_of(entries: Sequence[Entry]) -> Fields:
    """Return which fields entries have."""
    count = len(entries)
    if not count:
        return Fields()
    stamps = [entry.published for entry in entries if entry.published]
    exact = (Precision.SECOND, Precision.MINUTE)
    return Fields(
        dated=len(stamps) / count,
        timed=sum(stamp.precision in exact for stamp in stamps) / count,
        summarised=sum(bool(entry.summary) for entry in entries) / count,
        bodied=sum(bool(entry.body_html) for entry in entries) / count,
    )


def holds_whole(body_html: str, article_text: str) -> bool | None:
    """Say whether a body that came with an entry is the whole article; None where that cannot be told.

    Measured as the share of the words of the article, read from its own page, that the body holds as often.
    """
    words = _tally(article_text)
    if not words or not body_html:
        return None
    try:
        held = _tally(text_of(parse_html(body_html)))
    except ExtractionError:
        return None
    common = sum(min(count, held.get(word, 0)) for word, count in words.items())
    return common >= WHOLE_SHARE * sum(words.values())


def bodies_are_whole(entries: Sequence[Entry], articles: Mapping[str, str]) -> bool:
    """Say whether the bodies that entries carry are whole, by the articles (text by URL key) that were read.

    All that can be compared must be whole, and there must be one at least; nine entries of ten must have a body.
    """
    judged = [
        whole
        for entry in entries
        if entry.key in articles and (whole := holds_whole(entry.body_html, articles[entry.key])) is not None
    ]
    return bool(judged) and all(judged) and fields_of(entries).bodied >= 0.9


def _names(entry: Entry) -> tuple[str, ...]:
    names = [entry.key]
    if entry.site_id.startswith(("http://", "https://")):
        with suppress(UrlError):
            names.append(url_key(entry.site_id))
    title = title_key(entry.title)
    return (*names, f"title {title}") if title else tuple(names)


def _tally(text: str) -> dict[str, int]:
    tally: dict[str, int] = {}
    for number, match in enumerate(_WORD.finditer(text)):
        if number >= _MAX_WORDS:
            break
        word = match[0].casefold()
        tally[word] = tally.get(word, 0) + 1
    return tally

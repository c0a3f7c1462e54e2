"""The last resort for dates and authors that no markup names: htmldate's and trafilatura's rules of thumb.

Both are imported when they are first needed. htmldate's day is only ever a day: with a time in its format it would
write midnight where it knows none. Its extensive search is left off, for it is slow and guesses.
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime

from lxml.html import HtmlElement

from crawler.dating import TOLERANCE
from news.dates import FIRST_YEAR, Precision, Stamp


def guessed_day(root: HtmlElement, *, now: datetime) -> Stamp | None:
    """Return the day that the page seems to have been published on; its provenance is ``htmldate``."""
    from htmldate import find_date

    found = None
    with suppress(Exception):  # whatever a library of rules makes of hostile markup, there is just no date
        found = find_date(
            deepcopy(root),
            extensive_search=False,
            original_date=True,
            outputformat="%Y-%m-%d",
            min_date=f"{FIRST_YEAR}-01-01",
            max_date=(now + TOLERANCE).strftime("%Y-%m-%d"),
        )
    if not found:
        return None
    at = datetime.fromisoformat(found).replace(tzinfo=UTC)
    return Stamp(at=at, precision=Precision.DAY, provenance="htmldate") if at <= now + TOLERANCE else None


def guessed_authors(root: HtmlElement, url: str) -> tuple[str, ...]:
    """Return the names that trafilatura takes for the authors'."""
    from trafilatura.metadata import extract_metadata

    with suppress(Exception):
        told = extract_metadata(deepcopy(root), default_url=url, extensive=False).author
        return tuple(name for name in (told or "").split("; ") if name)
    return ()

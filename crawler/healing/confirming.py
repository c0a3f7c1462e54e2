"""Whether further pages bear out what page 1 seemed to show: the listing's next page, and pages of new items. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crawler.extraction.meta import read_head
from crawler.healing.locating import TITLES_AGREE, likeness
from crawler.healing.weighing import Check
from crawler.induction.model import Sample
from crawler.markup import parse_html
from news.entry import Entry
from news.errors import ExtractionError
from news.text import comparable, words

MOST_AGAIN = 0.5
"""Share of a next page's items that may stand on page 1 too: pinned ones, or what was pushed down meanwhile."""


def goes_on(first: Sequence[Entry], following: Sequence[Entry]) -> bool:
    """Return whether a page continues another: it has items, and most of them are others."""
    if not following:
        return False
    keys = {entry.key for entry in first}
    return sum(entry.key in keys for entry in following) <= MOST_AGAIN * len(following)


def articles_confirm(asked: Mapping[str, Sample | None]) -> Check:
    """Return whether pages bear the titles under which the listing named them; one that agrees is enough.

    :param asked: what came for new items, by title; None where no page came, which says nothing.
    """
    came = {title: sample for title, sample in asked.items() if sample is not None}
    if not came:
        return Check.UNASKED
    return (
        Check.PASSED if any(is_titled(sample.html, title) for title, sample in came.items()) else Check.FAILED
    )


def is_titled(html: str, title: str) -> bool:
    """Return whether a page's head or its headings name it like ``title``, with or without the site's name."""
    try:
        head = read_head(parse_html(html))
    except ExtractionError:
        return False
    wanted = set(words(comparable(title).casefold()))
    for claim in (*head.titles, *head.headings, head.page_title):
        said = set(words(comparable(claim).casefold()))
        if likeness(title, claim) >= TITLES_AGREE or (len(wanted) > 1 and wanted <= said):
            return True
    return False

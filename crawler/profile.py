"""What a listing's first page looks like, in numbers that can be compared with its last reading."""

from __future__ import annotations

from crawler.extraction.languages import spoken_language
from news.entry import Page
from news.run import Profile
from news.text import title_key
from news.url_shape import url_shape

MAX_SHAPES = 20
"""Shapes of addresses that a profile names; a page with more has no shape at all."""


def profile_of(page: Page) -> Profile:
    """Return the profile of one page: how many entries, which share has a date, a body and a summary, which shapes,
    and which language its titles and summaries speak.

    A date that stands in an entry's address only is a matter of its shape: a site that changes its permalinks has lost
    no field.

    >>> from news.entry import Entry
    >>> entry = Entry(url="https://a.example/2026/11/22/slug-here", key="1", title="T", summary="S")
    >>> profile_of(Page(entries=(entry, entry))).summarised
    1.0
    """
    entries = page.entries
    count = len(entries)
    if not count:
        return Profile()
    return Profile(
        entries=count,
        dated=sum(entry.published is not None and entry.published.provenance != "url" for entry in entries)
        / count,
        bodied=sum(bool(entry.body_html) for entry in entries) / count,
        summarised=sum(bool(entry.summary) for entry in entries) / count,
        shapes=tuple(sorted({url_shape(entry.url) for entry in entries})[:MAX_SHAPES]),
        titled=len({title_key(entry.title) for entry in entries}) / count,
        wait_seconds=page.wait_seconds,
        skips=page.skips,
        language=spoken_language(" . ".join(f"{entry.title} . {entry.summary}" for entry in entries)),
    )

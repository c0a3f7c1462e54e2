"""Edits anywhere in the archive: WordPress can be asked which posts were modified since a time (its REST interface).

Nothing else tells them: an edited post stays where it is, and page 1 shows only the newest. What is asked for reaches
back a day further than it need, since the interface compares with the site's own clock and zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from news.entry import Page
from news.source import Source
from storage.opening import EDITS_OVERLAP

_PER_PAGE = "100"
_REPLACED = frozenset(
    {"page", "offset", "before", "after", "modified_before", "modified_after", "orderby", "order", "per_page"}
)


def edits_url(source: Source, since: datetime) -> str:
    """Return the address that lists the posts of a WordPress source modified since that day, the longest ago first.

    >>> source = Source(name="a", url="https://a.example/wp-json/wp/v2/posts?categories=7&per_page=20")
    >>> url = edits_url(source, datetime(2026, 11, 22, 8, tzinfo=UTC))
    >>> url.partition("?")[2]
    'categories=7&modified_after=2026-11-22T00%3A00%3A00Z&orderby=modified&order=asc&per_page=100'
    """
    since = since.astimezone(UTC).replace(
        hour=0, minute=0, second=0
    )  # the same address all day: it can be replayed
    parts = urlsplit(source.url)
    kept = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0].lower() not in _REPLACED
    ]
    asked = [
        ("modified_after", since.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("orderby", "modified"),
        ("order", "asc"),
        ("per_page", _PER_PAGE),
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *asked])))


def edits_until(page: Page, *, since: datetime, started_at: datetime) -> datetime:
    """Return from when on edits are to be asked for the next time.

    Where there were more than one answer holds, it is the last that came: the next question goes on there. A thousand
    posts that were touched on the same day are not waded through.

    Args:
        page: the answer.
        since: what was asked for.
        started_at: when the run began.
    """
    if page.next_url is not None:
        newest = max((entry.modified.at for entry in page.entries if entry.modified), default=since)
        if since.date() < newest.date() and newest < started_at:
            return newest
    return started_at - EDITS_OVERLAP

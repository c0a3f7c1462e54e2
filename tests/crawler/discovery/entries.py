"""Entries that tests of a discovery need, in one line each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from news.dates import Precision, Stamp
from news.entry import Entry, Page
from news.urls import url_key

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
SITE = "https://harbour.example"


def entry(number: int, *, days_ago: float | None = None, **fields: Any) -> Entry:
    """Return the entry of a numbered notice; its date is so many days before ``NOW``."""
    url = fields.pop("url", f"{SITE}/notices/notice-{number}/")
    published = None
    if days_ago is not None:
        at = NOW - timedelta(days=days_ago)
        published = Stamp(at=at, precision=Precision.MINUTE, provenance="feed")
    return Entry(
        url=url,
        key=url_key(url),
        title=fields.pop("title", f"Notice {number}"),
        published=published,
        **fields,
    )


def entries(numbers: Iterable[int], *, dated: bool = True) -> tuple[Entry, ...]:
    """Return numbered entries; number 0 is of today, each next one a day older."""
    return tuple(entry(number, days_ago=number if dated else None) for number in numbers)


def page(numbers: Iterable[int], *, dated: bool = True, next_url: str | None = None) -> Page:
    return Page(entries=entries(numbers, dated=dated), next_url=next_url)

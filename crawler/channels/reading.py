"""One page of a source, read in the source's own channel. Pure."""

from __future__ import annotations

from datetime import datetime

from scrapy.http import TextResponse

from crawler.channels.listing import read_listing
from news.entry import Page
from news.source import Source


def read_page(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the entries of one page."""
    return read_listing(response, source, now=now)

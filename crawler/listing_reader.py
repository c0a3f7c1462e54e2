"""Reads the pages of listings beside the event loop: a feed takes tenths of a second, one of 10 MB takes seconds."""

from __future__ import annotations

import asyncio
from functools import partial

from scrapy.http import Response

from crawler.answers import page_in
from crawler.beside import beside
from crawler.hosts import Host
from news.entry import Page
from news.run import Trouble
from news.source import Source

READING_SECONDS = 60.0
"""How long one page may be read. Its size and depth are bounded before, so that only a fault takes that long."""
AT_ONCE = 2
"""Pages that are read at the same time, over all hosts: they share one interpreter, and each holds its trees."""


class ListingReader:
    """Reads what the listings of one crawl answer, whatever their channel and size.

    There is no size below which the loop could wait: of a sitemap that is packed, or of a feed without bodies, some
    ten kilobytes take as long as a megabyte of another.
    """

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def page_in(
        self, response: Response, source: Source, host: Host, *, is_first: bool = True
    ) -> Page | tuple[Trouble, str]:
        """Return what `crawler.answers.page_in` does, or that it took too long, while the crawl goes on."""
        read = partial(page_in, response, source, host, is_first=is_first)
        async with self._turns:
            try:
                return await beside(read, seconds=READING_SECONDS)
            except TimeoutError:  # ours to mend, not a page that the site should not have sent
                return Trouble.CALLBACK, f"reading the page took more than {READING_SECONDS:g} seconds"

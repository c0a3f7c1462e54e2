"""One page of a source, read in the source's own channel. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from scrapy.http import TextResponse

from crawler.channels.listing import read_listing
from news.entry import Page
from news.source import Channel, Source

Read = Callable[..., Page]


def read_page(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the entries of one page, newest first.

    Args:
        response: the answer; its ``url`` is where redirects led.
        source: whose channel, wrapper, language and time zone are used.
        now: an aware datetime, for relative dates and against dates in the future.

    Raises:
        ExtractionError: it cannot be read as what it should be; `ChannelError` where it is no listing.
    """
    return _reader(source)(response, source, now=now)


def _reader(source: Source) -> Read:
    """Return what reads a source's channel; parsers that only feeds need are not imported for a listing."""
    channel = source.channel
    if channel is Channel.FEED:
        from crawler.channels.feed import read_feed

        return read_feed
    if channel is Channel.WORDPRESS:
        from crawler.channels.wordpress import read_wordpress

        return read_wordpress
    if channel is Channel.SITEMAP:
        from crawler.channels.sitemap import read_sitemap

        return read_sitemap
    return read_by_wrapper


def read_by_wrapper(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the entries of one page of a listing: of what it shows, or of what it says of itself to machines.

    Arguments and errors are those of `read_page`; the source's channel makes no difference.
    """
    if source.wrapper.is_described:
        from crawler.channels.described import read_described

        return read_described(response, source, now=now)
    return read_listing(response, source, now=now)

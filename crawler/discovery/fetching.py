"""Asking for one address on behalf of a ladder, within the crawl that goes on: by the rules of every request."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.http.request import NO_CALLBACK

from crawler.discovery.asking import Answer, NoAnswer
from crawler.failures import CrawlStopped, explain
from crawler.hosts import Hosts
from crawler.middlewares.redirects import moved_for_good
from news.errors import UrlError
from news.run import Trouble

_ACCEPT = (
    "text/html,application/xhtml+xml,application/atom+xml;q=0.9,application/rss+xml;q=0.9,"
    "application/feed+json;q=0.9,application/xml;q=0.8,*/*;q=0.7"
)


async def fetched(crawler: Crawler, url: str, meta: dict[str, Any]) -> Answer | NoAnswer:
    """Return what comes for an address, whatever that is.

    Args:
        crawler: whose downloader and middlewares it goes through.
        url: what is asked for.
        meta: says for whom, and what for (`crawler.meta`).
    """
    request = Request(url, callback=NO_CALLBACK, headers={"Accept": _ACCEPT}, meta=meta, dont_filter=True)
    try:
        response = await crawler.engine.download_async(request)
    except CrawlStopped as error:
        return NoAnswer(url=url, trouble=Trouble.RETRY_LATER, detail=str(error))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, there is no answer, and why is told
        trouble, detail = explain(error)
        return NoAnswer(url=url, trouble=trouble, detail=detail)
    return Answer(url=url, response=response, permanent=bool(moved_for_good(response)))


def robots_known(hosts: Hosts, url: str) -> Answer | None:
    """Return a host's robots.txt as it was read for the host's first request: it is never asked for twice.

    None where ``url`` is another address, or where it was not read yet.
    """
    if urlsplit(url).path != "/robots.txt":
        return None
    try:
        host = hosts.of(url)
    except UrlError:
        return None
    if host.rules is None or not host.state.robots_status:
        return None
    response: Response = TextResponse(
        url,
        status=host.state.robots_status,
        headers={"Content-Type": "text/plain; charset=utf-8"},
        body=host.state.robots.encode(),
    )
    return Answer(url=url, response=response)

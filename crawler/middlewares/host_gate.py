"""The gate in front of every host: its delay and its ``Retry-After`` hold across processes (promise 9)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.errand import ErrandKind
from crawler.failures import CrawlStopped, HostClosed, RefusedAddress
from crawler.hosts import Host, Hosts
from crawler.meta import HOST, KEPT_ANSWER, course_of, errand_of, host_of
from news.errors import UrlError
from news.retry_after import retry_after
from news.urls import fetchable_url

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 60.0
"""The longest that a request waits at the gate; beyond that its run ends, and is due again when the host is."""

_SLICE_SECONDS = 0.5


class HostGateMiddleware:
    """Counts requests, groups them by host, and keeps a host's wish to be left alone.

    Within the crawl Scrapy's download slots keep the delay; this gate adds what only the database knows: when other
    processes asked the host last, and until when it must not be asked. After a 429, or a 503 that asks for patience,
    every further request of the host in this run is dropped.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waits = crawler.settings.getbool("TIDINGS_HOST_GATE_WAITS")
        limit = crawler.settings.getfloat("CLOSESPIDER_TIMEOUT")
        self._deadline = time.monotonic() + limit if limit else float("inf")
        self._hosts: Hosts | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> Coroutine[Any, Any, None] | None:
        host = self._host_for(request)
        if host.closed:
            raise HostClosed(host.closed)
        if host.opened or not self._waits:
            self._count(request)
            return None
        return self._open(request, host)

    def process_response(self, request: Request, response: Response) -> Response:
        host = host_of(request)
        if host is not None:
            host.asked()
            if response.status in {429, 503} and _asks_for_patience(request, response):
                self._shut(host, response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        host = host_of(request)
        if host is not None and not isinstance(exception, (CrawlStopped, HostClosed, RefusedAddress)):
            host.asked()

    def _host_for(self, request: Request) -> Host:
        meta = request.meta
        host = host_of(request)
        if host is not None and "redirect_urls" not in meta:
            return host
        if self._hosts is None:
            self._hosts = self._crawler.spider.hosts  # type: ignore[union-attr]
        try:
            host = self._hosts.of(fetchable_url(request.url))
        except UrlError as error:
            raise RefusedAddress(f"redirected to an address that we will not ask for: {error}") from None
        meta[HOST] = host
        meta["download_slot"] = host.name
        return host

    async def _open(self, request: Request, host: Host) -> None:
        """Let the first request of a host through when other processes' requests are long enough ago."""
        until = host.state.not_before
        if until is not None and (until - host.clock.now()).total_seconds() > MAX_WAIT_SECONDS:
            host.closed = f"{host.name} asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC"
            raise HostClosed(host.closed)
        while (wait := host.wait_seconds()) > 0:
            await asyncio.sleep(min(wait, _SLICE_SECONDS))
            if time.monotonic() > self._deadline or not self._crawler.engine.running:
                raise CrawlStopped("the crawl ended while it waited for the host's delay")
        if host.closed:
            raise HostClosed(host.closed)
        host.opened = True
        self._count(request)

    @staticmethod
    def _count(request: Request) -> None:
        course = course_of(request)
        if course is not None and KEPT_ANSWER not in request.meta:
            course.ledger.requests += 1

    @staticmethod
    def _shut(host: Host, response: Response) -> None:
        value = (response.headers.get(b"Retry-After") or b"").decode("latin-1")
        wait = retry_after(value, host.clock.now())
        asked = f" (Retry-After: {value[:60]})" if value else ""
        until = host.shut(wait, "")
        when = f"{until:%Y-%m-%d %H:%M:%S} UTC{asked}"
        host.closed = f"{host.name} answered {response.status} and asks for patience until {when}"
        logger.info("%s", host.closed)


def _asks_for_patience(request: Request, response: Response) -> bool:
    """A 503 without ``Retry-After`` for one article is that article's trouble; for a listing it is the host's."""
    if response.status == 429 or b"Retry-After" in response.headers:
        return True
    errand = errand_of(request)
    return errand is None or errand.kind is ErrandKind.LISTING

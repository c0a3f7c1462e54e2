"""robots.txt by RFC 9309, kept for a day between processes."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.failures import CrawlStopped, HostClosed, RefusedAddress, RobotsDenied, explain
from crawler.hosts import Host, Hosts
from crawler.meta import COURSE, ERRAND, PRIVATE_HOSTS, course_of, errand_of, host_of
from crawler.pace import slow_down
from crawler.robots import Rules, readable_text
from news.addresses import endpoint_key
from news.errors import NotRecordedError, UrlError
from news.run import HostState, Trouble
from news.urls import endpoint_of

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=24)
"""How long a copy is used without asking again (RFC 9309 §2.4)."""

STALE_LIMIT = timedelta(days=30)
"""How long an old copy still serves while the file cannot be reached (RFC 9309 §2.3.1.4)."""


class RobotsMiddleware:
    """Asks a host's robots.txt before anything else, and obeys it.

    An answer in 4xx allows everything; one in 5xx, or none, allows nothing, unless a copy of the last 30 days is at
    hand. Up to five redirects are followed, to other hosts too. One file speaks for a host in every spelling that is
    one host to tidings: http and https, with and without ``www.``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waits = crawler.settings.getbool("TIDINGS_HOST_GATE_WAITS")  # a replay does not
        self._hosts: Hosts | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> Coroutine[Any, Any, None] | None:
        if errand_of(request) is None:
            return None  # robots.txt itself
        host = self._host_for(request)
        if host.rules is None:
            return self._obtain(request, host)
        self._check(request, host.rules)
        return None

    def _host_for(self, request: Request) -> Host:
        host = host_of(request)
        if host is not None and "redirect_urls" not in request.meta:
            return host
        if self._hosts is None:
            self._hosts = self._crawler.spider.hosts  # type: ignore[union-attr]
        try:
            return self._hosts.of(request.url)
        except UrlError as error:
            raise RefusedAddress(f"redirected to an address that we will not ask for: {error}") from None

    @staticmethod
    def _check(request: Request, rules: Rules) -> None:
        if not rules.allows(request.url):
            raise RobotsDenied(rules.refusal)

    async def _obtain(self, request: Request, host: Host) -> None:
        async with host.asking_robots:
            if host.rules is None:
                rules = Rules(host.state.robots) if keeps_rules(host) else await self._ask(request, host)
                host.rules = rules
                if self._waits and rules.delay_seconds > host.delay_seconds:
                    slow_down(self._crawler.engine.downloader, host, rules.delay_seconds)
        self._check(request, host.rules)

    async def _ask(self, request: Request, host: Host) -> Rules:
        parts = urlsplit(request.url)
        robots = Request(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            callback=NO_CALLBACK,
            meta={
                COURSE: course_of(request),
                ERRAND: None,
                PRIVATE_HOSTS: request.meta.get(PRIVATE_HOSTS),
            },
            dont_filter=True,
        )
        try:
            response = await self._crawler.engine.download_async(robots)
        except (CrawlStopped, HostClosed, NotRecordedError):
            raise
        except RefusedAddress as error:
            own = endpoint_of(robots.url)
            if error.host in ("", endpoint_key(own.host, own.port)):  # nothing else of it is asked either
                raise
            return _unreachable(host, 0, f"robots.txt leads to an address that is not asked: {error}")
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the file could not be had
            trouble, detail = explain(error)
            if (
                trouble is Trouble.STATUS
            ):  # redirects without end: unavailable, as a 404 is (RFC 9309 §2.3.1.2)
                return _kept(host, 404, "")
            return _unreachable(host, 0, f"robots.txt could not be had: {detail}")
        return _answered(host, response)


def _answered(host: Host, response: Response) -> Rules:
    status = response.status
    if status == 429:
        raise HostClosed(host.closed or f"robots.txt answered {status}")
    if status >= 500 or status < 200:
        return _unreachable(
            host, status, f"robots.txt answered {status}, which forbids everything (RFC 9309)"
        )
    # What is no 2xx here is unavailable: 4xx, and a redirect that leads nowhere.
    return _kept(host, status, readable_text(response.body) if status < 300 else "")


def _kept(host: Host, status: int, text: str) -> Rules:
    expires_at = host.clock.now() + FRESH
    host.state = replace(host.state, robots=text, robots_status=status, robots_expires_at=expires_at)
    return Rules(text)


def keeps_rules(host: Host) -> bool:
    """Say whether the kept copy of a host's robots.txt still serves, so that nothing has to be asked for first."""
    state = host.state
    is_fresh = state.robots_expires_at is not None and state.robots_expires_at > host.clock.now()
    return is_fresh and _is_copy(state)


def _unreachable(host: Host, status: int, why: str) -> Rules:
    state = host.state
    logger.info("%s: %s", host.name, why)
    if _is_copy(state) and state.robots_expires_at is not None:
        fetched_at = state.robots_expires_at - FRESH
        if host.clock.now() - fetched_at <= STALE_LIMIT:
            return Rules(state.robots)
    host.state = replace(state, robots="", robots_status=status, robots_expires_at=None)
    return Rules.refusing(why)


def _is_copy(state: HostState) -> bool:
    return 200 <= state.robots_status < 500

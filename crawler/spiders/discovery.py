"""The spider of one discovery: it asks what the ladder wants to know, one request after the other."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler

from crawler.clock import RunClock
from crawler.discovery.asking import Answer, NoAnswer
from crawler.discovery.discover import discover
from crawler.discovery.fetching import fetched, robots_known
from crawler.discovery.options import Options
from crawler.discovery.proposal import Proposal
from crawler.errand import Errand, ErrandKind
from crawler.hosts import Hosts
from crawler.meta import BROWSER, ERRAND, PRIVATE_HOSTS
from crawler.pace import slots_of
from news.run import HostState, Trouble

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """What one discovery is to do, and what it knows before it asks.

    ``url`` is the page that somebody named. Dates are read by ``started_at``; ``clock`` tells when hosts were asked.
    ``hosts`` are what other processes left of the hosts; ``private_hosts`` those of which the addresses may be
    private, see `news.addresses.private_hosts`. ``renders`` says whether a browser is at hand.
    """

    url: str
    options: Options
    clock: RunClock
    started_at: datetime
    hosts: tuple[HostState, ...] = ()
    private_hosts: frozenset[str] = frozenset()
    delay_seconds: float = 1.0
    renders: bool = False


class DiscoverySpider(Spider):
    """Finds out how a page can be read; ``proposal`` holds what it found once the crawl has ended.

    Every request goes the way of a crawl's: robots.txt, the host's delay, the gate of addresses, redirects, limits,
    recording or replay.

    :param journey: what is to be discovered.
    :param seconds: after which nothing more is asked for.
    """

    name = "discovery"

    def __init__(self, *, journey: Journey, seconds: float = float("inf"), name: str | None = None) -> None:
        super().__init__(name)
        self.hosts = Hosts((), clock=journey.clock, default_delay_seconds=journey.delay_seconds)
        for state in journey.hosts:
            self.hosts.named(state.name).state = state
        self.hosts.of(journey.url)  # its slot is set before the first request
        self.proposal: Proposal | None = None
        self.closed_reason = ""
        self._journey = journey
        self._deadline = time.monotonic() + seconds

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        # What was found by then is proposed; the crawl itself is closed some time later.
        limit = crawler.settings.getfloat("CLOSESPIDER_TIMEOUT")
        kwargs.setdefault("seconds", 0.9 * limit if limit else float("inf"))
        spider = super().from_crawler(crawler, *args, **kwargs)
        if crawler.settings.getbool("TIDINGS_HOST_GATE_WAITS"):
            crawler.settings.set("DOWNLOAD_SLOTS", slots_of(spider.hosts), priority="spider")
        crawler.signals.connect(spider.crawl_closed, signal=signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Climb the ladder; nothing is left to Scrapy's scheduler."""
        journey = self._journey
        options = replace(journey.options, render=self.render if journey.renders else None)
        self.proposal = await discover(self.ask, journey.url, options=options, now=journey.started_at)
        nothing: tuple[Request, ...] = ()  # Scrapy wants an asynchronous generator
        for request in nothing:
            yield request

    async def ask(self, url: str) -> Answer | NoAnswer:
        """Ask for one address; see `crawler.discovery.asking.Ask`."""
        return robots_known(self.hosts, url) or await self._fetch(url, {})

    async def render(self, url: str) -> Answer | NoAnswer:
        """Ask for one address through the browser, as `ask` does."""
        return await self._fetch(url, {BROWSER: True})

    async def _fetch(self, url: str, meta: dict[str, Any]) -> Answer | NoAnswer:
        if time.monotonic() > self._deadline:
            return NoAnswer(url=url, trouble=Trouble.RETRY_LATER, detail="the discovery took too long")
        errand = Errand(kind=ErrandKind.LISTING, url=url, number=1)
        own = {ERRAND: errand, PRIVATE_HOSTS: self._journey.private_hosts}
        return await fetched(self.crawler, url, own | meta)

    def crawl_closed(self, reason: str) -> None:
        """Remember why the crawl ended."""
        self.closed_reason = reason

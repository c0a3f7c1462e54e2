"""A crawl in process: the real spider, pipelines and middlewares, fed with answers instead of sockets.

Of Scrapy's engine only what a crawl of ours needs is done here, one request after the other: middlewares, callbacks,
items through the pipelines in their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError, DropItem
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.items import ArticleItem
from crawler.middlewares.conditional import ConditionalMiddleware
from crawler.middlewares.host_gate import HostGateMiddleware
from crawler.middlewares.redirects import QuietRedirectMiddleware
from crawler.pipelines import Collect, Deduplicate, Normalise, Validate
from crawler.spiders.listings import ListingsSpider
from tests.simulation.archive.serving import Answer

Ask = Callable[[Request], Answer]


class ProcessDiedError(Exception):
    """The crawl's process died between two requests."""


def scrapy_settings() -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    for name in ("TIDINGS_HOST_GATE_WAITS", "TIDINGS_ASK_AHEAD"):
        settings.set(name, False, priority="cmdline")
    return settings


@dataclass(kw_only=True)
class Pump:
    """Runs one spider to its end. ``ask`` answers a request; after ``lives`` of them the process is dead."""

    spider: ListingsSpider
    settings: Settings
    ask: Ask
    lives: int = 0
    asked: int = 0
    waiting: deque[Request] = field(default_factory=deque)

    def __post_init__(self) -> None:
        engine = SimpleNamespace(
            needs_backout=lambda: False,
            running=True,
            crawl=self.waiting.append,
            download_async=self._fetch,
        )
        crawler: Any = SimpleNamespace(
            settings=self.settings, spider=self.spider, engine=engine, signals=None
        )
        self.spider.crawler = crawler
        self._gate = HostGateMiddleware.from_crawler(crawler)
        self._conditional = ConditionalMiddleware()
        self._redirects = QuietRedirectMiddleware.from_crawler(crawler)
        self._normalise, self._validate = Normalise(), Validate()
        self._deduplicate, self._collect = Deduplicate(), Collect()

    async def run(self) -> None:
        """Ask and read until nothing is left to ask.

        Raises:
            ProcessDiedError: after ``lives`` requests.
        """
        async for made in self.spider.start():
            await self._take(made)
        while self.waiting:
            await self._turn(self.waiting.popleft())

    async def _turn(self, request: Request) -> None:
        try:
            response = await self._fetch(request)
        except ProcessDiedError:
            raise
        except Exception as error:  # noqa: BLE001 - as Scrapy hands every one to the errback
            failure = Failure(error)  # type: ignore[no-untyped-call]
            failure.request = request  # type: ignore[attr-defined]
            made = request.errback(failure) if request.errback else ()
            if hasattr(made, "__aiter__"):
                async for each in made:
                    await self._take(each)
            else:
                for each in made:
                    await self._take(each)
            return
        assert request.callback is not None
        async for each in request.callback(response):
            await self._take(each)

    async def _take(self, made: Request | ArticleItem) -> None:
        if isinstance(made, Request):
            self.waiting.append(made)
            return
        try:
            item = await self._normalise.process_item(made)
            self._collect.process_item(self._deduplicate.process_item(self._validate.process_item(item)))
        except DropItem:
            pass
        self.spider.item_left(made)

    async def _fetch(self, request: Request) -> Response:
        """Return the answer to a request after all redirects, or raise why none came."""
        while True:
            self.asked += 1
            if self.lives and self.asked > self.lives:
                raise ProcessDiedError
            self._conditional.process_request(request)
            self._gate.process_request(request)
            answer = self.ask(request)
            if answer.status == 0:
                error = DownloadTimeoutError(f"Getting {request.url} took longer than 30 seconds.")
                self._gate.process_exception(request, error)
                raise error
            response = response_of(request, answer)
            self._gate.process_response(request, response)
            onward = self._redirects.process_response(request, response)
            if isinstance(onward, Response):
                return onward
            request = onward


def response_of(request: Request, answer: Answer) -> Response:
    kind = answer.headers.get("Content-Type", "")
    as_text: type[Response] = HtmlResponse if kind.startswith("text/html") else TextResponse
    headers: Mapping[str, str] = answer.headers
    return as_text(
        request.url, status=answer.status, headers=dict(headers), body=answer.body, request=request
    )

"""The download handler of crawls that have pages to render: such requests go to the browser, all others do not."""

from __future__ import annotations

import asyncio
import logging
import socket
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Response
from scrapy.utils.misc import load_object
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.browser.chromium import launch_options
from crawler.browser.proxy import FilteringProxy, Pass
from crawler.downloading import GatedHandler
from crawler.failures import RefusedAddress
from crawler.gate import Gate, connect_checked
from crawler.meta import BROWSER, private_hosts_of, same_host
from news.addresses import endpoint_key
from news.urls import endpoint_of

PAGE_BYTES_FACTOR = 4
"""What a page may bring with all that belongs to it, in units of what its HTML alone may be."""
IDLE_SECONDS = 8.0
"""How long a page may go on loading after its own event before it is taken as it stands."""
_UNSEEN = frozenset({"image", "media", "font"})
_OF_THE_SHELL = ("ETag", "Last-Modified", "Content-Length", "Transfer-Encoding")
"""Headers that speak of the page before its scripts ran; the document that came of it may differ all the same."""


class BrowserHandler(BaseDownloadHandler):
    """Renders the requests that ask for it (`crawler.meta.BROWSER`), and hands every other to the ordinary handler.

    What comes back of a rendered page is the document as it stands when it has loaded and the network is idle, under
    the status and headers of the page itself. A browser follows redirects by itself; one that leads to another host is
    refused, since nobody asked that host's robots.txt.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._fetcher = GatedHandler(crawler)
        if crawler not in _shared:
            _shared[crawler] = _Rendering(crawler)
        self._rendering = _shared[crawler]

    async def download_request(self, request: Request) -> Response:
        if request.meta.get(BROWSER):
            return await self._rendering.render(request)
        return await self._fetcher.download_request(request)

    async def close(self) -> None:
        await self._fetcher.close()
        await self._rendering.close()


class _Rendering:
    """The browser of one crawl process: http and https share it."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        gate = Gate(
            load_object(settings["TIDINGS_RESOLVER"]), timeout_seconds=settings.getfloat("DNS_TIMEOUT")
        )
        self._proxy = FilteringProxy(partial(_connect, gate))
        self._maxsize = settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._passes: dict[str, Pass] = {}
        self._pages: dict[str, asyncio.Lock] = {}
        self._closed = False
        self._browser = ScrapyPlaywrightDownloadHandler(crawler)
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # what goes wrong is told by the run
        self._browser.abort_request = _is_unseen
        self._browser.config.navigation_timeout_ms = self._seconds * 1000
        self._browser.config.launch_options = launch_options(
            settings["TIDINGS_BROWSER_PATH"],
            self._proxy.url,
            sandbox=settings.getbool("TIDINGS_BROWSER_SANDBOX"),
        )

    async def render(self, request: Request) -> Response:
        """Return the page as it stands when it has loaded.

        Raises:
            RefusedAddress: it, or what it redirects to, is not to be asked for.
            DownloadFailedError: it cannot be had, is too slow or too large.
        """
        await self._proxy.start()
        rights = private_hosts_of(request)
        context = "\n".join(sorted(rights)) or "public"
        async with self._pages.setdefault(
            context, asyncio.Lock()
        ):  # so that a pass counts the bytes of one page
            issued = self._passes.get(context)
            if issued is None:
                issued = self._proxy.issue(rights, budget=self._maxsize * PAGE_BYTES_FACTOR)
                self._passes[context] = issued
            issued.begin_page()
            try:
                return self._checked(request, issued, await self._loaded(request, context, issued))
            finally:
                issued.cut_off()

    async def _loaded(self, request: Request, context: str, issued: Pass) -> Response:
        asking = request.replace(
            meta={**request.meta, **_page_meta(context, issued, request, self._proxy.url)}
        )
        try:
            async with asyncio.timeout(self._seconds + IDLE_SECONDS):
                response: Response = await self._browser.download_request(asking)
                return response
        except (TimeoutError, PlaywrightTimeoutError) as error:
            raise DownloadTimeoutError(
                f"{request.url} was not rendered within {self._seconds:g} seconds"
            ) from error
        except PlaywrightError as error:
            for reason in issued.refused.values():
                raise _failure(reason) from error
            if issued.is_spent:
                raise _too_large(request) from error
            raise DownloadFailedError(f"the browser could not open it: {_first_line(error)}") from error

    def _checked(self, request: Request, issued: Pass, response: Response) -> Response:
        endpoint = endpoint_of(request.url)
        if reason := issued.refused.get(endpoint_key(endpoint.host, endpoint.port)):
            raise _failure(reason)
        if issued.is_spent or len(response.body) > self._maxsize:
            raise _too_large(request)
        if not response.url.startswith(("http://", "https://")):
            for reason in issued.refused.values():
                raise _failure(reason)
            raise DownloadFailedError(
                f"in a browser the page goes on to {response.url[:60]!r}, which is no web address"
            )
        if not same_host(request.url, response.url):
            raise RefusedAddress(
                f"in a browser the address leads to {response.url[:200]}, on another host; watch that one instead"
            )
        for name in _OF_THE_SHELL:
            response.headers.pop(name, None)
        return response

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._browser.close()
            await self._proxy.close()


_shared: WeakKeyDictionary[Crawler, _Rendering] = WeakKeyDictionary()


def _page_meta(context: str, issued: Pass, request: Request, proxy_url: str) -> dict[str, Any]:
    return {
        "playwright": True,
        "playwright_context": context,
        "playwright_context_kwargs": {
            "proxy": {"server": proxy_url, "username": issued.token, "password": issued.token},
            "service_workers": "block",
            "accept_downloads": False,
            "user_agent": (request.headers.get(b"User-Agent") or b"").decode("latin-1"),
        },
        "playwright_page_methods": [PageMethod(_settle)],
    }


async def _settle(page: Page) -> None:
    """Wait until the page asks for nothing more; one that never rests is taken as it stands."""
    try:
        await page.wait_for_load_state("networkidle", timeout=IDLE_SECONDS * 1000)
    except PlaywrightTimeoutError:
        return


def _is_unseen(request: Any) -> bool:
    return request.resource_type in _UNSEEN


async def _connect(
    gate: Gate, host: str, port: int, allowed: frozenset[str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await connect_checked(host, port, allowed_private=allowed, gate=gate)


def _failure(reason: Exception) -> Exception:
    """Return why the page itself could not be asked for, as the ordinary handler would say it."""
    kinds = (
        (RefusedAddress, type(reason)),
        (socket.gaierror, CannotResolveHostError),
        (ConnectionRefusedError, DownloadConnectionRefusedError),
        (TimeoutError, DownloadTimeoutError),
        (Exception, DownloadFailedError),
    )
    return next(made(str(reason)) for kind, made in kinds if isinstance(reason, kind))


def _too_large(request: Request) -> Exception:
    return DownloadCancelledError(f"{request.url} and what belongs to it is larger than we read")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]

"""The first request of each host, without what Scrapy's engine costs: most listings are as they were (decision 33).

Such a request passes the same downloader middlewares as any other (robots.txt, the gate of its host, credentials,
conditions) and is sent by the same handler. Left out are the engine's queues, slots and signals, which cost more than
all of that. What is answered with anything but a 304 goes to the engine after all, with its answer: the handler gives
that out in place of asking a second time (`take_kept`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.meta import BROWSER, KEPT_ANSWER, host_of, validators_of
from crawler.middlewares.robots import keeps_rules

LEFT_LYING = 8
"""Answers that may wait until the engine has room for them; with more, nothing further is asked for."""

Asked = tuple[Request, Response | None]
"""A request, and the 304 that came of it; None where the engine is to send it, or has its answer."""


class Ahead:
    """Asks what may be asked before the engine is.

    Args:
        crawler: a running one.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._may = crawler.settings.getbool("TIDINGS_ASK_AHEAD")
        self._most = crawler.settings.getint("CONCURRENT_REQUESTS")

    async def ask(self, requests: Iterable[Request]) -> AsyncIterator[Asked]:
        """Send what may go ahead, and yield all requests, each as soon as it is known what it is.

        Args:
            requests: the first of each host.
        """
        ahead, others = _parted(requests, self._goes_ahead)
        done: asyncio.Queue[Asked] = asyncio.Queue(LEFT_LYING)
        line = iter(ahead)
        senders = [
            asyncio.ensure_future(self._send_all(line, done)) for _ in range(min(self._most, len(ahead)))
        ]
        try:
            for request in others:
                yield request, None
            for _ in ahead:
                yield await done.get()
        finally:
            for sender in senders:
                sender.cancel()

    def _goes_ahead(self, request: Request) -> bool:
        """Say whether nothing has to be asked or waited for first, and a 304 may come."""
        host = host_of(request)
        if not self._may or host is None or BROWSER in request.meta or not validators_of(request):
            return False
        return not host.closed and keeps_rules(host) and host.wait_seconds() <= 0

    async def _send_all(self, line: Iterator[Request], done: asyncio.Queue[Asked]) -> None:
        for request in line:
            await done.put((request, await self._send(request)))

    async def _send(self, request: Request) -> Response | None:
        try:
            response = await self._crawler.engine.downloader.middleware.download_async(
                self._download, request
            )
        except Exception:  # noqa: BLE001 - the engine meets the same, and has it told
            return None
        if not isinstance(response, Response):
            return None
        response.request = request
        if (host := host_of(request)) is not None:
            # The engine's slots know nothing of this request, so the gate has to keep the distance.
            host.opened = False
        return response

    async def _download(self, request: Request) -> Response:
        answer: Response | Exception
        try:
            answer = await self._crawler.engine.downloader.handlers.download_request_async(request)
        except Exception as error:  # noqa: BLE001 - what it means is for the engine's middlewares to say
            answer = error
        if isinstance(answer, Response) and answer.status == 304:
            return answer
        request.meta[KEPT_ANSWER] = answer
        raise _ForTheEngine


class _ForTheEngine(Exception):  # noqa: N818 - nothing has gone wrong
    """Keeps an answer from the middlewares: they see it when the engine has it."""


def _parted(
    requests: Iterable[Request], goes: Callable[[Request], bool]
) -> tuple[list[Request], list[Request]]:
    parts: tuple[list[Request], list[Request]] = ([], [])
    for request in requests:
        parts[not goes(request)].append(request)
    return parts


def take_kept(request: Request) -> Response | None:
    """Return the answer that a request has had ahead of the engine, once; None where it has had none.

    Raises:
        Exception: what it met in place of an answer.
    """
    kept: Response | Exception | None = request.meta.pop(KEPT_ANSWER, None)
    if isinstance(kept, Exception):
        raise kept
    return kept

"""Record a crawl: a handler around the real one, which sees every answer, also robots.txt and redirects."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.core.downloader.handlers import DownloadHandlerProtocol
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.middlewares.compression import WholeCompressionMiddleware
from crawler.recordings.atomic import refuse_existing
from crawler.recordings.failures import error_kind
from crawler.recordings.model import (
    MAX_BODY_BYTES,
    Discovered,
    Headers,
    RecordedAnswer,
    right_headers,
    to_utc,
)
from crawler.recordings.records import Head
from crawler.recordings.redaction import Redactor, credentials_in
from crawler.recordings.spool import Spool, spool_path
from news.errors import RecordingError

logger = logging.getLogger(__name__)

RECORDED = "tidings/recorded"
"""Statistic: how many answers the finished recording holds."""

RECORDING_ERROR = "tidings/recording_error"
"""Statistic: why there is no recording; the caller must fail when it is set."""

FETCHER = "crawler.downloading.GatedHandler"
_HANDLER = "crawler.recordings.recorder.RecordingHandler"


def record_settings(
    warc: Path,
    *,
    clock: datetime,
    sources: tuple[str, ...],
    definitions: str = "",
    discovery: Discovered | None = None,
    secrets: tuple[str, ...] = (),
    handler: str = FETCHER,
) -> dict[str, Any]:
    """Scrapy settings that make a crawl record itself.

    Args:
        warc: the recording to write (``.warc.gz`` or ``.warc``); it appears when the crawl has ended.
        clock: the crawl's start; aware.
        sources: names of the sources that are crawled.
        definitions: the definitions of their sites as TOML, without secrets.
        discovery: what is to be discovered, None for a crawl.
        secrets: texts that must not be recorded.
        handler: import path of the download handler that does the fetching.

    Raises:
        RecordingError: the file, or an unfinished one beside it, is in the way; the clock has no offset.
    """
    refuse_existing(warc)
    refuse_existing(spool_path(warc))
    fetcher = {"http": _HANDLER, "https": _HANDLER}
    return {
        "DOWNLOAD_HANDLERS": fetcher | dict.fromkeys(("data", "file", "ftp", "s3")),
        "TIDINGS_ASK_AHEAD": False,  # in the order of the plans
        "HTTPCACHE_ENABLED": False,  # what the cache answers is never seen here
        "TIDINGS_RECORD": str(warc.absolute()),
        "TIDINGS_RECORD_HANDLER": handler,
        "TIDINGS_RECORDING_CLOCK": to_utc(clock).isoformat(),
        "TIDINGS_RECORDING_SOURCES": list(sources),
        "TIDINGS_RECORDING_DEFINITIONS": definitions,
        "TIDINGS_RECORDING_DISCOVERY": None if discovery is None else asdict(discovery),
        "TIDINGS_SECRETS": list(secrets),
    }


class Recorder:
    """Puts answers without credentials into a spool.

    Args:
        spool: where they go.
        secrets: texts that must not be recorded.
        now: the clock for the time of each request; gives aware UTC times.
    """

    def __init__(self, spool: Spool, secrets: Redactor, now: Callable[[], datetime]) -> None:
        self.spool = spool
        self._secrets = secrets
        self._now = now

    def ask(self) -> tuple[int, datetime]:
        """The place and time of a request that is about to be sent."""
        return self.spool.next_order(), self._now()

    def keep_answer(self, asked: tuple[int, datetime], request: Request, response: Response) -> None:
        """Record an answer.

        Args:
            asked: what ``ask`` gave for the request.
            request: as it was sent; the headers named in its meta ``secret_headers`` are credentials too.
            response: decoded from its content encoding.
        """
        order, at = asked
        hidden = request.meta.get("secret_headers", ())
        seen = _pairs(response)
        redactor = self._secrets.knowing(credentials_in(request.url, _pairs(request) + seen, hidden))
        body = redactor.data(response.body)
        headers = right_headers(
            redactor.headers(seen, hidden), method=request.method, status=response.status, body=body
        )
        url = redactor.url(request.url)
        answer = RecordedAnswer(
            url=url, method=request.method, at=at, status=response.status, headers=headers, body=body
        )
        self.spool.add(order, answer)

    def keep_failure(self, asked: tuple[int, datetime], request: Request, error: Exception) -> None:
        """Record that no answer came."""
        order, at = asked
        hidden = request.meta.get("secret_headers", ())
        redactor = self._secrets.knowing(credentials_in(request.url, _pairs(request), hidden))
        url = redactor.url(request.url)
        kind = error_kind(error)
        self.spool.add(order, RecordedAnswer(url=url, method=request.method, at=at, status=0, error=kind))


class RecordingHandler(BaseDownloadHandler):
    """Fetches with the real handler and records what came.

    It hands on the decoded body, so that the crawl reads now what a replay will read.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._recorder = _recorder_of(crawler)
        path = crawler.settings.get("TIDINGS_RECORD_HANDLER") or FETCHER
        self._fetcher: DownloadHandlerProtocol = build_from_crawler(load_object(path), crawler)
        self._compression = WholeCompressionMiddleware(crawler=crawler)

    async def download_request(self, request: Request) -> Response:
        asked = self._recorder.ask()
        try:
            response = self._decoded(request, await self._fetcher.download_request(request))
        except Exception as error:
            with self._telling():
                self._recorder.keep_failure(asked, request, error)
            raise
        with self._telling():
            self._recorder.keep_answer(asked, request, response)
        return response

    async def close(self) -> None:
        await self._fetcher.close()
        _finish(self.crawler)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except RecordingError as error:
            _tell(self.crawler, error)
            raise

    def _decoded(self, request: Request, response: Response) -> Response:
        try:
            decoded = self._compression.process_response(request, response)
        except IgnoreRequest as error:
            raise DownloadCancelledError(str(error)) from error
        except Exception:  # noqa: BLE001 - each codec has errors of its own
            return response  # Scrapy's own middleware fails on it in the same way, now and in a replay
        if not isinstance(decoded, Response):
            return response
        if len(decoded.body) > MAX_BODY_BYTES:
            raise DownloadCancelledError(f"{request.url}: the body has more than {MAX_BODY_BYTES} bytes")
        if decoded is not response and "Content-Length" in decoded.headers and request.method != "HEAD":
            decoded.headers["Content-Length"] = str(len(decoded.body))
        return decoded


_recorders: WeakKeyDictionary[Crawler, Recorder] = WeakKeyDictionary()  # http and https share one


def _recorder_of(crawler: Crawler) -> Recorder:
    if crawler not in _recorders:
        try:
            _recorders[crawler] = _open_recorder(crawler)
        except RecordingError as error:
            _tell(crawler, error)
            raise
    return _recorders[crawler]


def _open_recorder(crawler: Crawler) -> Recorder:
    settings = crawler.settings
    started = settings.get("TIDINGS_RECORDING_CLOCK")
    secrets = Redactor(settings.getlist("TIDINGS_SECRETS"))
    head = Head(
        clock=to_utc(datetime.fromisoformat(started)) if started else datetime.now(UTC),
        sources=tuple(settings.getlist("TIDINGS_RECORDING_SOURCES")),
        definitions=secrets.text(settings.get("TIDINGS_RECORDING_DEFINITIONS") or ""),
        count=None,
        discovery=_discovered(settings.getdict("TIDINGS_RECORDING_DISCOVERY")),
    )
    return Recorder(Spool(Path(settings["TIDINGS_RECORD"]), head), secrets, lambda: datetime.now(UTC))


def _discovered(asked: dict[str, Any]) -> Discovered | None:
    return Discovered(**asked) if asked else None


def _finish(crawler: Crawler) -> None:
    recorder = _recorders.pop(crawler, None)
    if recorder is None:
        return
    try:
        count = recorder.spool.finish()
    except RecordingError as error:
        recorder.spool.close()
        _tell(crawler, error)
    else:
        if crawler.stats is not None:
            crawler.stats.set_value(RECORDED, count)


def _tell(crawler: Crawler, error: RecordingError) -> None:
    logger.error("The crawl is not recorded: %s", error)
    if crawler.stats is not None:
        crawler.stats.set_value(RECORDING_ERROR, str(error))


def _pairs(message: Request | Response) -> Headers:
    """Header names and values; Scrapy keeps them as bytes, grouped by name."""
    return tuple(
        (name.decode("ascii"), value.decode("utf-8", "surrogateescape").strip(" \t"))
        for name, values in message.headers.items()
        if name.isascii()
        for value in values
    )

"""Replay a recording: a download handler that answers from it and from nowhere else."""

import logging
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.recordings.failures import recorded_error
from crawler.recordings.find import open_recording
from crawler.recordings.model import RecordedAnswer
from crawler.recordings.recorder import RECORDING_ERROR
from crawler.recordings.redaction import Redactor
from crawler.recordings.visits import Visits
from news.errors import NotRecordedError, RecordingError

logger = logging.getLogger(__name__)

NOT_RECORDED = "tidings/not_recorded"
"""Statistic: how many requests were not in the recording; the caller must fail when it is set."""

NOT_RECORDED_URLS = "tidings/not_recorded_urls"
"""Statistic: what the first of them said, as a list of messages."""

_HANDLER = "crawler.recordings.replay.ReplayHandler"
_URLS_TOLD = 10


def replay_settings(path: Path, *, secrets: tuple[str, ...] = ()) -> dict[str, Any]:
    """Scrapy settings that make a crawl read from a recording, at full speed and without any other handler.

    Args:
        path: a recording in either form.
        secrets: texts that were taken out when it was recorded, if they are known here too.

    Raises:
        RecordingError: the recording is missing or damaged.
    """
    open_recording(path)
    replayed = {"http": _HANDLER, "https": _HANDLER}
    return {
        "AUTOTHROTTLE_ENABLED": False,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_HANDLERS": replayed | dict.fromkeys(("data", "file", "ftp", "s3")),
        "DOWNLOAD_SLOTS": {},
        "TIDINGS_ASK_AHEAD": False,  # in the order of the plans
        "HTTPCACHE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "TIDINGS_REPLAY": str(path.absolute()),
        "TIDINGS_SECRETS": list(secrets),
    }


class ReplayHandler(BaseDownloadHandler):
    """Answers requests from the recording named by the setting ``TIDINGS_REPLAY``."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._visits = _visits_of(crawler)
        self._redactor = Redactor(crawler.settings.getlist("TIDINGS_SECRETS"))
        self._maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        url = self._redactor.url(request.url)
        conditional = "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
        try:
            answer = self._visits.next_answer(request.method, url, conditional=conditional)
        except NotRecordedError as error:
            self._tell(error)
            raise
        if answer.error:
            raise recorded_error(answer.error, url)
        limit = request.meta.get("download_maxsize", self._maxsize)
        if limit and len(answer.body) > limit:
            raise DownloadCancelledError(f"{url} has {len(answer.body)} bytes, more than {limit}")
        request.meta["download_latency"] = 0.0
        return _response(request.url.partition("#")[0], answer)

    def _tell(self, error: NotRecordedError) -> None:
        logger.error("%s", error)
        stats = self.crawler.stats
        if stats is not None:
            stats.inc_value(NOT_RECORDED)
            told = stats.get_value(NOT_RECORDED_URLS, [])
            if len(told) < _URLS_TOLD:
                stats.set_value(NOT_RECORDED_URLS, [*told, str(error)])


_visits: WeakKeyDictionary[Crawler, Visits] = WeakKeyDictionary()  # http and https share one


def _visits_of(crawler: Crawler) -> Visits:
    if crawler not in _visits:
        path = Path(crawler.settings["TIDINGS_REPLAY"])
        try:
            _visits[crawler] = Visits(open_recording(path), str(path))
        except RecordingError as error:
            if crawler.stats is not None:
                crawler.stats.set_value(RECORDING_ERROR, str(error))
            raise
    return _visits[crawler]


def _response(url: str, answer: RecordedAnswer) -> Response:
    """The response as Scrapy's HTTP handler builds it: of the class that headers, URL and body suggest."""
    headers = Headers([(name, value.encode("utf-8", "surrogateescape")) for name, value in answer.headers])
    kind = responsetypes.from_args(headers=headers, url=url, body=answer.body)
    return kind(url=url, status=answer.status, headers=headers, body=answer.body, protocol="HTTP/1.1")

"""Run one spider in this process, once, and say what really became of it: Scrapy itself only logs it."""

from __future__ import annotations

import logging
import signal
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings as ScrapySettings
from twisted.logger import globalLogBeginner

from crawler.log_subjects import SubjectFilter


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How a spider ended.

    ``failure`` says in one line what went wrong with the crawl as a whole, empty if nothing did. ``reason`` is why it
    was closed. ``spider`` is None where it could not even be built.
    """

    spider: Spider | None
    reason: str
    failure: str
    stats: dict[str, Any] = field(default_factory=dict)


def run_spider(
    spider: type[Spider],
    settings: ScrapySettings,
    *,
    arguments: dict[str, Any],
    within: AbstractContextManager[None],
    quiet: bool,
) -> Ran:
    """Run a spider to its end. Call it once in a process, in its main thread: the reactor runs once.

    :param arguments: of the spider.
    :param within: entered while the spider runs, such as a guard against sockets.
    :param quiet: leave out what Scrapy tells of every crawl, which is no news to whoever runs hundreds.
    """
    # A certificate that is refused is told by the run; Twisted adds a traceback for each connection.
    logging.getLogger("twisted").addFilter(_is_no_certificate)
    # Before it is told where to log, it writes what is critical to stderr, beside what Scrapy passes on to the log.
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)
    if quiet:
        # Already building the process tells of its start, and resets the level of this logger, but not its filters.
        logging.getLogger("scrapy.utils.log").addFilter(_is_warning)
    for handler in logging.getLogger().handlers:
        handler.addFilter(SubjectFilter())
    process = AsyncCrawlerProcess(settings)
    if quiet:
        logging.getLogger("scrapy").setLevel(logging.WARNING)
    crawler = process.create_crawler(spider)
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # the parent decides what Ctrl-C means; Scrapy takes it over
        crawler.signals.connect(_ignore_interrupts, signals.engine_started, weak=False)
    with within:
        task = process.crawl(crawler, **arguments)
        process.start()
    error = task.exception() if task.done() and not task.cancelled() else None
    reason = str(getattr(crawler.spider, "closed_reason", ""))
    return Ran(
        spider=crawler.spider,
        reason=reason,
        failure=_what_went_wrong(error, reason, failed=process.bootstrap_failed),
        stats=_stats(crawler),
    )


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _is_no_certificate(record: logging.LogRecord) -> bool:
    return "verifying certificate" not in record.getMessage()


def _stats(crawler: Crawler) -> dict[str, Any]:
    try:
        return dict(crawler.stats.get_stats())
    except RuntimeError:  # a crawl that did not even begin has none
        return {}


def _what_went_wrong(error: BaseException | None, reason: str, *, failed: bool) -> str:
    """Return what Scrapy itself only logs: it ends with status 0 also when a component cannot be built."""
    if error is not None:
        return f"the crawl could not run: {type(error).__name__}: {error}"
    if failed:
        return "the crawl could not start; its log says why"
    if not reason:
        return "the crawl ended without being closed"
    return ""

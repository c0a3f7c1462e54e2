"""Crawl a batch of leased sources in this process, from plans to settled runs, and say what really happened."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from scrapy.settings import Settings as ScrapySettings
from sqlalchemy import Engine, make_url

from crawler.batch import Batch, BatchResult
from crawler.browser.chromium import HANDLER as BROWSER_HANDLER
from crawler.browser.chromium import browser_settings, find_chromium
from crawler.recordings.offline import forbid_sockets
from crawler.recordings.recorder import FETCHER, RECORDING_ERROR, record_settings
from crawler.recordings.replay import NOT_RECORDED, NOT_RECORDED_URLS, replay_settings
from crawler.running import run_spider
from crawler.session import Session
from crawler.settings import VERSION
from crawler.spiders.listings import ListingsSpider
from news.errors import StorageError
from news.run import Settled
from storage.engine import open_engine
from storage.leases import release
from storage.logs import is_piped, keep_secret

logger = logging.getLogger(__name__)

SOFT_LIMIT = 0.8
"""The share of the wall limit after which a crawl closes by itself, so that what was read is settled."""


def crawl_batch(batch: Batch, report: Callable[[Settled], None]) -> BatchResult:
    """Crawl the batch and settle its runs. Call it once in a process, in its main thread: the reactor runs once.

    SIGINT and SIGTERM stop the crawl: what is finished is settled, the rest stays due.

    :param report: gets each run's result as soon as it is committed; called in another thread.
    :raises StorageError: the database cannot be read at all.
    :raises RecordingError: the recording to replay is missing or damaged, or the one to write is in the way.
    """
    engine = open_engine(batch.database_url, create=False)
    try:
        session = Session(
            engine,
            batch.leases,
            batch.source_ids,
            report,
            clock=batch.clock,
            announce_latest=batch.announce_latest,
            look_budget=batch.look_budget,
            budget=batch.budget,
            delay_seconds=batch.delay_seconds,
            find_browser=_browser_finder(batch),
        )
        keep_secret(*session.secrets)
        result = _crawl(batch, session)
        _release(engine, batch)
        return result
    finally:
        engine.dispose()


def _crawl(batch: Batch, session: Session) -> BatchResult:
    if not session.plans:
        session.close()
        return BatchResult(settled=tuple(session.settler.settled))
    # A recording is whole: it holds the rules that its crawl obeyed, also when they are known from an earlier one.
    ran = run_spider(
        ListingsSpider,
        scrapy_settings(batch, session),
        arguments=session.spider_arguments(fresh_robots=batch.record is not None),
        within=_offline(batch),
        quiet=batch.log_level != "DEBUG",
    )
    session.close(ran.failure)
    stats = ran.stats
    return BatchResult(
        settled=tuple(session.settler.settled),
        failure="; ".join(filter(None, (ran.failure, *session.settler.failures))),
        finish_reason=ran.reason,
        unfinished=tuple(plan.source_id for plan in session.unfinished()),
        not_recorded=tuple(stats.get(NOT_RECORDED_URLS, ())) if stats.get(NOT_RECORDED) else (),
        recording_error=str(stats.get(RECORDING_ERROR, "")),
    )


def scrapy_settings(batch: Batch, session: Session) -> ScrapySettings:
    """Return Scrapy's settings for a batch: those of `crawler.settings`, and what the batch alone knows.

    :raises RecordingError: as `crawl_batch`.
    """
    settings = ScrapySettings()
    settings.setmodule("crawler.settings", priority="project")
    own: dict[str, Any] = {
        "CLOSESPIDER_TIMEOUT": batch.wall_seconds * SOFT_LIMIT,
        "DOWNLOAD_MAXSIZE": batch.max_body_bytes,
        "DOWNLOAD_TIMEOUT": batch.timeout_seconds,
        "LOG_LEVEL": batch.log_level,
        "LOG_INSTALL_ROOT_HANDLER": not is_piped(),
        "TIDINGS_ENVIRONMENT_PROXIES": batch.environment_proxies,
        "TIDINGS_SECRETS": list(session.secrets),
    }
    if batch.user_agent or batch.contact:
        own["USER_AGENT"] = batch.user_agent or f"tidings/{VERSION} (+{batch.contact})"
    if batch.replay is not None:
        own |= {**replay_settings(batch.replay, secrets=session.secrets), "TIDINGS_HOST_GATE_WAITS": False}
    if session.browser:
        own |= browser_settings(session.browser, sandbox=batch.browser_sandbox)
    if batch.record is not None:
        own |= record_settings(
            batch.record,
            clock=min(plan.lease.leased_at for plan in session.plans),
            sources=tuple(plan.source.name for plan in session.plans),
            definitions=batch.definitions,
            secrets=session.secrets,
            handler=BROWSER_HANDLER if session.browser else FETCHER,
        )
    settings.setdict(own, priority="cmdline")
    return settings


def _browser_finder(batch: Batch) -> Callable[[], str] | None:
    """Return what finds the browser for sources that need one; a replay needs none."""
    if batch.replay is not None:
        return None
    return partial(find_chromium, batch.browser_path, sandbox=batch.browser_sandbox)


def _offline(batch: Batch) -> AbstractContextManager[None]:
    if batch.replay is None:
        return nullcontext()
    host = make_url(batch.database_url).host
    return forbid_sockets(allowed_hosts=(host,) if host else ())


def _release(engine: Engine, batch: Batch) -> None:
    """End the leases, also those of hosts whose sources were left unfinished."""
    try:
        release(engine, batch.leases)
    except StorageError as error:
        logger.warning("the leases could not be ended early, and end by themselves: %s", error)

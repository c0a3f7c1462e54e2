"""Make one discovery in this process, live or from a recording, and say what really happened."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy.settings import Settings as ScrapySettings

from crawler.browser.chromium import HANDLER, browser_settings, find_chromium
from crawler.clock import RunClock
from crawler.discovery.options import Options
from crawler.discovery.proposal import Proposal
from crawler.recordings.model import Discovered
from crawler.recordings.offline import forbid_sockets
from crawler.recordings.recorder import FETCHER, RECORDING_ERROR, record_settings
from crawler.recordings.replay import NOT_RECORDED, NOT_RECORDED_URLS, replay_settings
from crawler.running import run_spider
from crawler.settings import VERSION
from crawler.spiders.discovery import DiscoverySpider, Journey
from news.addresses import private_hosts
from news.errors import ConfigError
from news.run import HostState
from news.source import Channel, RequestRules, Source
from storage.logs import Form, is_piped

if TYPE_CHECKING:
    from storage.settings import Settings

logger = logging.getLogger(__name__)

SOFT_LIMIT = 0.8
"""The share of the wall limit after which the crawl closes by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inquiry:
    """One discovery that is to be made; plain values, so that it can be sent to another process.

    ``clock`` is the moment under which dates are read, and that a recording is given. ``channels`` are those that may
    be asked and proposed, none for all. ``hosts`` are what other processes left of the hosts. ``replay`` is a
    recording to read from, in which a ``browser`` was at hand or not; ``record`` a WARC file to write.
    """

    url: str
    clock: datetime
    channels: tuple[Channel, ...] = ()
    language: str = ""
    allow_private: bool = False
    hosts: tuple[HostState, ...] = ()
    wall_seconds: float = 300.0
    user_agent: str = ""
    contact: str = ""
    delay_seconds: float = 1.0
    timeout_seconds: float = 30.0
    max_body_bytes: int = 10 * 1024**2
    environment_proxies: bool = False
    browser_path: str = ""
    browser_sandbox: bool = True
    browser: bool = False
    replay: Path | None = None
    record: Path | None = None
    log_level: str = "WARNING"
    log_format: Form = "console"

    @classmethod
    def under(cls, settings: Settings, url: str, **own: Any) -> Self:
        """Return an inquiry that follows ``settings``; ``own`` are the fields that only this one has."""
        fields: dict[str, Any] = {
            "wall_seconds": settings.wall_seconds,
            "user_agent": settings.user_agent,
            "contact": settings.contact,
            "delay_seconds": settings.delay_seconds,
            "timeout_seconds": settings.timeout_seconds,
            "max_body_bytes": settings.max_body_bytes,
            "environment_proxies": settings.environment_proxies,
            "browser_path": settings.browser_path,
            "browser_sandbox": settings.browser_sandbox,
            "log_level": settings.log_level.upper(),
            "log_format": settings.log_format,
        }
        return cls(url=url, **(fields | own))


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What became of an inquiry.

    ``failure`` says in one line why there is no proposal. ``not_recorded`` are the requests that a replay asked for
    in vain; ``recording_error`` is why there is no recording. ``hosts`` are those that were asked, as they were left.
    """

    proposal: Proposal | None = None
    failure: str = ""
    not_recorded: tuple[str, ...] = ()
    recording_error: str = ""
    hosts: tuple[HostState, ...] = ()


def inquire(inquiry: Inquiry) -> Finding:
    """Make the discovery. Call it once in a process, in its main thread: the reactor runs once.

    Raises:
        RecordingError: the recording to replay is missing or damaged, or the one to write is in the way.
    """
    browser = _browser(inquiry)
    ran = run_spider(
        DiscoverySpider,
        scrapy_settings(inquiry, browser=browser),
        arguments={"journey": _journey(inquiry, renders=bool(browser) or inquiry.browser)},
        within=_offline(inquiry),
        quiet=inquiry.log_level != "DEBUG",
    )
    spider = ran.spider if isinstance(ran.spider, DiscoverySpider) else None
    proposal = spider.proposal if spider is not None else None
    failure = ran.failure
    if proposal is None and not failure:
        failure = (
            "the discovery fell over; its log says why" if ran.reason == "finished" else _cut(ran.reason)
        )
    missing = ran.stats.get(NOT_RECORDED_URLS, ()) if ran.stats.get(NOT_RECORDED) else ()
    return Finding(
        proposal=proposal,
        failure="" if proposal is not None else failure,
        not_recorded=tuple(missing),
        recording_error=str(ran.stats.get(RECORDING_ERROR, "")),
        hosts=tuple(host.state for host in spider.hosts) if spider is not None else (),
    )


def scrapy_settings(inquiry: Inquiry, *, browser: str = "") -> ScrapySettings:
    """Return Scrapy's settings for an inquiry: those of every crawl, and what it alone knows.

    Args:
        inquiry: what is to be found out.
        browser: the program that renders pages, empty if there is none.

    Raises:
        RecordingError: as `inquire`.
    """
    settings = ScrapySettings()
    settings.setmodule("crawler.settings", priority="project")
    own: dict[str, Any] = {
        "CLOSESPIDER_TIMEOUT": inquiry.wall_seconds * SOFT_LIMIT,
        "DOWNLOAD_MAXSIZE": inquiry.max_body_bytes,
        "DOWNLOAD_TIMEOUT": inquiry.timeout_seconds,
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": inquiry.log_level,
        "LOG_INSTALL_ROOT_HANDLER": not is_piped(),
        "TIDINGS_ENVIRONMENT_PROXIES": inquiry.environment_proxies,
    }
    if inquiry.user_agent or inquiry.contact:
        own["USER_AGENT"] = inquiry.user_agent or f"tidings/{VERSION} (+{inquiry.contact})"
    if inquiry.replay is not None:
        own |= {**replay_settings(inquiry.replay), "TIDINGS_HOST_GATE_WAITS": False}
    if browser:
        own |= browser_settings(browser, sandbox=inquiry.browser_sandbox)
    if inquiry.record is not None:
        asked = Discovered(
            url=inquiry.url,
            channels=tuple(map(str, inquiry.channels)),
            language=inquiry.language,
            browser=bool(browser),
        )
        own |= record_settings(
            inquiry.record,
            clock=inquiry.clock,
            sources=(),
            discovery=asked,
            handler=HANDLER if browser else FETCHER,
        )
    settings.setdict(own, priority="cmdline")
    return settings


def _browser(inquiry: Inquiry) -> str:
    """Return the program that renders pages, empty where there is none; a replay needs none."""
    if inquiry.replay is not None:
        return ""
    try:
        return find_chromium(inquiry.browser_path, sandbox=inquiry.browser_sandbox)
    except ConfigError as error:
        logger.info("no page can be rendered: %s", error)
        return ""


def _journey(inquiry: Inquiry, *, renders: bool) -> Journey:
    channels = frozenset(inquiry.channels) or frozenset(Channel)
    return Journey(
        url=inquiry.url,
        options=Options(channels=channels, language=inquiry.language),
        clock=RunClock(inquiry.clock, fixed=inquiry.replay is not None),
        started_at=inquiry.clock,
        # A recording is whole: it holds the rules that were obeyed, also when they are known already.
        hosts=tuple(map(_without_robots, inquiry.hosts)) if inquiry.record else inquiry.hosts,
        private_hosts=_private_hosts(inquiry),
        renders=renders,
        delay_seconds=inquiry.delay_seconds,
    )


def _private_hosts(inquiry: Inquiry) -> frozenset[str]:
    """Return what the opt-in covers: the host that was named, and not what it leads to."""
    rules = RequestRules(allow_private=inquiry.allow_private)
    return private_hosts(Source(name="discovery", url=inquiry.url, request=rules))


def _offline(inquiry: Inquiry) -> AbstractContextManager[None]:
    return nullcontext() if inquiry.replay is None else forbid_sockets()


def _without_robots(host: HostState) -> HostState:
    return replace(host, robots_expires_at=None)


def _cut(reason: str) -> str:
    if reason == "closespider_timeout":
        return "the discovery reached its time limit (wall_seconds)"
    return f"the discovery ended before it was finished ({reason})"

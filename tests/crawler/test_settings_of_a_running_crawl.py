"""The settings part of promise 10: what a running crawl really runs with, asked in the middle of it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import psutil

from news.version import ROOT, own_version, source_version
from tests.crawler.crawling import crawl, plan, source
from tests.crawler.site import LocalSite, rows

CLOSED: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_MAXSIZE": 10 * 1024 * 1024,
    "DOWNLOAD_TIMEOUT": 30,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "COOKIES_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REFERER_ENABLED": False,
    "REDIRECT_MAX_TIMES": 5,
    "RETRY_TIMES": 1,
    "RETRY_HTTP_CODES": [],
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    "FEEDS": {},
    "JOBDIR": None,
}


def _names(manager: Any) -> list[str]:
    return [type(each).__name__ for each in manager.middlewares]


def _ask(crawler: Any) -> dict[str, Any]:
    """Answer in the child, while a response is on its way to the spider."""
    engine = crawler.engine
    handlers = engine.downloader.handlers
    slot = next(iter(engine.downloader.slots.values()))
    connections = psutil.Process(os.getpid()).net_connections(kind="all")
    return {
        "settings": {name: crawler.settings.get(name) for name in CLOSED},
        "delay": crawler.settings.getfloat("DOWNLOAD_DELAY"),
        "downloader": _names(engine.downloader.middleware),
        "spider": _names(engine.scraper.spidermw),
        "extensions": _names(crawler.extensions),
        "pipelines": _names(engine.scraper.itemproc),
        "schemes": [
            name for name in ("data", "file", "ftp", "http", "https", "s3") if handlers._get_handler(name)
        ],
        "slot": (slot.concurrency, slot.delay, slot.jitter),
        "listening": [str(each.laddr) for each in connections if each.status == psutil.CONN_LISTEN],
    }


def test_a_running_crawl_is_closed_lean_and_listens_nowhere() -> None:
    with LocalSite() as site:
        site.page("/news/", rows([]))
        facts = crawl(plan(source(site.url("/news/"))), settings={"DOWNLOAD_DELAY": 1.15}, inspect=_ask).facts
    assert facts["settings"] == CLOSED
    assert facts["delay"] == 1.15
    assert facts["schemes"] == ["http", "https"]
    assert facts["slot"][0] == 1
    assert facts["listening"] == []
    assert facts["downloader"] == [
        "RobotsMiddleware",
        "HostGateMiddleware",
        "CredentialsMiddleware",
        "ConditionalMiddleware",
        "DownloadTimeoutMiddleware",
        "DefaultHeadersMiddleware",
        "UserAgentMiddleware",
        "RetryMiddleware",
        "WholeCompressionMiddleware",
        "QuietRedirectMiddleware",
        "ProxyMiddleware",
        "SizesMiddleware",
    ]
    assert facts["spider"] == []
    assert facts["extensions"] == []
    assert facts["pipelines"] == ["Normalise", "Validate", "Deduplicate", "Collect"]


def test_a_time_limit_brings_the_one_extension_that_keeps_it() -> None:
    with LocalSite() as site:
        site.page("/news/", rows([]))
        facts = crawl(
            plan(source(site.url("/news/"))), settings={"CLOSESPIDER_TIMEOUT": 30}, inspect=_ask
        ).facts
    assert facts["extensions"] == ["CloseSpider"]


def test_the_version_is_known_without_an_installation(tmp_path: Path) -> None:
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["version"]
    assert source_version(ROOT) == declared
    assert source_version(tmp_path) == ""
    assert own_version() == declared

"""Promise 10, the part of the settings: what a crawl may do is closed by default, and limits reach the crawl."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy.settings import Settings as ScrapySettings
from sqlalchemy import Engine

from crawler.batch import Batch, BatchResult
from crawler.crawling import scrapy_settings
from crawler.session import Session
from news.run import Verdict
from scheduler.children import Ending
from scheduler.crawling import crawl_now
from storage.settings import Settings
from storage.sources import save_sources
from tests.crawler.site import LocalSite
from tests.promises.archive import RULES, Item, local_source, source

CLOSED = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "REFERER_ENABLED": False,
    "METAREFRESH_ENABLED": False,
}


def effective(engine: Engine, **settings: Any) -> ScrapySettings:
    """Return the settings that a crawl of one source would run with."""
    url = engine.url.render_as_string(hide_password=False)
    save_sources(engine, [source("https://news.example/", "news")], origin="file", now=datetime.now(UTC))
    seen: list[ScrapySettings] = []

    def look(batch: Batch, _report: Any) -> Ending:
        session = Session(engine, batch.leases, batch.source_ids, lambda _: None)
        seen.append(scrapy_settings(batch, session))
        session.close()
        return Ending(result=BatchResult())

    crawl_now(Settings(database_url=url, **settings), ["news"], crawl=look)
    return seen[0]


def test_promise_10_closed_by_default(engine: Engine) -> None:
    found = effective(engine)
    assert {name: found[name] for name in CLOSED} == CLOSED
    assert {
        name: found["DOWNLOAD_HANDLERS"][name] for name in ("data", "file", "ftp", "s3")
    } == dict.fromkeys(("data", "file", "ftp", "s3"))
    assert found.getint("DOWNLOAD_MAXSIZE") == 10 * 1024**2
    assert found.getfloat("DOWNLOAD_TIMEOUT") == 30
    assert found.getint("REDIRECT_MAX_TIMES") <= 5
    assert 0 < found.getfloat("CLOSESPIDER_TIMEOUT") < 300


def test_promise_10_closed_the_operators_limits_reach_the_crawl(engine: Engine) -> None:
    found = effective(
        engine, timeout_seconds=7, max_body_bytes="2MB", wall_seconds=100, contact="mailto:a@b.example"
    )
    assert found.getfloat("DOWNLOAD_TIMEOUT") == 7
    assert found.getint("DOWNLOAD_MAXSIZE") == 2_000_000
    assert found.getfloat("CLOSESPIDER_TIMEOUT") == 80
    assert "mailto:a@b.example" in found["USER_AGENT"]


def test_promise_10_closed_a_secret_reaches_its_host_and_no_digest_reason_or_other_host(
    database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del (
        monkeypatch
    )  # a crawl's process has the environment of the first; without the variable the run says so
    of = source("https://news.example/", "news", article=RULES)
    of = replace(of, request=replace(of.request, headers=(("X-Key", "env:TIDINGS_TEST_NO_SUCH_SECRET"),)))
    save_sources(engine, [of], origin="file", now=datetime.now(UTC))
    [run] = crawl_now(Settings(database_url=database_url, log_level="error"), ["news"])
    assert run.verdict is Verdict.FAILED
    assert "TIDINGS_TEST_NO_SUCH_SECRET" in run.reason
    assert run.requests == 0


def test_promise_10_closed_to_other_schemes_wherever_a_page_leads(database_url: str, engine: Engine) -> None:
    evil = (
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://news.example/a",
        "http://u:p@h/",
    )
    with LocalSite() as site:
        rows = "".join(Item(href, f"Title {number}").html for number, href in enumerate(evil))
        good = "".join(Item(f"/{name}", f"Title of {name}", "").html for name in ("one", "two"))
        site.page("/news/", f"<title>News</title><ul>{rows}{good}</ul>")
        save_sources(engine, [local_source(site.url("/news/"), "news")], origin="file", now=datetime.now(UTC))
        [run] = crawl_now(Settings(database_url=database_url, log_level="error"), ["news"])
        assert set(site.paths()) == {"/news/", "/one", "/two"}
    assert run.entries == 2
    assert sum(count for _, count in run.refused) >= len(evil)
    assert run.next_due_at is not None
    assert run.next_due_at - datetime.now(UTC) < timedelta(hours=1)

"""Crawls with hand-made plans: a real Scrapy process, in a child forked from a warm one, and its readings back."""

from __future__ import annotations

import logging
import multiprocessing
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from news.entry import Entry
from news.run import HostState, Lease, Plan, Reading
from news.source import ArticleRules, RequestRules, Source, Wrapper
from news.urls import host_key
from storage.recognising import Recognised

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
QUICK = RequestRules(delay_seconds=0.0, allow_private=True)  # the sites of the tests are local
WRAPPER = Wrapper(item=("li.item",), link=("a",), title=("a",), body=("div.text",), next_page=("a.next",))
RULES = ArticleRules(title=("h1",), body=("div.body",))

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["crawler.warm"])


@dataclass(frozen=True, kw_only=True)
class Crawled:
    """What came back from the child."""

    readings: dict[str, Reading]
    order: tuple[str, ...]
    facts: dict[str, Any]
    error: str = ""


def source(url: str, name: str = "site", **fields: Any) -> Source:
    fields = {"wrapper": WRAPPER, "article": RULES, "request": QUICK, **fields}
    return Source(name=name, url=url, **fields)


def plan(of: Source, *, source_id: int = 1, host: HostState | None = None, **fields: Any) -> Plan:
    name = host_key(of.url)
    lease = Lease(host=name, token=1, owner="test", leased_at=NOW, until=NOW + timedelta(minutes=5))
    fields = {"extractor": "test", "lease": lease, **fields}
    return Plan(source=of, source_id=source_id, host=host or HostState(name=name), **fields)


def again(before: Plan, reading: Reading, **fields: Any) -> Plan:
    """Return the plan of the next run, as if everything that was read had been settled."""
    keys = tuple(entry.key for entry in reading.entries)
    known: dict[str, Any] = {
        "has_baseline": True,
        "frontier": keys,
        "stop_keys": keys,
        "first_page": reading.profile.entries,
        "aliases": {key: key for key in keys},
        "validators": reading.validators,
        "host": replace(reading.host, last_request_at=None),
    }
    return replace(before, **{**known, **fields})


def _nothing_known(plan: Plan, entries: Sequence[Entry]) -> Recognised:
    return Recognised()


def crawl(
    *plans: Plan,
    recognise: Callable[[Plan, Sequence[Entry]], Recognised] = _nothing_known,
    settings: Mapping[str, Any] | None = None,
    inspect: Callable[[Any], dict[str, Any]] | None = None,
    credentials: Mapping[str, Any] | None = None,
    limit_seconds: float = 60,
) -> Crawled:
    """Crawl the plans in a child process and return their readings."""
    receiver, sender = CONTEXT.Pipe(duplex=False)
    arguments = (sender, plans, recognise, dict(settings or {}), inspect, dict(credentials or {}))
    child = CONTEXT.Process(target=_child, args=arguments)
    child.start()
    sender.close()
    try:
        crawled: Crawled = receiver.recv() if receiver.poll(limit_seconds) else _lost("the crawl hangs")
    except EOFError:
        crawled = _lost(f"the crawl died: {child.exitcode}")
    finally:
        child.join(5)
        if child.is_alive():
            child.kill()
            child.join()
    assert not crawled.error, crawled.error
    return crawled


def _lost(why: str) -> Crawled:
    return Crawled(readings={}, order=(), facts={}, error=why)


def _child(
    sender: Connection,
    plans: Sequence[Plan],
    recognise: Any,
    settings: dict[str, Any],
    inspect: Any,
    credentials: dict[str, Any],
) -> None:
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    from crawler.spiders.listings import ListingsSpider

    readings: list[Reading] = []
    facts: dict[str, Any] = {}
    try:
        effective = Settings()
        effective.setmodule("crawler.settings", priority="project")
        effective.setdict({"LOG_LEVEL": "WARNING", "DOWNLOAD_DELAY": 0, **settings}, priority="cmdline")
        process = AsyncCrawlerProcess(effective)
        crawler = process.create_crawler(ListingsSpider)
        if inspect is not None:
            inspector = _Inspector(crawler, inspect, facts)
            crawler.signals.connect(inspector.look, signal=_response_received())
        _task = process.crawl(
            crawler, plans=plans, finished=readings.append, recognise=recognise, credentials=credentials
        )
        process.start()
        facts["stats"] = dict(crawler.stats.get_stats())
        facts["bootstrap_failed"] = process.bootstrap_failed
        sender.send(
            Crawled(
                readings={reading.source: reading for reading in readings},
                order=tuple(reading.source for reading in readings),
                facts=facts,
            )
        )
    except BaseException:  # noqa: BLE001 - the test shall see it, whatever it is
        logging.shutdown()
        sender.send(_lost(traceback.format_exc()))


def _response_received() -> Any:
    from scrapy import signals

    return signals.response_received


class _Inspector:
    """Asks a question of the running crawl, once, in the middle of it."""

    def __init__(self, crawler: Any, inspect: Callable[[Any], dict[str, Any]], facts: dict[str, Any]) -> None:
        self._crawler, self._inspect, self._facts = crawler, inspect, facts

    def look(self) -> None:
        if not self._facts:
            self._facts.update(self._inspect(self._crawler))

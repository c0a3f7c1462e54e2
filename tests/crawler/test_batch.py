"""A batch from leases to settled runs: a real site, a real database, a real crawl process."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from crawler.batch import Batch, BatchResult
from crawler.crawling import crawl_batch
from news.change import ChangeKind
from news.run import Settled, Verdict
from news.source import RequestRules
from storage.engine import open_engine
from storage.leases import lease_named
from storage.sources import save_sources
from tests.crawler.crawling import CONTEXT, NOW, source
from tests.crawler.site import Answer, LocalSite, article, rows

BODY = "A body that is long enough to be one, with several words in it. " * 6


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as local:
        publish(local, "b", "a")
        yield local


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    opened = open_engine(sqlite_url)
    yield opened
    opened.dispose()


def publish(site: LocalSite, *names: str, path: str = "/news/") -> None:
    for name in names:
        site.page(f"/{name}", article(f"Title of {name}", f"{BODY} It is {name}."))
    site.page(path, rows([(f"/{name}", f"Title of {name}") for name in names]))


class Ran:
    """What a crawl process reported."""

    def __init__(self) -> None:
        self.runs: list[Settled] = []
        self.result: BatchResult | None = None
        self.exit: int | None = None

    @property
    def changes(self) -> list[tuple[ChangeKind, str]]:
        return [(change.kind, change.title) for run in self.runs for change in run.changes]


def run(
    engine: Engine,
    *names: str,
    entry: Callable[[Connection, Batch], None] | None = None,
    meanwhile: Callable[[int], None] | None = None,
    **options: Any,
) -> Ran:
    leased = lease_named(engine, names, owner="test", seconds=120)
    batch = Batch(
        database_url=engine.url.render_as_string(hide_password=False),
        leases=tuple(lease for lease, _ in leased),
        source_ids=tuple(key for _, ids in leased for key in ids),
        **options,
    )
    receiver, sender = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=entry or _child, args=(sender, batch))
    child.start()
    sender.close()
    if meanwhile is not None:
        assert child.pid is not None
        meanwhile(child.pid)
    ran = Ran()
    until = time.monotonic() + 60
    while ran.result is None and receiver.poll(max(0, until - time.monotonic())):
        try:
            message = receiver.recv()
        except EOFError:
            break
        if isinstance(message, Settled):
            ran.runs.append(message)
        else:
            ran.result = message
    child.join(10)
    ran.exit = child.exitcode
    return ran


def _child(sender: Connection, batch: Batch) -> None:
    sender.send(crawl_batch(batch, sender.send))


def declare(engine: Engine, site: LocalSite, *names: str, **fields: Any) -> None:
    paths = {"site": "/news/", "other": "/more/"}
    save_sources(
        engine, [source(site.url(paths[name]), name, **fields) for name in names], origin="file", now=NOW
    )


def test_a_baseline_announces_nothing_then_news_come_once_then_nothing_changes(
    engine: Engine, site: LocalSite
) -> None:
    declare(engine, site, "site")
    first = run(engine, "site")
    assert [(each.verdict, each.baseline) for each in first.runs] == [(Verdict.OK, 2)]
    assert first.result is not None
    assert (first.result.failure, first.result.finish_reason, first.exit) == ("", "finished", 0)

    publish(site, "d", "c", "b", "a")
    assert run(engine, "site").changes == [
        (ChangeKind.PUBLISHED, "Title of c"),
        (ChangeKind.PUBLISHED, "Title of d"),
    ]
    site.forget()
    third = run(engine, "site")
    assert [each.verdict for each in third.runs] == [Verdict.NOT_MODIFIED]
    assert site.paths(robots=True) == ["/news/"]


def test_the_lease_is_free_when_the_batch_is_done(sqlite_engine: Engine, site: LocalSite) -> None:
    publish(site, "x", path="/more/")
    declare(sqlite_engine, site, "site", "other")
    assert {each.source for each in run(sqlite_engine, "site", "other").runs} == {"site", "other"}
    assert lease_named(sqlite_engine, ["site"], owner="next", seconds=5)


def test_a_missing_variable_fails_its_source_by_name_and_no_other(
    sqlite_engine: Engine, site: LocalSite
) -> None:
    publish(site, "x", path="/more/")
    declare(
        sqlite_engine, site, "site", request=RequestRules(headers=(("X-Key", "env:TIDINGS_TEST_NOT_SET"),))
    )
    declare(sqlite_engine, site, "other")
    runs = {each.source: each for each in run(sqlite_engine, "site", "other").runs}
    assert runs["site"].verdict is Verdict.FAILED
    assert "TIDINGS_TEST_NOT_SET" in runs["site"].reason
    assert runs["other"].verdict is Verdict.OK


def test_a_component_that_cannot_be_built_fails_every_source(sqlite_engine: Engine, site: LocalSite) -> None:
    declare(sqlite_engine, site, "site")
    ran = run(sqlite_engine, "site", entry=_broken_component)
    assert ran.result is not None
    assert "no such component" in ran.result.failure
    assert [each.verdict for each in ran.runs] == [Verdict.FAILED]
    assert not site.log


def _broken_component(sender: Connection, batch: Batch) -> None:
    from crawler import settings

    settings.DOWNLOADER_MIDDLEWARES["tests.crawler.test_batch.Unbuildable"] = 1
    _child(sender, batch)


class Unbuildable:
    def __init__(self) -> None:
        raise RuntimeError("no such component")


def test_a_settling_that_fails_is_reported_and_the_source_stays_due(
    sqlite_engine: Engine, site: LocalSite
) -> None:
    publish(site, "x", path="/more/")
    declare(sqlite_engine, site, "site", "other")
    with sqlite_engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON runs WHEN NEW.source_id = "
                "(SELECT id FROM sources WHERE name = 'site') BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        )
    ran = run(sqlite_engine, "site", "other")
    runs = {each.source: each for each in ran.runs}
    assert runs["other"].verdict is Verdict.OK
    assert (runs["site"].verdict, runs["site"].run_id) == (Verdict.FAILED, None)
    assert "the disk is full" in runs["site"].reason
    assert ran.result is not None
    assert "the disk is full" in ran.result.failure


def test_sigterm_settles_what_is_finished_and_leaves_the_rest_due(
    sqlite_engine: Engine, site: LocalSite
) -> None:
    publish(site, "x", path="/more/")
    site.script("/more/", Answer(body=rows([("/x", "Title of x")]), delay_seconds=1))
    declare(sqlite_engine, site, "site", "other")

    def stop(pid: int) -> None:
        until = time.monotonic() + 30
        while not site.asked("/more/") and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(pid, signal.SIGTERM)

    ran = run(sqlite_engine, "site", "other", meanwhile=stop)
    assert [each.source for each in ran.runs] == ["site"]
    assert ran.result is not None
    assert (ran.result.finish_reason, len(ran.result.unfinished), ran.result.failure) == ("shutdown", 1, "")
    assert lease_named(sqlite_engine, ["other"], owner="next", seconds=5)


def test_a_source_that_hangs_is_cut_off_at_the_soft_limit_and_the_others_are_whole(
    sqlite_engine: Engine, site: LocalSite
) -> None:
    with LocalSite() as hanging:
        publish(hanging, "x", path="/more/")
        hanging.script("/more/", Answer(body="never", delay_seconds=60))
        declare(sqlite_engine, site, "site")
        declare(sqlite_engine, hanging, "other")
        ran = run(sqlite_engine, "site", "other", wall_seconds=2.0, timeout_seconds=3.0)
    runs = {each.source: each for each in ran.runs}
    assert runs["site"].verdict is Verdict.OK
    assert runs["other"].verdict is Verdict.FAILED


def test_the_contact_is_told_to_the_site(sqlite_engine: Engine, site: LocalSite) -> None:
    declare(sqlite_engine, site, "site")
    run(sqlite_engine, "site", contact="mailto:desk@example.org")
    assert all("(+mailto:desk@example.org)" in request.headers["user-agent"] for request in site.log)


def test_a_crawl_that_is_recorded_asks_for_robots_txt_even_where_a_copy_would_do(
    sqlite_engine: Engine, site: LocalSite, tmp_path: Path
) -> None:
    declare(sqlite_engine, site, "site")
    run(sqlite_engine, "site")
    site.forget()
    run(sqlite_engine, "site")
    assert "/robots.txt" not in site.paths(robots=True)
    run(sqlite_engine, "site", record=tmp_path / "it.warc.gz")
    assert site.paths(robots=True).count("/robots.txt") == 1
    run(sqlite_engine, "site")
    assert site.paths(robots=True).count("/robots.txt") == 1


def test_a_crawl_that_goes_well_writes_nothing_of_scrapy_s_to_the_log(
    sqlite_engine: Engine, site: LocalSite, tmp_path: Path
) -> None:
    declare(sqlite_engine, site, "site")
    log = tmp_path / "log"
    run(sqlite_engine, "site", entry=_Logging(log), log_level="INFO")
    lines = log.read_text()
    assert "a warning all the same" in lines
    assert "Scrapy" not in lines
    assert "INFO" not in lines


class _Logging:
    """A crawl whose log goes to a file, with one warning of Scrapy's own in it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, sender: Connection, batch: Batch) -> None:
        with self._path.open("w") as file:
            os.dup2(file.fileno(), 2)
        result = crawl_batch(batch, sender.send)
        logging.getLogger("scrapy.utils.log").warning("a warning all the same")
        sender.send(result)


def test_a_batch_survives_the_way_to_another_process() -> None:
    batch = Batch(database_url="sqlite://", leases=(), source_ids=(1,))
    receiver, sender = CONTEXT.Pipe(duplex=False)
    sender.send(batch)
    assert receiver.recv() == replace(batch)

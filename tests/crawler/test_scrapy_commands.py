"""``scrapy list`` and ``scrapy crawl`` through scrapy.cfg alone, and what a forked crawl process must not import."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from crawler.loader import SourceLoader
from tests.crawler.crawling import CONTEXT, plan, source
from tests.crawler.site import LocalSite, rows

ROOT = Path(__file__).parents[2]


def scrapy(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_scrapy_list_shows_every_source_of_the_catalogue() -> None:
    done = scrapy("list")
    assert done.stdout.split() == SourceLoader().list()
    assert {"icesco-en", "icesco-fr", "icesco-ar"} <= set(done.stdout.split())


def test_a_source_is_loaded_as_a_spider_of_its_name() -> None:
    loader = SourceLoader()
    assert loader.load("icesco-en").name == "icesco-en"
    with pytest.raises(KeyError, match="scrapy list"):
        loader.load("nobody")


CRAWL = """
import sys
from scrapy.cmdline import execute
from crawler import loader
from tests.crawler.crawling import source
loader.load_catalogue = lambda *_: {"local": source(sys.argv.pop(1), "local")}
execute(["scrapy", "crawl", "local"])
"""


def test_scrapy_crawl_takes_a_lease_settles_and_says_what_it_took(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/news.db"
    with LocalSite() as site:
        body = "<p>" + "Words that make a body. " * 20 + "</p>"
        site.page(
            "/news/",
            f'<ul><li class="item"><a href="/a">Title of a</a><div class="text">{body}</div></li></ul>',
        )
        done = subprocess.run(
            [sys.executable, "-c", CRAWL, site.url("/news/")],
            cwd=ROOT,
            env={**os.environ, "TIDINGS_DATABASE_URL": database, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "local: ok, 1 item known, none announced" in done.stderr
    assert "alembic" not in done.stderr
    engine = create_engine(database)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from articles")).scalar_one() == 1
        free = text("select lease_until is null or lease_until <= datetime('now') from hosts")
        assert connection.execute(free).scalar_one()
    engine.dispose()


def test_a_crawl_process_forked_from_a_warm_one_imports_next_to_nothing() -> None:
    with LocalSite() as site:
        site.page("/news/", rows([("/a", "Title of a")]))
        receiver, sender = CONTEXT.Pipe(duplex=False)
        child = CONTEXT.Process(target=_imports, args=(sender, site.url("/news/")))
        child.start()
        sender.close()
        new = receiver.recv()
        child.join(10)
    assert "twisted.internet.reactor" in new
    assert len(new) <= 10, new


def _imports(sender: Connection, url: str) -> None:
    from tests.crawler import crawling

    class Nowhere:
        def send(self, _: object) -> None: ...

    before = set(sys.modules)
    crawling._child(Nowhere(), [plan(source(url))], crawling._nothing_known, {}, None, {})  # type: ignore[arg-type]
    sender.send(sorted(set(sys.modules) - before))

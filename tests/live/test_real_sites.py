"""Sites that nobody here wrote: three themes of WordPress, crawled over HTTP and compared with what was put in.

The pages are measuring data beside the repository and never part of it; where they are absent these tests are skipped,
loudly. The truth is the posts that the sites were made of, not their markup.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import logging
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from crawler.catalogue import load_site_file
from news import site_id
from news.run import Settled, Verdict
from news.text import comparable, direction, words
from news.urls import url_key
from scheduler.crawling import crawl_now
from storage.articles import ArticleRow, list_articles
from storage.engine import open_engine, reading, writing
from storage.settings import Settings
from storage.sources import save_sources
from storage.tables import Alias, Change, Revision, Validator

SITES = Path(__file__).resolve().parents[2].parent / "shared" / "sites"
LISTINGS = SITES / "listings.tar.xz"
pytestmark = pytest.mark.skipif(
    not LISTINGS.is_file(), reason="shared data absent: ../shared/sites/listings.tar.xz"
)

BLOCKS = """
[wrapper]
item = "main li.wp-block-post"
link = ".wp-block-post-title a"
title = ".wp-block-post-title"
date = ".wp-block-post-date time"
summary = ".wp-block-post-excerpt__excerpt"
body = ".wp-block-post-content"
next_page = "a.wp-block-query-pagination-next"

[article]
title = "h1.wp-block-post-title"
body = ".wp-block-post-content"
date = ".wp-block-post-date time"
author = ".wp-block-post-author-name"
"""
CLASSIC = """
[wrapper]
item = "main article.hentry"
link = ".entry-title a"
title = ".entry-title"
body = ".entry-content"
next_page = "a.next.page-numbers"

[article]
title = "h1.entry-title"
body = ".entry-content"
author = ".posted-by .author-name"
"""
WRAPPERS = {
    # Whole posts on the listing; teasers that lead to the posts, no dates; excerpts on a page from right to left.
    "wordpress-twentytwentyfive": BLOCKS,
    "wordpress-astra": CLASSIC,
    "wordpress-twentytwentytwo": BLOCKS,
}
logger = logging.getLogger(__name__)

POSTS = 36
PAGES = 4


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site that is being served: its name, its address, what it is known to hold, and what its baseline gave."""

    name: str
    url: str
    truth: dict[str, Any]
    settings: Settings
    baseline: Settled

    def here(self, url: str) -> str:
        """Return an address of the truth as the local server has it."""
        base: str = self.truth["base_url"]
        return self.url.rstrip("/") + url.removeprefix(base)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sites")
    with tarfile.open(LISTINGS) as archive:
        wanted = [each for each in archive if WRAPPERS.keys() & set(each.name.split("/")[1:2])]
        archive.extractall(folder, members=wanted, filter="data")
    return folder / "listings"


@pytest.fixture(scope="module", params=sorted(WRAPPERS))
def site(
    request: pytest.FixtureRequest,
    unpacked: Path,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """One of the sites, served here and crawled once, in a database of its own."""
    spec = importlib.util.spec_from_file_location("shared_serve", SITES / "serve.py")
    assert spec is not None
    assert spec.loader is not None
    serve = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(serve)
    folder: Path = unpacked / request.param
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    own = tmp_path_factory.mktemp(request.param)
    database = shutil.copyfile(sqlite_template, own / "tidings.db")
    settings = Settings(database_url=f"sqlite:///{database}", log_level="warning")
    server = serve.start(folder)
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        declare(settings, request.param, url, own / "site.toml")
        [baseline] = crawl_now(settings, [request.param])
        yield Site(name=request.param, url=url, truth=truth, settings=settings, baseline=baseline)
    finally:
        server.shutdown()
        server.server_close()


def declare(settings: Settings, name: str, url: str, file: Path) -> None:
    """Declare a site as an operator would: in a file."""
    file.write_text(
        f'schema = 1\nname = "{name}"\nurl = "{url}"\nbaseline_pages = 10\nmax_pages = 10\n'
        f"{WRAPPERS[name]}\n[request]\ndelay_seconds = 0.0\nallow_private = true\n",
        encoding="utf-8",
    )
    engine = open_engine(settings.database_url)
    save_sources(engine, load_site_file(file), origin="file", now=datetime.now(UTC))
    engine.dispose()


def crawl(site: Site) -> Settled:
    [settled] = crawl_now(site.settings, [site.name])
    return settled


def articles_of(site: Site) -> list[ArticleRow]:
    engine = open_engine(site.settings.database_url)
    with reading(engine) as connection:
        found = list_articles(connection, source=site.name, limit=None)
    engine.dispose()
    return found


def counts(site: Site) -> tuple[int, ...]:
    """Return how many addresses, ids that the site gives its posts, revisions and changes are kept."""
    engine = open_engine(site.settings.database_url)
    with reading(engine) as connection:
        spellings = connection.execute(select(Alias.url)).scalars().all()
        revisions, changes = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Revision, Change)
        )
    engine.dispose()
    ids = sum(each.startswith(site_id.PREFIX) for each in spellings)
    return len(spellings) - ids, ids, revisions, changes


def forget_validators(site: Site) -> None:
    engine = open_engine(site.settings.database_url)
    with writing(engine) as connection:
        connection.execute(delete(Validator))
    engine.dispose()


def words_in_order(wanted: list[str], got: list[str]) -> int:
    """Return how many of the wanted words stand in ``got`` in the same order."""
    matcher = difflib.SequenceMatcher(None, wanted, got, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def test_every_post_of_a_real_site_is_stored_once_with_its_title_and_its_text(site: Site) -> None:
    settled = site.baseline
    assert (settled.verdict, settled.reason) == (Verdict.OK, "")
    assert (settled.baseline, settled.entries, settled.changes) == (POSTS, POSTS, ())
    assert settled.pages == PAGES  # down, and up again to see that the listing stood still
    assert (settled.pending, settled.refused, settled.gap) == (0, (), None)
    stored = {article.key: article for article in articles_of(site)}
    truth = {url_key(site.here(each["url"])): each for each in site.truth["articles"]}
    assert len(truth) == POSTS
    assert stored.keys() == truth.keys()
    wanted_words = shared_words = stored_words = 0
    for key, post in truth.items():
        article = stored[key]
        assert comparable(article.title) == comparable(post["title"])
        assert article.revision == 1
        assert direction(article.language or post["lang"]) == direction(post["lang"])
        wanted, got = words(comparable(post["body_text"])), words(comparable(article.body_text))
        shared = words_in_order(wanted, got)
        assert shared == len(wanted), (
            f"{article.url}: {len(wanted) - shared} of {len(wanted)} words are missing"
        )
        wanted_words += len(wanted)
        shared_words += shared
        stored_words += len(got)
    # The figures; `make test ARGS='tests/live --log-cli-level=INFO'` shows them.
    logger.info(
        "%s: %d articles, %d requests, %d of %d words of the posts in their order, %d words stored",
        *(site.name, len(stored), settled.requests, shared_words, wanted_words, stored_words),
    )
    assert stored_words == wanted_words, "more is stored than the posts say: boilerplate"


def test_a_second_crawl_of_a_real_site_adds_nothing(site: Site) -> None:
    known = counts(site)
    assert known == (POSTS, POSTS, POSTS, 0)
    second = crawl(site)
    assert (second.verdict, second.requests, second.changes) == (Verdict.NOT_MODIFIED, 1, ())
    forget_validators(site)  # so that the page is read, and every post recognised
    third = crawl(site)
    assert (third.verdict, third.requests, third.pages, third.changes) == (Verdict.OK, 1, 1, ())
    assert counts(site) == known

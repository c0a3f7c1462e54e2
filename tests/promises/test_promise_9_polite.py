"""Promise 9: politeness, as a real site's own log proves it, crawl after crawl and process after process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, update

from news.errors import LeaseError
from news.run import Settled, Verdict
from news.source import RequestRules, Source
from scheduler.crawling import crawl_now
from storage.engine import open_engine, writing
from storage.leases import lease_named, release
from storage.settings import Settings
from storage.source_status import list_sources
from storage.sources import save_sources
from storage.tables import Source as SourceRow
from tests.crawler.site import ALLOW_ALL, Answer, LocalSite, redirect
from tests.promises.archive import RULES, WRAPPER, Item, article_page, prose, whole

OLD = [Item(f"/{name}", f"Title of {name}") for name in ("old-one", "old-two")]


def listing(*items: Item) -> str:
    return f"<html><head><title>News</title></head><body><ul>{''.join(item.html for item in items)}</ul></body></html>"


class Crawls:
    """A local site, a database, and crawls of the one into the other, each in a process of its own."""

    def __init__(self, site: LocalSite, database_url: str) -> None:
        self.site, self.engine = site, open_engine(database_url)
        self.settings = Settings(database_url=database_url, timeout_seconds=5, log_level="error")

    def declare(self, name: str = "news", path: str = "/news/", *, delay: float = 0.0) -> None:
        of = Source(
            name=name,
            site=name,
            url=self.site.url(path),
            wrapper=WRAPPER,
            article=RULES,
            language="en",
            request=RequestRules(delay_seconds=delay, allow_private=True),
        )
        save_sources(self.engine, [of], origin="file", now=datetime.now(UTC))

    def publish(self, *items: Item, path: str = "/news/") -> None:
        for item in items:
            self.site.page(item.href, article_page(item.title, prose(item.title)))
        self.site.page(path, listing(*items))

    def crawl(self, *names: str) -> dict[str, Settled]:
        self.site.forget()
        return {run.source: run for run in crawl_now(self.settings, names or ("news",))}


@pytest.fixture
def crawls(database_url: str) -> Iterator[Crawls]:
    with LocalSite() as site:
        made = Crawls(site, database_url)
        yield made
        made.engine.dispose()


def test_promise_9_polite_one_request_when_nothing_changed_and_validators_go_back_verbatim(
    crawls: Crawls,
) -> None:
    crawls.declare()
    crawls.publish(*OLD)
    crawls.crawl()
    assert crawls.site.paths(robots=True) == ["/robots.txt", "/news/", "/old-one", "/old-two"]
    for request in crawls.site.log:
        assert request.headers["user-agent"].startswith("tidings/")
        assert "cookie" not in request.headers
    assert crawls.crawl()["news"].verdict is Verdict.NOT_MODIFIED
    [asked] = crawls.site.log
    assert (asked.path, asked.status) == ("/news/", 304)


def test_promise_9_polite_validators_are_saved_only_with_the_items_that_they_came_with(
    crawls: Crawls,
) -> None:
    crawls.declare()
    crawls.publish(*OLD)
    crawls.crawl()
    crawls.site.page("/news/", "<title>Just a moment...</title><h1>Checking your browser</h1>")
    assert crawls.crawl()["news"].verdict is Verdict.SUSPECT
    crawls.site.page("/news/", listing(*OLD))
    assert crawls.crawl()["news"].verdict is Verdict.OK
    assert not crawls.site.asked("/news/")[0].conditional  # a suspect source is asked without
    assert crawls.crawl()["news"].verdict is Verdict.NOT_MODIFIED


def test_promise_9_polite_robots_txt_is_obeyed_and_kept_and_an_error_of_it_means_no(crawls: Crawls) -> None:
    crawls.declare()
    crawls.publish(*OLD)
    crawls.site.robots("", status=500)
    refused = crawls.crawl()["news"]
    assert (refused.verdict, crawls.site.paths()) == (Verdict.FAILED, [])
    assert "robots.txt" in refused.reason
    crawls.site.robots("User-agent: *\nDisallow: /old-one")
    assert crawls.crawl()["news"].verdict is Verdict.OK
    assert crawls.site.paths() == ["/news/", "/old-two"]
    crawls.site.script("/robots.txt", ALLOW_ALL)
    crawls.crawl()
    assert crawls.site.asked("/robots.txt") == []  # a day's copy serves


@pytest.mark.parametrize("status", [429, 503])
def test_promise_9_polite_retry_after_is_kept_by_the_next_process_too(crawls: Crawls, status: int) -> None:
    crawls.declare()
    crawls.declare("more", "/more/")
    crawls.site.script("/news/", Answer(status=status, headers={"Retry-After": "600"}))
    runs = crawls.crawl("news", "more")
    assert crawls.site.paths() == ["/news/"]
    assert {run.verdict for run in runs.values()} == {Verdict.FAILED}
    assert crawls.crawl("news", "more").keys() == {"news", "more"}
    assert crawls.site.log == []
    now = datetime.now(UTC)
    for each in list_sources(crawls.engine):
        assert each.not_before is not None
        assert timedelta(minutes=8) < each.not_before - now < timedelta(minutes=12)
        assert each.next_due_at >= each.not_before


def test_promise_9_polite_crawling_again_while_a_host_wants_to_be_left_alone_puts_nothing_off(
    crawls: Crawls,
) -> None:
    crawls.declare()
    crawls.site.script("/news/", Answer(status=429, headers={"Retry-After": "600"}))
    crawls.crawl()
    [first] = list_sources(crawls.engine)
    for _ in range(3):
        [run] = crawls.crawl().values()
        assert run.verdict is Verdict.FAILED
        assert "asked to be left alone until" in run.reason
        assert crawls.site.log == []
    [last] = list_sources(crawls.engine)
    assert (last.failures, last.not_before) == (first.failures, first.not_before) == (1, first.not_before)
    assert last.next_due_at == first.next_due_at


def test_promise_9_polite_a_delay_between_requests_of_one_host_across_sources_and_processes(
    crawls: Crawls,
) -> None:
    crawls.declare(delay=1.0)
    crawls.declare("more", "/more/", delay=1.0)
    crawls.publish(*OLD[:1])
    crawls.publish(*OLD[:1], path="/more/")
    crawls.crawl("news", "more")
    first = crawls.site.log
    crawls.crawl("news")
    times = [request.at for request in (*first, *crawls.site.log) if request.path != "/robots.txt"]
    assert len(times) >= 4
    # When they arrive, on a machine that has other things to do; without the delay they come within hundredths.
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.5


def test_promise_9_polite_one_crawl_of_a_host_at_a_time(crawls: Crawls) -> None:
    crawls.declare()
    crawls.publish(*OLD)
    held = lease_named(crawls.engine, ["news"], owner="somebody else", seconds=60)
    with pytest.raises(LeaseError, match="somebody else"):
        crawls.crawl()
    assert crawls.site.log == []
    release(crawls.engine, [lease for lease, _ in held])
    assert crawls.crawl()["news"].verdict is Verdict.OK


def test_promise_9_polite_a_permanent_redirect_is_followed_and_learnt_and_a_410_stops(crawls: Crawls) -> None:
    crawls.declare()
    crawls.publish(*OLD, path="/moved/")
    crawls.site.script("/news/", redirect("/moved/", 301))
    for _ in range(3):
        assert crawls.crawl()["news"].verdict in (Verdict.OK, Verdict.NOT_MODIFIED)
    crawls.crawl()
    assert crawls.site.asked("/news/") == []
    assert list_sources(crawls.engine)[0].url == crawls.site.url("/moved/")
    crawls.site.remove("/moved/", 410)
    gone = crawls.crawl()["news"]
    assert (gone.verdict, gone.changes) == (Verdict.FAILED, ())
    assert list_sources(crawls.engine)[0].paused


def test_promise_9_polite_a_weekly_read_without_validators_finds_what_a_304_hid(crawls: Crawls) -> None:
    crawls.declare()
    crawls.publish(*OLD)
    crawls.crawl()
    _age(crawls.engine, days=8)
    crawls.crawl()
    assert not crawls.site.asked("/news/")[0].conditional
    crawls.crawl()
    assert crawls.site.asked("/news/")[0].conditional


def _age(engine: Engine, *, days: int) -> None:
    """Let a source's last whole read be so many days ago."""
    with writing(engine) as connection:
        connection.execute(update(SourceRow).values(swept_at=datetime.now(UTC) - timedelta(days=days)))


def test_promise_9_polite_the_operators_name_and_contact_are_sent(crawls: Crawls) -> None:
    crawls.declare()
    crawls.publish(*whole("old-one", "old-two"))
    crawls.settings = crawls.settings.model_copy(update={"contact": "mailto:desk@news.example"})
    crawls.crawl()
    assert {request.headers["user-agent"].partition(" ")[2] for request in crawls.site.log} == {
        "(+mailto:desk@news.example)"
    }

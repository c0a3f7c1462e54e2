"""A feed that is not at its address any more, as operators meet it: found elsewhere, proposed, or reported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from news.source import Channel, Source
from storage.engine import open_engine, writing
from storage.source_status import list_sources
from storage.sources import load_source
from storage.tables import Source as Row
from tests.crawler.discovery.memory import HTML, TOPICS, Came, alternate
from tests.crawler.site import LocalSite
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults
from tests.tidings.news_site import serve, show, show_feed

DATABASE = "sqlite:///tidings.db"
OLD, NEW = "/notices/feed/", "/feeds/notices.xml"
GONE = Came(body="<title>Gone</title><h1>Gone</h1>", status=410)
MISSING = Came(body="<title>Not found</title><h1>Not found</h1>", status=404)
LOGIN = Came(
    body="<title>Sign in</title><h1>Sign in</h1><form><input type=password name=p><button>Log in</button></form>"
)
BROKEN = Came(
    body="<rss version='2.0'><channel><title>Notices</title><item><title>A", kind="application/rss+xml"
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tidings: Tidings) -> Iterator[LocalSite]:
    """A site whose page declares a feed, watched by that feed."""
    monkeypatch.setenv("TIDINGS_DELAY_SECONDS", "0")
    with LocalSite() as made:
        publish(made, range(2, 12), feed_at=OLD)
        watched = tidings("watch", made.url("/notices/"), "--allow-private", "--name", "harbour")
        assert watched.code == 0, watched.out + watched.err
        assert used().channel is Channel.FEED
        yield made


def publish(site: LocalSite, numbers: Iterable[int], *, feed_at: str = "", old: Came | None = None) -> None:
    """Show notices on the page and, where it is said, in a feed; ``old`` is what the old address answers then."""
    shown = list(numbers)
    show(site, shown, head=alternate(feed_at) if feed_at else "")
    if feed_at:
        show_feed(site, feed_at, shown)
    if old is not None:
        serve(site, OLD, old)


def crawl(tidings: Tidings) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Crawl once, whenever it is due; return what was told, and the run."""
    ended = json.loads(tidings("crawl", "harbour", "--json").out)
    return [(change["kind"], change["title"]) for change in ended["changes"]], ended["runs"][0]


def used() -> Source:
    engine = open_engine(DATABASE)
    try:
        return load_source(engine, "harbour")
    finally:
        engine.dispose()


def failing_for(time: timedelta) -> None:
    """Let the source have failed for some time."""
    engine = open_engine(DATABASE)
    with writing(engine) as connection:
        connection.execute(update(Row).values(failing_since=datetime.now(UTC) - time))
    engine.dispose()


def states(tidings: Tidings) -> list[tuple[int, str, str]]:
    shown = json.loads(tidings("sources", "wrappers", "harbour", "--json").out)
    assert faults(shown, "version list") == []
    return [(each["version"], each["origin"], each["state"]) for each in shown["wrappers"]]


@pytest.mark.parametrize(
    "old",
    [MISSING, GONE, Came(body="<!doctype html><h1>Welcome</h1><p>News of the port.</p>")],
    ids=["404", "410", "page"],
)
def test_promise_1_a_feed_that_moved_is_found_and_only_what_is_new_is_told(
    tidings: Tidings, site: LocalSite, old: Came
) -> None:
    publish(site, range(1, 12), feed_at=NEW, old=old)
    told, run = crawl(tidings)
    assert (told, run["verdict"]) == ([("published", TOPICS[1])], "ok"), run
    assert (used().url, used().page_url) == (site.url(NEW), site.url("/notices/"))
    assert states(tidings) == [(2, "healing", "in use"), (1, "discovery", "earlier")]
    publish(site, range(12), feed_at=NEW, old=old)
    site.forget()
    assert crawl(tidings)[0] == [("published", TOPICS[0])]
    assert {request.path for request in site.log} >= {NEW}
    assert OLD not in {request.path for request in site.log}


def test_how_it_was_found_is_shown_and_taken_back(tidings: Tidings, site: LocalSite) -> None:
    publish(site, range(1, 12), feed_at=NEW, old=MISSING)
    crawl(tidings)
    diff = tidings("sources", "diff", "harbour").out
    assert f"+ feed at {site.url(NEW)}" in diff
    assert f"- feed at {site.url(OLD)}, where it is declared" in diff
    assert f"found as the feed {site.url(NEW)}" in diff
    publish(site, range(1, 12), feed_at=OLD)
    assert tidings("sources", "rollback", "harbour").code == 0
    assert used().url == site.url(OLD)
    assert crawl(tidings)[0] == []
    assert states(tidings)[:2] == [(2, "healing", "rolled back"), (1, "discovery", "in use")]
    publish(site, range(1, 12), feed_at=NEW, old=MISSING)
    told, run = crawl(tidings)
    assert (told, run["verdict"]) == ([], "failed")
    assert "a person went back from this address before" in tidings("sources", "diff", "harbour").out
    assert tidings("sources", "approve", "harbour").code == 0
    assert used().url == site.url(NEW)


def test_a_site_without_its_feed_is_read_by_its_page_after_an_hour_of_failures(
    tidings: Tidings, site: LocalSite
) -> None:
    publish(site, range(1, 12), old=MISSING)
    told, run = crawl(tidings)
    assert (told, run["verdict"]) == ([], "failed")
    assert "another way to read it is proposed (version 2" in run["reason"]
    assert "tidings sources approve harbour" in run["reason"]
    told, run = crawl(tidings)
    assert (told, run["verdict"], used().url) == ([], "failed", site.url(OLD)), "a deployment may pass"
    failing_for(timedelta(hours=2))
    crawl(tidings)  # it is looked for when its failures have doubled
    told, run = crawl(tidings)
    assert (told, run["verdict"]) == ([("published", TOPICS[1])], "ok"), run
    assert (used().channel, used().url, used().page_url) == (Channel.LISTING, site.url("/notices/"), "")
    assert states(tidings) == [(2, "healing", "in use"), (1, "discovery", "earlier")]
    publish(site, range(12), old=MISSING)
    assert crawl(tidings)[0] == [("published", TOPICS[0])]


def test_the_proposal_can_be_taken_before_that(tidings: Tidings, site: LocalSite) -> None:
    publish(site, range(1, 12), old=MISSING)
    crawl(tidings)
    assert tidings("sources", "approve", "harbour").code == 0
    assert crawl(tidings)[0] == [("published", TOPICS[1])]


def test_a_rejected_way_is_not_taken_again(tidings: Tidings, site: LocalSite) -> None:
    publish(site, range(1, 12), old=MISSING)
    crawl(tidings)
    assert tidings("sources", "reject", "harbour").code == 0
    told, run = crawl(tidings)
    assert (told, run["verdict"], used().url) == ([], "failed", site.url(OLD))


def test_what_is_gone_for_good_is_read_by_its_page_at_once(tidings: Tidings, site: LocalSite) -> None:
    publish(site, range(1, 12), old=GONE)
    assert crawl(tidings)[0] == [("published", TOPICS[1])]
    assert used().channel is Channel.LISTING


@pytest.mark.parametrize(
    "old",
    [LOGIN, BROKEN, replace(BROKEN, kind="text/xml"), Came(status=503, body="<h1>Back soon</h1>")],
    ids=["login", "broken", "broken text", "503"],
)
def test_a_wall_or_a_fault_is_no_reason_to_look_elsewhere(
    tidings: Tidings, site: LocalSite, old: Came
) -> None:
    publish(site, range(1, 12), feed_at=NEW, old=old)
    site.forget()
    told, _ = crawl(tidings)
    assert (told, used().url) == ([], site.url(OLD))
    assert {request.path for request in site.log} <= {OLD, "/robots.txt"}


def test_a_feed_of_other_things_is_not_the_source(tidings: Tidings, site: LocalSite) -> None:
    serve(site, "/notices/", Came(body=f"<html><head>{alternate(NEW)}</head><body><p>New.</p></body></html>"))
    show_feed(site, NEW, range(32, 40))
    serve(site, OLD, MISSING)
    told, run = crawl(tidings)
    assert (told, run["verdict"], used().url) == ([], "failed", site.url(OLD))
    assert "there is no listing at this address" in run["reason"]
    assert states(tidings) == [(1, "discovery", "in use")]


def test_a_source_that_keeps_failing_is_looked_for_now_and_then(tidings: Tidings, site: LocalSite) -> None:
    serve(site, "/notices/", Came(body="<h1>Welcome</h1>", kind=HTML))
    serve(site, OLD, MISSING)
    looked = []
    for _ in range(5):
        site.forget()
        crawl(tidings)
        looked.append("/notices/" in {request.path for request in site.log})
    assert looked == [True, True, False, True, False]
    engine = open_engine(DATABASE)
    assert list_sources(engine, ["harbour"])[0].failures == 5
    engine.dispose()


def test_news_of_a_feed_that_the_page_does_not_show_wait_for_a_person(
    tidings: Tidings, site: LocalSite
) -> None:
    publish(site, range(1, 12), old=MISSING)
    show(site, range(1, 12), head=alternate(NEW))
    show_feed(site, NEW, [0, *range(1, 12)])  # as the feed of the whole site would
    told, run = crawl(tidings)
    assert (told, run["verdict"], used().url) == ([], "failed", site.url(OLD))
    assert "1 of its new items are not on the page" in tidings("sources", "diff", "harbour").out


def test_promise_5_a_page_that_says_what_it_is_leads_nowhere(tidings: Tidings, site: LocalSite) -> None:
    head = f"<title>harbour.example is for sale</title>{alternate(NEW)}"
    body = "<h1>This domain is for sale</h1><p>Buy this domain.</p>"
    serve(site, "/notices/", Came(body=f"<html><head>{head}</head><body>{body}</body></html>"))
    show_feed(site, NEW, range(1, 12))
    serve(site, OLD, GONE)
    told, run = crawl(tidings)
    assert (told, run["verdict"], used().url) == ([], "failed", site.url(OLD))
    assert states(tidings) == [(1, "discovery", "in use")]

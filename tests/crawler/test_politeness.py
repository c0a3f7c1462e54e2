"""robots.txt, Retry-After, the delay between processes, credentials and redirects, seen in a real site's log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.credentials import Credentials, resolve
from news.errors import ConfigError
from news.retry_after import retry_after
from news.run import HostState, Plan, Reading, Trouble
from news.source import RequestRules
from news.urls import host_key
from tests.crawler.crawling import NOW, QUICK, again, crawl, plan, source
from tests.crawler.site import Answer, LocalSite, article, http_date, redirect, rows

BODY = "A body that is long enough to be one, with several words in it. " * 6


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as local:
        local.page("/news/", rows([("/a", "Title of a")]))
        local.page("/a", article("Title of a", BODY))
        yield local


def the_plan(site: LocalSite, *others: LocalSite, **host: Any) -> Plan:
    of = source(site.url("/news/"), hosts=tuple(host_key(other.url()) for other in others))
    return plan(of, host=HostState(name=host_key(of.url), **host))


def only(plan: Plan, **options: Any) -> Reading:
    return crawl(plan, **options).readings[plan.source.name]


# ------------------------------------------------------------------------------------------- robots.txt


@pytest.mark.parametrize(
    ("text", "status", "allowed"),
    [
        pytest.param("User-agent: *\nDisallow: /news/", 200, False, id="everybody is told to stay out"),
        pytest.param(
            "User-agent: *\nDisallow: /\n\nUser-agent: tidings\nAllow: /", 200, True, id="we are welcome"
        ),
        pytest.param("User-agent: tidings\nDisallow: /", 200, False, id="we are not"),
        pytest.param(
            "User-agent: *\nDisallow: /\nAllow: /news/\nAllow: /a", 200, True, id="the longer rule wins"
        ),
        pytest.param("\ufeffUser-agent: *\r\nDisallow: /news", 200, False, id="mark and line ends"),
        pytest.param("", 404, True, id="404 allows everything"),
        pytest.param("", 403, True, id="403 allows everything"),
        pytest.param("", 500, False, id="500 allows nothing"),
        pytest.param("", 503, False, id="503 allows nothing"),
        pytest.param("<html>no robots here</html>", 200, True, id="a page is no rule"),
    ],
)
def test_robots_txt_is_obeyed_by_rfc_9309(site: LocalSite, text: str, status: int, allowed: bool) -> None:
    site.robots(text, status)
    reading = only(the_plan(site))
    assert bool(site.paths()) is allowed
    if not allowed:
        [problem] = reading.problems
        assert problem.fatal
        assert problem.trouble in {Trouble.ROBOTS, Trouble.RETRY_LATER}


def test_an_article_that_robots_txt_forbids_is_not_asked_for(site: LocalSite) -> None:
    site.robots("User-agent: *\nDisallow: /a")
    reading = only(the_plan(site))
    assert site.paths() == ["/news/"]
    assert reading.looks[0].reason == "robots.txt forbids it"
    assert not reading.problems


def test_robots_txt_is_followed_through_redirects_to_another_host(site: LocalSite) -> None:
    with LocalSite() as other:
        other.script("/rules", Answer(body="User-agent: *\nDisallow: /a", content_type="text/plain"))
        site.script("/robots.txt", redirect(other.url("/rules")))
        reading = only(the_plan(site, other))
        assert other.paths() == ["/rules"]
    assert reading.looks[0].reason == "robots.txt forbids it"


def test_robots_txt_that_redirects_without_end_is_unavailable(site: LocalSite) -> None:
    site.script("/robots.txt", redirect("/robots.txt"))
    only(the_plan(site))
    assert site.paths() == ["/news/", "/a"]


def test_a_fresh_copy_is_used_and_an_old_one_is_asked_for_again(site: LocalSite) -> None:
    rules = {"robots": "User-agent: *\nDisallow: /a", "robots_status": 200}
    only(the_plan(site, **rules, robots_expires_at=NOW + timedelta(hours=1)))
    assert site.paths(robots=True) == ["/news/"]
    reading = only(the_plan(site, **rules, robots_expires_at=NOW - timedelta(hours=1)))
    assert site.paths(robots=True)[1:] == ["/robots.txt", "/news/", "/a"]
    expires_at = reading.host.robots_expires_at
    assert expires_at is not None
    assert timedelta(hours=24) <= expires_at - NOW < timedelta(hours=24, minutes=1)


@pytest.mark.parametrize(("days", "allowed"), [(29, True), (31, False)])
def test_an_old_copy_serves_for_thirty_days_while_the_file_cannot_be_had(
    site: LocalSite, days: int, allowed: bool
) -> None:
    site.script("/robots.txt", Answer(status=500))
    expired = NOW - timedelta(days=days - 1)
    only(the_plan(site, robots="User-agent: *\nDisallow: /b", robots_status=200, robots_expires_at=expired))
    assert bool(site.paths()) is allowed


def test_a_crawl_delay_slows_the_crawl_down(site: LocalSite) -> None:
    site.robots("User-agent: *\nCrawl-delay: 0.4")
    only(the_plan(site))
    listing, page = site.asked("/news/")[0], site.asked("/a")[0]
    assert page.at - listing.at > 0.39


# --------------------------------------------------------------------------------- between processes


def test_the_first_request_waits_for_what_another_process_asked(site: LocalSite) -> None:
    started = the_plan(site, last_request_at=NOW)
    slow = replace(started.source, request=replace(QUICK, delay_seconds=1.2))
    host = replace(started.host, robots_status=404, robots_expires_at=NOW + timedelta(hours=1))
    reading = only(replace(started, source=slow, host=host))
    assert reading.host.last_request_at is not None
    assert reading.host.last_request_at - NOW > timedelta(seconds=2.4)


def test_a_host_that_asked_for_a_long_patience_is_not_asked_at_all(site: LocalSite) -> None:
    reading = only(the_plan(site, not_before=NOW + timedelta(minutes=10)))
    assert not site.log
    [problem] = reading.problems
    assert (problem.trouble, problem.fatal) == (Trouble.RETRY_LATER, True)
    assert "08:10:00 UTC" in problem.detail


def test_a_short_patience_is_waited_for(site: LocalSite) -> None:
    reading = only(the_plan(site, not_before=NOW + timedelta(seconds=1)))
    assert site.paths() == ["/news/", "/a"]
    assert reading.host.last_request_at is not None
    assert reading.host.last_request_at - NOW > timedelta(seconds=1)


def test_the_next_source_of_a_host_that_asks_for_patience_is_left_for_later(site: LocalSite) -> None:
    site.script("/news/", Answer(status=429, headers={"Retry-After": "3600"}))
    crawled = crawl(
        plan(source(site.url("/news/"), "first"), source_id=1),
        plan(source(site.url("/more/"), "second"), source_id=2),
    )
    assert site.paths() == ["/news/"]
    for reading in crawled.readings.values():
        [problem] = reading.problems
        assert (problem.trouble, problem.fatal) == (Trouble.RETRY_LATER, True)
        assert reading.host.not_before is not None
        assert timedelta(minutes=59) < reading.host.not_before - NOW < timedelta(minutes=62)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("-1", 60),
        ("1.5", 60),
        ("", 60),
        ("soon", 60),
        ("٣", 60),
        ("Fri, 20 Mar 99999999999999999999 12:05:00 GMT", 60),
        ("Fri, 20 Mar 2026 12:05:00 +99999999999999999999", 60),
    ],
)
def test_retry_after_is_read_or_a_minute(value: str, seconds: float) -> None:
    assert retry_after(value, NOW).total_seconds() == seconds


def test_retry_after_may_be_a_date_and_one_that_has_passed_means_now() -> None:
    assert retry_after(http_date(NOW + timedelta(minutes=5)), NOW) == timedelta(minutes=5)
    assert retry_after(http_date(datetime(2020, 1, 1, tzinfo=UTC)), NOW) == timedelta(0)


# ---------------------------------------------------------------------------------------- credentials


def test_credentials_go_to_the_sources_host_and_nowhere_else(site: LocalSite) -> None:
    with LocalSite() as other:
        other.page("/x", article("Title of a", BODY))
        site.script("/a", redirect(other.url("/x")))
        started = the_plan(site, other)
        secret = Credentials(
            url=started.source.url,
            headers=(("X-Key", "canary-1"), ("Authorization", "Basic canary-2")),
            values=("canary-1", "canary-2"),
        )
        crawl(started, credentials={"site": secret})
        for path in ("/news/", "/a", "/robots.txt"):
            assert site.asked(path)[0].headers["x-key"] == "canary-1"
        assert other.paths() == ["/x"]
        assert not any("canary" in str(request.headers) for request in other.log)


def test_a_secret_for_https_never_travels_in_the_clear() -> None:
    from crawler.middlewares.credentials import _may_carry

    assert _may_carry("https://a.example/x", "https://a.example/news")
    assert _may_carry("https://www.a.example/x", "http://a.example/news")
    assert not _may_carry("http://a.example/x", "https://a.example/news")
    assert not _may_carry("https://b.example/x", "https://a.example/news")


def test_a_missing_variable_is_named_and_a_value_never() -> None:
    rules = RequestRules(
        headers=(("X-Key", "env:THE_KEY"),), user="env:THE_USER", password="env:THE_PASSWORD"
    )
    of = source("https://a.example/news", request=rules)
    environ = {"THE_KEY": "canary", "THE_USER": "reader", "THE_PASSWORD": "hunter2"}
    found = resolve(of, environ)
    assert dict(found.headers) == {"X-Key": "canary", "Authorization": "Basic cmVhZGVyOmh1bnRlcjI="}
    assert "canary" not in repr(found)
    with pytest.raises(ConfigError, match="THE_PASSWORD") as caught:
        resolve(of, {key: value for key, value in environ.items() if key != "THE_PASSWORD"})
    assert "canary" not in str(caught.value)


# ------------------------------------------------------------------------------- redirects, validators


def test_validators_stay_on_the_host_that_gave_them(site: LocalSite) -> None:
    with LocalSite() as other:
        first = the_plan(site, other)
        reading = only(first)
        other.page("/news/", rows([("/a", "Title of a")]))
        site.script("/news/", redirect(other.url("/news/")))
        only(again(first, reading))
        assert site.asked("/news/")[-1].conditional
        assert not other.asked("/news/")[0].conditional


@pytest.mark.parametrize(
    ("target", "trouble"),
    [
        ("file:///etc/passwd", Trouble.STATUS),
        ("ftp://127.0.0.1/x", Trouble.STATUS),
        ("http://user:pw@127.0.0.1/x", Trouble.REFUSED),
    ],
)
def test_a_redirect_to_what_we_do_not_ask_for_is_refused(
    site: LocalSite, target: str, trouble: Trouble
) -> None:
    site.script("/news/", redirect(target))
    [problem] = only(the_plan(site)).problems
    assert (problem.trouble, problem.fatal) == (trouble, True)


def test_requests_say_who_asks_and_not_where_from(site: LocalSite) -> None:
    only(the_plan(site), settings={"USER_AGENT": "tidings/1 (+mailto:desk@example.org)"})
    for request in site.log:
        assert request.headers["user-agent"] == "tidings/1 (+mailto:desk@example.org)"
        assert "referer" not in request.headers
        assert "cookie" not in request.headers

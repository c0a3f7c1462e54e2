"""Threats 1 to 4: no address, name, redirect or spelling leads a crawl to where its source did not opt in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from news.article import Sight
from news.run import Plan, Problem, Reading, Trouble, Verdict
from news.source import RequestRules
from scheduler.crawling import crawl_now
from storage.settings import Settings
from storage.sources import load_source, save_sources
from tests.crawler.crawling import crawl, plan, source
from tests.crawler.site import LocalSite, article, redirect, rows
from tests.promises.archive import local_source, whole
from tests.threats.network import Listener

LYING = {"tests.threats.network.LyingSystem": 0}
CLOSED = RequestRules(delay_seconds=0.0)
BODY = "A body that is long enough to be one, with several words in it. " * 6
PLAIN = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as port:
        yield port


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as local:
        local.page("/news/", rows([("/a", "Title of a")]))
        local.page("/a", article("Title of a", BODY))
        yield local


def resolved_by(name: str, **more: Any) -> dict[str, Any]:
    return {"TIDINGS_RESOLVER": f"tests.threats.network.{name}", "RETRY_TIMES": 0, **more}


def closed(url: str, number: int = 1, **fields: Any) -> Plan:
    return plan(source(url, f"site{number}", request=CLOSED, **fields), source_id=number)


def only_problem(reading: Reading) -> Problem:
    [problem] = reading.problems
    return problem


# ------------------------------------------------------------------------------------- 1: addresses typed


def test_threat_1_ssrf_no_spelling_of_this_machine_is_asked(listener: Listener) -> None:
    hosts = [
        "127.0.0.1", "127.9.9.9", "localhost", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:101:101::80ff:fffe]",
        "\uff11\uff12\uff17.0.0.1", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", "169.254.169.254",
        "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1", "[fe80::1]", "[fc00::1]",
    ]  # fmt: skip
    plans = [
        closed(f"http://{host}:{listener.port}/news/", number) for number, host in enumerate(hosts, start=1)
    ]
    crawled = crawl(*plans)
    assert listener.connections() == 0
    assert len(crawled.readings) == len(hosts)
    for reading in crawled.readings.values():
        problem = only_problem(reading)
        assert (problem.trouble, problem.fatal) == (Trouble.REFUSED, True)
        assert not reading.entries


def test_threat_1_ssrf_the_refusal_says_which_address_why_and_what_to_do(listener: Listener) -> None:
    first = closed(f"http://news.test:{listener.port}/news/", 1)
    second = closed("http://169.254.169.254/latest/meta-data/", 2)
    readings = crawl(first, second, settings=resolved_by("everything_is_here")).readings
    told = only_problem(readings["site1"]).detail
    assert "news.test leads to 127.0.0.1" in told
    assert "loopback" in told
    assert "allow_private = true under [request]" in told
    told = only_problem(readings["site2"]).detail
    assert "169.254.169.254 is a link-local address" in told
    assert "allow_private" not in told  # it would not help


@pytest.mark.parametrize("answers", ["everything_is_here", "public_and_private"])
def test_threat_1_ssrf_any_blocked_answer_refuses_a_name(listener: Listener, answers: str) -> None:
    reading = crawl(
        closed(f"http://news.test:{listener.port}/news/"), settings=resolved_by(answers)
    ).readings["site1"]
    assert only_problem(reading).trouble is Trouble.REFUSED
    assert listener.connections() == 0


def test_threat_1_ssrf_sources_of_one_process_do_not_lend_each_other_the_right(site: LocalSite) -> None:
    url = site.url("/news/", host="intranet.test")
    open_, shut = (plan(source(url, "open"), source_id=1), closed(url, 2))
    for plans in ((open_, shut), (shut, open_)):
        site.forget()
        readings = crawl(*plans, settings=resolved_by("everything_is_here")).readings
        assert [entry.title for entry in readings["open"].entries] == ["Title of a"]
        assert only_problem(readings["site2"]).trouble is Trouble.REFUSED
        assert site.paths() == ["/news/", "/a"]


def test_threat_1_ssrf_an_opt_in_is_for_the_hosts_that_were_named(
    site: LocalSite, listener: Listener
) -> None:
    site.page(
        "/news/",
        rows([(f"http://b.test:{site.port}/a", "Title of a"), (f"http://c.test:{site.port}/a", "Title")]),
    )
    named = plan(source(site.url("/news/", host="a.test"), hosts=(f"b.test:{site.port}",)))
    reading = crawl(named, settings=resolved_by("everything_is_here")).readings["site"]
    assert [request.host for request in site.asked("/a")] == [f"b.test:{site.port}"]
    assert not reading.problems  # c.test is told as the listing tells it, and never asked


# --------------------------------------------------------------------------------------- 2: DNS rebinding


def test_threat_2_rebinding_the_checked_address_is_the_connected_one(listener: Listener) -> None:
    """Our resolver says public; whoever asked the system again would be led here."""
    there = closed(f"http://rebound.test:{listener.port}/news/")
    settings = resolved_by("public", DOWNLOAD_TIMEOUT=3, EXTENSIONS=LYING)
    reading = crawl(there, settings=settings).readings["site1"]
    assert listener.connections() == 0
    assert only_problem(reading).fatal


def test_threat_2_rebinding_would_be_seen_here_if_connections_were_made_by_name(listener: Listener) -> None:
    """The same crawl with Scrapy's own handler: a check beforehand would be worth nothing."""
    there = closed(f"http://rebound.test:{listener.port}/news/")
    settings = resolved_by("public", DOWNLOAD_TIMEOUT=1, EXTENSIONS=LYING, DOWNLOAD_HANDLERS={"http": PLAIN})
    crawl(there, settings=settings)
    assert listener.connections() > 0


def test_threat_2_rebinding_between_two_attempts_is_refused(listener: Listener) -> None:
    there = closed(f"http://rebound.test:{listener.port}/news/")
    reading = crawl(there, settings=resolved_by("rebinding", RETRY_TIMES=2, DOWNLOAD_TIMEOUT=3)).readings[
        "site1"
    ]
    assert listener.connections() == 0
    assert only_problem(reading).fatal


# ------------------------------------------------------------------------------------------- 3: redirects

TARGETS = [
    "http://127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/x",
    "http://localhost:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://[64:ff9b::7f00:1]:{port}/x",
    "http://0.0.0.0:{port}/x",
    "http://127.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://user@127.0.0.1:{port}/x",
    "http://127.0.0.1:{port}\\@public.example/x",
    "https://127.0.0.1:{port}/x",
    "http://169.254.169.254/latest/meta-data/",
    "//169.254.169.254/latest/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "ftp://127.0.0.1:{port}/x",
    "data:text/html,<li class=item><a href=/x>x</a></li>",
    "s3://bucket/key",
    "javascript:alert(1)",
    "gopher://127.0.0.1:{port}/_x",
]


def test_threat_3_redirects_lead_nowhere_that_was_not_opted_in_to(listener: Listener) -> None:
    """Each on a site of its own, which itself is opted in to: the right does not reach another port."""
    cases = [(302, target) for target in TARGETS]
    cases += [(status, target) for status in (301, 303, 307, 308) for target in TARGETS[:2]]
    with LocalSite() as site:
        plans = []
        for number, (status, target) in enumerate(cases, start=1):
            path = f"/{number}/"
            site.script(path, redirect(target.format(port=listener.port), status))
            of = source(site.url(path, host=f"site{number}.test"), f"site{number}")
            plans.append(plan(of, source_id=number))
        readings = crawl(*plans, settings=resolved_by("everything_is_here")).readings
    assert listener.connections() == 0
    assert len(readings) == len(cases)
    for reading in readings.values():
        problem = only_problem(reading)
        assert problem.fatal
        assert problem.trouble in {Trouble.REFUSED, Trouble.STATUS}
        assert not reading.moved_url
        assert not reading.entries


def test_threat_3_redirects_of_an_article_leave_it_unread_with_the_reason(
    site: LocalSite, listener: Listener
) -> None:
    site.script("/a", redirect(f"http://127.0.0.1:{listener.port}/secret"))
    reading = crawl(plan(source(site.url("/news/")))).readings["site"]
    [look] = reading.looks
    assert (look.sight, listener.connections()) == (Sight.UNREADABLE, 0)
    assert "127.0.0.1 is a loopback address" in look.reason
    assert "does not name 127.0.0.1:" in look.reason
    assert not reading.problems


def test_threat_3_redirects_of_robots_txt_forbid_the_site(site: LocalSite, listener: Listener) -> None:
    site.script("/robots.txt", redirect(f"http://127.0.0.1:{listener.port}/robots.txt"))
    reading = crawl(plan(source(site.url("/news/")))).readings["site"]
    assert (only_problem(reading).trouble, listener.connections()) == (Trouble.ROBOTS, 0)
    assert "robots.txt leads to an address that is not asked" in only_problem(reading).detail
    assert site.paths() == []


def test_threat_3_redirects_that_go_round_end_after_five(site: LocalSite) -> None:
    for number in range(10):
        site.script(f"/{number}", redirect(f"/{number + 1}"))
    site.script("/round", redirect("/about"))
    site.script("/about", redirect("/round"))
    chain = plan(source(site.url("/0"), "chain"), source_id=1)
    ring = plan(source(site.url("/round"), "ring"), source_id=2)
    readings = crawl(chain, ring).readings
    for name in ("chain", "ring"):
        assert "too many redirects" in only_problem(readings[name]).detail
    assert len(site.paths()) == 12


def test_threat_3_redirects_that_are_refused_are_never_learnt(
    engine: Engine, database_url: str, listener: Listener
) -> None:
    settings = Settings(database_url=database_url, log_level="error")
    with LocalSite() as site:
        of = local_source(site.url("/news/"), "news")
        site.page("/news/", whole_listing("old-one", "old-two"))
        save_sources(engine, [of], origin="file", now=datetime.now(UTC))
        [baseline] = crawl_now(settings, ["news"])
        assert baseline.baseline == 2
        site.script("/news/", redirect(f"http://127.0.0.1:{listener.port}/news/", 301))
        runs = [run for _ in range(4) for run in crawl_now(settings, ["news"])]
    assert {run.verdict for run in runs} == {Verdict.FAILED}
    assert "127.0.0.1 is a loopback address" in runs[-1].reason
    assert load_source(engine, "news").url == of.url
    assert listener.connections() == 0


def whole_listing(*names: str) -> str:
    items = "".join(item.html for item in whole(*names))
    return f"<html><head><title>News</title></head><body><ul>{items}</ul></body></html>"


# ---------------------------------------------------------------------------------- 4: parser differentials


def test_threat_4_parsers_no_link_of_a_page_is_read_in_two_ways(site: LocalSite, listener: Listener) -> None:
    """The whole corpus is in tests/news/test_url_parsers.py; here the commonest attack goes through a crawl."""
    evil = [
        f"http://127.0.0.1:{listener.port}\\@127.0.0.1:{site.port}/x",
        f"http://127.0.0.1:{site.port}@127.0.0.1:{listener.port}/x",
        f"http://127.0.0.1:{listener.port}#@127.0.0.1:{site.port}/x",
        f"\\\\127.0.0.1:{listener.port}/x",
    ]
    site.page(
        "/news/", rows([*((url, f"Title {number}") for number, url in enumerate(evil)), ("/a", "Title of a")])
    )
    crawl(plan(source(site.url("/news/"))))
    assert listener.connections() == 0
    assert "/a" in site.paths()

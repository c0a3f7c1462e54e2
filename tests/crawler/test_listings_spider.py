"""The spider against a real local site: what it asks, in which order, and what ends in the ledger."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import trustme

from news.article import Look, Sight, Validators, Way
from news.entry import Entry
from news.run import DueLook, Plan, Reading, Trouble
from news.text import title_key
from news.urls import url_key
from storage.recognising import Recognised
from tests.crawler.crawling import QUICK, again, crawl, plan, source
from tests.crawler.site import Answer, Asked, LocalSite, article, redirect, rows

BODY = "A body that is long enough to be one, with several words in it. " * 6


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as local:
        yield local


def publish(site: LocalSite, *names: str, next_url: str = "", path: str = "/news/") -> None:
    """Put articles and a listing of them on the site."""
    for name in names:
        site.page(f"/{name}", article(f"Title of {name}", f"{BODY} It is {name}."))
    site.page(path, rows([(f"/{name}", f"Title of {name}") for name in names], next_url=next_url))


def the_plan(site: LocalSite, path: str = "/news/", **fields: Any) -> Plan:
    own = {name: fields.pop(name) for name in ("hosts", "baseline_pages", "max_pages") if name in fields}
    return plan(source(site.url(path), **own), **fields)


def only(plan: Plan, **options: Any) -> Reading:
    return crawl(plan, **options).readings[plan.source.name]


def looks(reading: Reading) -> dict[str, Look]:
    return {"/" + look.url.rpartition("/")[2]: look for look in reading.looks}


def troubles(reading: Reading) -> list[tuple[Trouble, bool]]:
    return [(problem.trouble, problem.fatal) for problem in reading.problems]


# ------------------------------------------------------------------------------------------ the plain way


def test_unknown_entries_lead_to_their_pages_in_the_listings_order(site: LocalSite) -> None:
    publish(site, "a", "b", "c")
    reading = only(the_plan(site))
    assert site.paths(robots=True) == ["/robots.txt", "/news/", "/a", "/b", "/c"]
    assert [look.sight for look in reading.looks] == [Sight.READ] * 3
    assert [look.content.title for look in reading.looks if look.content] == [f"Title of {x}" for x in "abc"]
    assert reading.requests == 5
    assert not reading.problems


def test_an_unchanged_listing_costs_one_request_and_no_parsing(site: LocalSite) -> None:
    publish(site, "a", "b")
    first = the_plan(site)
    reading = only(first)
    assert (
        reading.validators.etag
        == Answer(body=rows([(f"/{name}", f"Title of {name}") for name in "ab"]), etag=True).tag
    )
    site.forget()
    second = only(again(first, reading))
    assert site.paths(robots=True) == ["/news/"]
    assert site.log[0].headers["if-none-match"] == reading.validators.etag
    assert second.not_modified
    assert (second.requests, second.not_modified_count, second.entries) == (1, 1, ())


@pytest.mark.parametrize("state", [{"suspect": True}, {"sweep": True}, {"gap_ids": (1,)}])
def test_a_suspect_source_a_sweep_and_an_open_gap_are_asked_without_validators(
    site: LocalSite, state: dict[str, Any]
) -> None:
    publish(site, "a", "b")
    first = the_plan(site)
    reading = only(first)
    site.forget()
    assert not only(again(first, reading, **state)).not_modified
    assert not site.asked("/news/")[0].conditional


def test_a_304_that_nobody_asked_for_is_no_page(site: LocalSite) -> None:
    site.script("/news/", Answer(status=304))
    assert troubles(only(the_plan(site))) == [(Trouble.STATUS, True)]


def test_whole_bodies_of_the_listing_are_read_there_on_every_reading(site: LocalSite) -> None:
    item = '<li class="item"><a href="/{0}">Title {0}</a><div class="text"><p>{1} {0}</p></div></li>'
    html = "<html><body><ul>" + "".join(item.format(x, BODY) for x in "ab") + "</ul></body></html>"
    site.page("/news/", html)
    first = the_plan(site)
    reading = only(first)
    assert [(look.way, look.sight) for look in reading.looks] == [(Way.LISTING, Sight.READ)] * 2
    site.page("/news/", html.replace("several words", "several other words"))
    second = only(again(first, reading))
    assert all(look.content and "several other words" in look.content.body_text for look in second.looks)
    assert set(site.paths()) == {"/news/"}


def test_a_known_entry_under_another_title_is_looked_at(site: LocalSite) -> None:
    publish(site, "a", "b")
    first = the_plan(site)
    reading = only(first)
    site.page("/news/", rows([("/a", "A better title"), ("/b", "Title of b")]))
    site.forget()
    titles = {entry.key: title_key(entry.title) for entry in reading.entries}
    only(again(first, reading, listed_titles=titles))
    assert site.paths() == ["/news/", "/a"]


def test_pages_are_read_down_to_the_frontier_and_up_again(site: LocalSite) -> None:
    publish(site, "c", "d", "e")
    first = the_plan(site)
    reading = only(first)
    publish(site, "a", "b", next_url="/news/2")
    publish(site, "c", "d", path="/news/2")
    site.forget()
    second = only(again(first, reading, sweep=False))
    assert site.paths() == ["/news/", "/news/2", "/news/", "/a", "/b"]
    assert second.joined
    assert [entry.url.rpartition("/")[2] for entry in second.entries] == ["a", "b", "c", "d"]
    assert second.validators.etag


def test_entries_that_the_database_knows_are_not_asked_again(site: LocalSite) -> None:
    publish(site, "a", "b")
    reading = only(the_plan(site), recognise=_knows_b)
    assert site.paths() == ["/news/", "/a"]
    assert set(looks(reading)) == {"/a"}


def _knows_b(plan: Plan, entries: Sequence[Entry]) -> Recognised:
    key = next(entry.key for entry in entries if entry.url.endswith("/b"))
    return Recognised(aliases={key: "article-b"}, sighted=frozenset({"article-b"}))


def test_the_old_address_of_a_perhaps_moved_article_is_asked_where_it_leads(site: LocalSite) -> None:
    publish(site, "new-slug", "other")
    site.script("/old-slug", redirect("/new-slug", 301))
    site.remove("/older-slug", 410)
    site.script("/down", Answer(status=500))
    reading = only(the_plan(site), recognise=_has_moved)
    base = site.url("")
    key = url_key(base + "/new-slug")
    assert reading.probes == {
        key: (
            (f"{base}/old-slug", f"{base}/new-slug"),
            (f"{base}/older-slug", f"{base}/older-slug"),
            (f"{base}/down", ""),
        )
    }


def _has_moved(plan: Plan, entries: Sequence[Entry]) -> Recognised:
    base, key = plan.source.url.removesuffix("/news/"), entries[0].key
    return Recognised(moved={key: (f"{base}/old-slug", f"{base}/older-slug", f"{base}/down")})


def test_an_entry_that_leads_to_another_host_is_kept_as_the_listing_tells_it(site: LocalSite) -> None:
    site.page(
        "/news/", rows([("http://elsewhere.invalid/x", "A story of somebody else"), ("/a", "Title of a")])
    )
    site.page("/a", article("Title of a", BODY))
    reading = only(the_plan(site))
    look = looks(reading)["/x"]
    assert (look.way, look.sight) == (Way.LISTING, Sight.READ)
    assert look.content is not None
    assert look.content.title == "A story of somebody else"


def test_pending_entries_are_asked_only_when_they_are_due(site: LocalSite) -> None:
    publish(site, "a", "b")
    keys = frozenset({url_key(site.url("/a")), url_key(site.url("/b"))})
    due = DueLook(url=site.url("/b"), key=url_key(site.url("/b")), pending=True)
    only(the_plan(site, pending_keys=keys, looks=(due,)))
    assert site.paths() == ["/news/", "/b"]


# ---------------------------------------------------------------------------------------------- looks


def test_looks_meet_what_is_there(site: LocalSite) -> None:
    publish(site, "same", "changed")
    site.remove("/gone", 410)
    site.remove("/missing", 404)
    site.script("/broken", Answer(status=500))
    known = only(the_plan(site))
    tag = looks(known)["/same"].validators
    due = tuple(
        DueLook(url=site.url(f"/{name}"), key=url_key(site.url(f"/{name}")), validators=validators)
        for name, validators in [
            ("same", tag),
            ("changed", Validators(etag='"old"')),
            ("gone", Validators()),
            ("missing", Validators()),
            ("broken", Validators()),
        ]
    )
    site.forget()
    reading = only(again(the_plan(site), known, looks=due))
    assert {path: look.sight for path, look in looks(reading).items()} == {
        "/same": Sight.NOT_MODIFIED,
        "/changed": Sight.READ,
        "/gone": Sight.GONE,
        "/missing": Sight.MISSING,
        "/broken": Sight.UNREADABLE,
    }
    assert reading.not_modified_count == 2
    assert site.asked("/same")[0].headers["if-none-match"] == tag.etag


def test_an_unchanged_listing_answers_for_the_whole_bodies_on_it(site: LocalSite) -> None:
    publish(site, "a", "b")
    first = the_plan(site)
    reading = only(first)
    key = url_key(site.url("/a"))
    site.forget()
    second = only(again(first, reading, looks=(DueLook(url=site.url("/a"), key=key, listed=True),)))
    assert site.paths() == ["/news/"]
    assert looks(second)["/a"].sight is Sight.NOT_MODIFIED


def test_looks_keep_to_their_budget(site: LocalSite) -> None:
    publish(site, "a")
    first = the_plan(site)
    due = tuple(DueLook(url=site.url(f"/x{n}"), key=f"x{n}") for n in range(6))
    only(replace(first, looks=due), settings={"TIDINGS_LOOK_BUDGET": 2})
    assert site.paths() == ["/news/", "/a", "/x0", "/x1"]


# -------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (Answer(status=410), Trouble.GONE),
        (Answer(status=404, body="<title>Not here</title>"), Trouble.STATUS),
        (Answer(status=500), Trouble.STATUS),
        (Answer(status=429, headers={"Retry-After": "90"}), Trouble.RETRY_LATER),
        (Answer(status=503), Trouble.RETRY_LATER),
        (Answer(body=b"\x89PNG\r\n\x1a\n" + bytes(range(256)), content_type="image/png"), Trouble.NOT_A_PAGE),
        (Answer(body=b"\x00\x01\x02\x03" * 500), Trouble.NOT_A_PAGE),
        (Answer(reset=True), Trouble.NETWORK),
        (Answer(body="<html>cut", cut=True), Trouble.NETWORK),
        (redirect("/news/"), Trouble.STATUS),
        (Answer(body="x" * 300_000), Trouble.NOT_A_PAGE),
        (Answer(body="x" * 300_000, gzipped=True), Trouble.NOT_A_PAGE),
        (Answer(body="slow", delay_seconds=20), Trouble.NETWORK),
        (Answer(body="drip" * 50, drip_seconds=0.5), Trouble.NETWORK),
    ],
    ids="gone missing error 429 503 image binary reset cut loop large bomb silent drip".split(),
)  # fmt: skip
def test_a_listing_that_cannot_be_read_fails_by_name(
    site: LocalSite, answer: Answer, trouble: Trouble
) -> None:
    site.script("/news/", answer)
    limits = {"DOWNLOAD_MAXSIZE": 200_000, "DOWNLOAD_TIMEOUT": 2, "RETRY_TIMES": 0}
    reading = only(the_plan(site), settings=limits)
    assert troubles(reading) == [(trouble, True)], reading.problems
    assert not reading.entries


def test_nobody_listening_and_no_such_name_are_network_trouble() -> None:
    with LocalSite() as gone:
        address = gone.url("/news/")
    first = plan(source(address, "refused"), source_id=1)
    second = plan(source("http://no-such-host.invalid/news/", "unknown"), source_id=2)
    crawled = crawl(first, second, settings={"RETRY_TIMES": 0})
    for name in ("refused", "unknown"):
        [problem] = crawled.readings[name].problems
        assert problem.fatal
        assert problem.trouble is Trouble.ROBOTS  # robots.txt comes first, and unreachable means no
        assert "robots.txt could not be had" in problem.detail


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(server)
    with LocalSite(tls=server) as site:
        reading = only(plan(source(site.url("/news/", host="localhost"))), settings={"RETRY_TIMES": 0})
        assert not site.log
    [problem] = reading.problems
    assert problem.fatal
    assert "TLS failure" in problem.detail


def test_a_later_page_that_fails_leaves_the_run_partial_and_what_was_read_whole(site: LocalSite) -> None:
    publish(site, "x", "y")
    reading = only(the_plan(site))
    publish(site, "a", "b", next_url="/news/2")
    site.script("/news/2", Answer(status=500))
    second = only(again(the_plan(site), reading))
    assert troubles(second) == [(Trouble.PAGE_FAILED, False)]
    assert (second.joined, second.ended, second.next_url) == (False, False, site.url("/news/2"))
    assert set(looks(second)) == {"/a", "/b"}


def test_retry_after_on_page_2_ends_the_run_and_shuts_the_host(site: LocalSite) -> None:
    publish(site, "x", "y")
    reading = only(the_plan(site))
    publish(site, "a", "b", next_url="/news/2")
    site.script("/news/2", Answer(status=503, headers={"Retry-After": "600"}))
    site.forget()
    second = only(again(the_plan(site), reading))
    assert site.paths() == ["/news/", "/news/2"]
    assert troubles(second) == [(Trouble.RETRY_LATER, False)]
    assert second.host.not_before is not None
    assert 590 < (second.host.not_before - second.started_at).total_seconds() < 660
    assert not second.looks


def test_articles_that_are_none_are_unreadable_with_a_reason(site: LocalSite) -> None:
    site.page("/news/", rows([(f"/{x}", f"Title of {x}") for x in "abcd"]))
    site.script("/a", Answer(status=403))
    site.script("/b", Answer(body=b"%PDF-1.7 " + bytes(200), content_type="application/pdf"))
    site.page("/c", "<html><title>404 - Page not found</title><body><p>Nothing is here.</p></body></html>")
    site.script("/d", Answer(reset=True))
    reading = only(the_plan(site), settings={"RETRY_TIMES": 0})
    found = looks(reading)
    assert all(found[f"/{x}"].sight is Sight.UNREADABLE for x in "abd"), found
    assert found["/c"].sight is Sight.LOST
    assert found["/a"].reason == "HTTP 403"
    assert "application/pdf" in found["/b"].reason
    assert found["/c"].reason
    assert not reading.problems


def test_a_callback_that_raises_costs_its_source_and_no_other(site: LocalSite) -> None:
    publish(site, "a")
    publish(site, "b", path="/more/")
    crawled = crawl(
        plan(source(site.url("/news/"), "broken"), source_id=1),
        plan(source(site.url("/more/"), "well"), source_id=2),
        recognise=_raises_for_broken,
    )
    assert troubles(crawled.readings["broken"]) == [(Trouble.CALLBACK, True)]
    assert "the database is on fire" in crawled.readings["broken"].problems[0].detail
    assert not crawled.readings["well"].problems
    assert crawled.facts["stats"]["spider_exceptions/count"] == 1


def _raises_for_broken(plan: Plan, entries: Sequence[Entry]) -> Recognised:
    if plan.source.name == "broken":
        raise RuntimeError("the database is on fire")
    return Recognised()


def test_a_pipeline_that_raises_is_told_and_the_run_still_ends(site: LocalSite) -> None:
    publish(site, "a", "b")
    reading = only(
        the_plan(site), settings={"ITEM_PIPELINES": {"tests.crawler.test_listings_spider.Raising": 1}}
    )
    assert troubles(reading) == [(Trouble.CALLBACK, False)] * 2
    assert {look.sight for look in reading.looks} == {Sight.UNREADABLE}


class Raising:
    def process_item(self, item: Any) -> Any:
        raise RuntimeError(f"a bug at {item.url}")


def test_a_crawl_that_reaches_its_limit_settles_what_was_read(site: LocalSite) -> None:
    publish(site, "a", "b")
    site.script("/b", Answer(body="late", delay_seconds=30))
    reading = only(
        the_plan(site), settings={"CLOSESPIDER_TIMEOUT": 1.5, "DOWNLOAD_TIMEOUT": 3, "RETRY_TIMES": 0}
    )
    assert set(looks(reading)) >= {"/a"}
    assert reading.entries
    assert (Trouble.DIED, True) not in troubles(reading)


def test_sources_of_one_host_come_one_after_the_other_and_share_robots_txt(site: LocalSite) -> None:
    publish(site, "a", "b")
    publish(site, "c", "d", path="/more/")
    crawled = crawl(
        plan(source(site.url("/news/"), "first"), source_id=1),
        plan(source(site.url("/more/"), "second"), source_id=2),
    )
    assert site.paths(robots=True) == ["/robots.txt", "/news/", "/a", "/b", "/more/", "/c", "/d"]
    assert [crawled.readings[name].last_of_host for name in crawled.order] == [False, True]


def test_two_sources_may_share_one_address(site: LocalSite) -> None:
    publish(site, "a", "b")
    crawled = crawl(*(plan(source(site.url("/news/"), name), source_id=n) for n, name in enumerate("xy")))
    assert all(len(reading.looks) == 2 for reading in crawled.readings.values())
    assert site.paths() == ["/news/", "/a", "/b"] * 2


def test_a_permanent_redirect_of_the_listing_is_learnt_and_a_temporary_one_is_not(site: LocalSite) -> None:
    publish(site, "a", path="/here/")
    site.script("/moved/", redirect("/here/", 301))
    site.script("/now/", redirect("/moved/", 308))
    site.script("/today/", redirect("/moved/", 302))
    assert only(the_plan(site, "/now/")).moved_url == site.url("/here/")
    assert only(the_plan(site, "/today/")).moved_url == ""


def test_a_listing_that_moves_while_it_is_read_is_read_over(site: LocalSite) -> None:
    publish(site, "a", "b", "c", "d")
    names = ["b", "c", "d"]
    reads: list[str] = []

    def listing(request: Asked) -> Answer:
        reads.append(request.path)
        if len(reads) == 2:
            names.insert(0, "a")
        if request.path == "/list/":
            return Answer(body=rows([(f"/{x}", x) for x in names[:2]], next_url="/list/2"))
        return Answer(body=rows([(f"/{x}", x) for x in names[2:]]))

    site.respond("/list/", listing)
    site.respond("/list/2", listing)
    reading = only(the_plan(site, "/list/", baseline_pages=5))
    assert reading.passes == 2
    assert [entry.title for entry in reading.entries] == ["a", "b", "c", "d"]
    assert (reading.pages, len(reads)) == (2, 6)


def test_the_delay_of_a_source_is_the_least_time_between_two_requests(site: LocalSite) -> None:
    publish(site, "a", "b")
    slow = replace(QUICK, delay_seconds=0.3)
    crawl(plan(source(site.url("/news/"), request=slow)))
    times = [request.at for request in site.log]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) == 3
    assert min(gaps) > 0.29

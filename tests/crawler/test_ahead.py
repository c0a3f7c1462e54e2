"""What goes ahead of the engine asks as the engine would, tells what it would, and keeps the same distance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from news.article import Sight
from news.run import DueLook, Plan, Reading, Trouble
from news.source import RequestRules
from news.urls import url_key
from tests.crawler.crawling import NOW, again, crawl, plan, source
from tests.crawler.site import Answer, LocalSite, article, redirect, rows

BODY = "A body that is long enough to be one, with several words in it. " * 6
PAGE = rows([("/a", "Title of a")])
DELAY = 0.5


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as local:
        local.script("/news/", Answer(body=PAGE, etag='"one"'))
        local.page("/a", article("Title of a", BODY))
        local.page("/b", article("Title of b", BODY))
        yield local


def known(site: LocalSite, path: str = "/news/", **fields: Any) -> Plan:
    """Return the plan of a source's second run; its host is to be left alone for a while after each request."""
    slow = RequestRules(delay_seconds=DELAY, allow_private=True)
    first = plan(source(site.url(path)), **fields)
    then = again(first, crawl(first).readings["site"])
    site.forget()
    return replace(then, source=replace(then.source, request=slow))


def only(of: Plan, **settings: Any) -> Reading:
    return crawl(of, settings=settings).readings[of.source.name]


def sent(site: LocalSite) -> list[tuple[str, dict[str, str]]]:
    return [(each.path, dict(each.headers)) for each in site.log]


def test_an_unchanged_listing_is_asked_for_as_the_engine_does_and_told_the_same(site: LocalSite) -> None:
    of = known(site)
    ahead, asked = only(of), sent(site)
    site.forget()
    assert asked[0][1]["if-none-match"] == '"one"'
    engine = only(of, TIDINGS_ASK_AHEAD=False)
    assert asked == sent(site)
    for reading in (ahead, engine):
        assert (reading.not_modified, reading.requests, reading.not_modified_count) == (True, 1, 1)
        assert reading.host.last_request_at is not None
    assert _told(ahead) == _told(engine)


def _told(reading: Reading) -> Any:
    host = replace(reading.host, last_request_at=None, not_before=None)
    looks = tuple((look.url, look.sight, look.reason) for look in reading.looks)
    shut = reading.host.not_before is not None
    return (
        replace(reading, started_at=NOW, finished_at=NOW, host=host, looks=(), entries=(), wait=None),
        [entry.key for entry in reading.entries],
        looks,
        shut,
        reading.wait is not None,
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=rows([("/b", "Title of b"), ("/a", "Title of a")])), id="changed"),
        pytest.param(Answer(body=PAGE), id="the same bytes"),
        pytest.param(Answer(body=PAGE, gzipped=True), id="the same bytes, packed"),
        pytest.param(Answer(body="gone", status=404), id="404"),
        pytest.param(Answer(body="later", status=503), id="503"),
        pytest.param(Answer(body="later", status=503, headers={"Retry-After": "120"}), id="Retry-After"),
        pytest.param(Answer(body="too many", status=429), id="429"),
        pytest.param(Answer(body=PAGE, reset=True), id="reset"),
        pytest.param(Answer(body=PAGE, cut=True), id="cut"),
        pytest.param(redirect("/elsewhere/", 301), id="moved for good"),
        pytest.param(redirect("/news/", 302), id="redirected without end"),
        pytest.param(redirect("http://10.0.0.1/", 301), id="redirected into a network that is not asked"),
    ],
)
def test_any_other_answer_is_handed_to_the_engine_and_not_asked_for_twice(
    site: LocalSite, answer: Answer
) -> None:
    of = known(site)
    site.page("/elsewhere/", PAGE)
    site.script("/news/", answer)
    told = _told(only(of))
    asked = [path for path, _ in sent(site)]
    site.forget()
    assert told == _told(only(of, TIDINGS_ASK_AHEAD=False))
    assert asked == [path for path, _ in sent(site)]


def test_the_next_request_of_the_host_keeps_its_distance(site: LocalSite) -> None:
    of = known(site)
    look = DueLook(key=url_key(site.url("/a")), url=site.url("/a"))
    reading = only(replace(of, looks=(look,)))
    assert [each.sight for each in reading.looks] == [Sight.READ]
    assert reading.not_modified
    _apart(site, "/news/", "/a")


def test_what_a_changed_listing_leads_to_keeps_its_distance(site: LocalSite) -> None:
    of = known(site)
    site.page("/news/", rows([("/b", "Title of b"), ("/a", "Title of a")]))
    reading = only(of)
    assert [url_key(look.url) for look in reading.looks][:1] == [url_key(site.url("/b"))]
    _apart(site, "/news/", "/b")


def test_the_other_sources_of_a_host_keep_their_distance(site: LocalSite) -> None:
    site.script("/more/", Answer(body=PAGE, etag='"two"'))
    first = known(site)
    second = known(site, "/more/")
    named = replace(second, source=replace(second.source, name="more"), source_id=2)
    site.forget()
    readings = crawl(first, named).readings
    assert [each.not_modified for each in readings.values()] == [True, True]
    _apart(site, "/news/", "/more/")


def _apart(site: LocalSite, one: str, other: str) -> None:
    [before], [after] = site.asked(one), site.asked(other)
    assert after.at - before.at >= DELAY


def test_robots_txt_is_asked_for_first_where_it_is_not_known(site: LocalSite) -> None:
    of = known(site)
    stale = replace(of, host=replace(of.host, robots_expires_at=NOW - timedelta(hours=1)))
    site.robots("User-agent: *\nDisallow: /news/")
    [problem] = only(stale).problems
    assert problem.trouble is Trouble.ROBOTS
    assert site.paths(robots=True) == ["/robots.txt"]


def test_the_listing_keeps_its_distance_from_robots_txt(site: LocalSite) -> None:
    of = known(site)
    site.robots("User-agent: *\nDisallow: /private/")
    only(replace(of, host=replace(of.host, robots_expires_at=NOW - timedelta(hours=1))))
    robots, listing = site.log
    assert (robots.path, listing.path) == ("/robots.txt", "/news/")
    assert listing.at - robots.at >= DELAY


def test_what_robots_txt_forbids_is_not_asked_for(site: LocalSite) -> None:
    of = known(site)
    barred = replace(of, host=replace(of.host, robots="User-agent: *\nDisallow: /news/", robots_status=200))
    [problem] = only(barred).problems
    assert problem.trouble is Trouble.ROBOTS
    assert site.paths(robots=True) == []


def test_a_host_that_asked_for_patience_is_left_alone(site: LocalSite) -> None:
    of = known(site)
    patient = replace(of, host=replace(of.host, not_before=NOW + timedelta(hours=1)))
    [problem] = only(patient).problems
    assert problem.trouble is Trouble.RETRY_LATER
    assert site.paths(robots=True) == []


def test_a_host_that_hangs_ends_with_the_crawl_and_keeps_nobody_waiting(site: LocalSite) -> None:
    with LocalSite() as other:
        other.script("/news/", Answer(body=PAGE, etag='"one"'))
        of, well = known(site), known(other)
        named = replace(well, source=replace(well.source, name="well"), source_id=2)
        site.script("/news/", Answer(body=PAGE, delay_seconds=3600))
        readings = crawl(of, named, settings={"CLOSESPIDER_TIMEOUT": 2}).readings
    assert readings["well"].not_modified
    [problem] = readings["site"].problems
    assert problem.trouble is Trouble.DIED
    assert "time limit" in problem.detail

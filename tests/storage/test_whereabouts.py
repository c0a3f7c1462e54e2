"""Versions that were made for another address than the declared one: in use, taken back, learnt from, redeclared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from news.healing import Healing
from news.run import Problem, Trouble, Verdict
from news.source import Channel, RequestRules, Source, Wrapper
from news.whereabouts import Whereabouts, found_at
from storage.engine import reading, writing
from storage.sources import learn_url, load_source, save_sources
from storage.tables import Host
from storage.tables import Source as SourceRow
from storage.wrappers import approve_wrapper, roll_back, wrapper_versions
from tests.storage.desk import BASE, Desk, entry, told

FEED = Source(
    name="one", url="https://site.example/feed/", page_url="https://site.example/news/", channel=Channel.FEED
)
MOVED = Whereabouts(
    url="https://site.example/rss.xml", channel=Channel.FEED, page_url="https://site.example/news/"
)
AWAY = replace(MOVED, url="https://feeds.example/site", hosts=("site.example",))
PAGE = Whereabouts(url="https://site.example/news/", channel=Channel.LISTING)
LIST = Wrapper(item=("li",), link=("a",))


@pytest.fixture
def desk(engine: Engine) -> Desk:
    made = Desk(engine, FEED)
    made.run(*BASE)
    made.later(hours=1)
    return made


def found(whereabouts: Whereabouts, *, accepted: bool = True, wrapper: Wrapper | None = None) -> Healing:
    return Healing(
        wrapper=wrapper or Wrapper(),
        confidence=0.9 if accepted else 0.7,
        accepted=accepted,
        symptom="HTTP 404",
        recognised=3,
        sought=3,
        whereabouts=whereabouts,
    )


def failed(desk: Desk, **more: Any) -> Any:
    problem = Problem(trouble=Trouble.STATUS, detail="HTTP 404", url=FEED.url, fatal=True, status=404)
    return desk.run(problems=(problem,), **more)


def host(engine: Engine) -> str:
    with reading(engine) as connection:
        return connection.execute(select(SourceRow.host)).scalar_one()


def test_a_source_is_asked_for_where_it_was_found_and_after_a_roll_back_where_it_was(desk: Desk) -> None:
    settled = desk.run(entry("x"), *BASE, healing=found(MOVED))
    assert (settled.verdict, told(settled)) == (Verdict.OK, [("published", "x")])
    assert load_source(desk.engine, "one") == replace(FEED, url=MOVED.url)
    [version, declared] = wrapper_versions(desk.engine, "one")
    assert (version.whereabouts, version.in_use, declared.whereabouts) == (MOVED, True, None)
    roll_back(desk.engine, "one", now=desk.now)
    assert load_source(desk.engine, "one") == FEED


def test_a_failed_run_proposes_where_else_it_may_be(desk: Desk) -> None:
    settled = failed(desk, healing=found(PAGE, accepted=False, wrapper=LIST))
    assert settled.verdict is Verdict.FAILED
    assert "another way to read it is proposed (version 2, confidence 0.70)" in settled.reason
    assert load_source(desk.engine, "one") == FEED
    desk.later(hours=1)
    failed(desk, healing=found(PAGE, accepted=False, wrapper=LIST))
    assert len(wrapper_versions(desk.engine, "one")) == 2, "the same proposal is written once"
    approve_wrapper(desk.engine, "one", now=desk.now)
    read = load_source(desk.engine, "one")
    assert (read.url, read.channel, read.wrapper, read.page_url) == (PAGE.url, Channel.LISTING, LIST, "")


def test_a_found_source_that_could_not_be_read_is_a_proposal(desk: Desk) -> None:
    assert failed(desk, healing=found(MOVED)).verdict is Verdict.FAILED
    assert [each.state for each in wrapper_versions(desk.engine, "one")] == ["proposed", "in use"]


def test_a_source_that_its_site_called_gone_is_crawled_again_once_it_is_found(desk: Desk) -> None:
    gone = Problem(trouble=Trouble.GONE, detail="gone", url=FEED.url, fatal=True, status=410)
    desk.run(problems=(gone,), healing=found(AWAY, accepted=False))
    with reading(desk.engine) as connection:
        assert connection.execute(select(SourceRow.paused)).scalar_one()
    approve_wrapper(desk.engine, "one", now=desk.now)
    with reading(desk.engine) as connection:
        assert not connection.execute(select(SourceRow.paused)).scalar_one()


def test_its_host_is_that_of_the_address_in_use(desk: Desk) -> None:
    failed(desk, healing=found(AWAY, accepted=False))
    approve_wrapper(desk.engine, "one", now=desk.now)
    assert host(desk.engine) == "feeds.example"
    with reading(desk.engine) as connection:
        assert "feeds.example" in connection.execute(select(Host.name)).scalars().all()
    roll_back(desk.engine, "one", now=desk.now)
    assert host(desk.engine) == "site.example"


def test_a_permanent_redirect_is_learnt_by_the_address_in_use(desk: Desk) -> None:
    desk.run(*BASE, healing=found(MOVED))
    with writing(desk.engine) as connection:
        learn_url(connection, 1, "https://www.site.example/rss.xml")
    assert load_source(desk.engine, "one").url == "https://www.site.example/rss.xml"
    assert host(desk.engine) == "site.example"
    roll_back(desk.engine, "one", now=desk.now)
    assert load_source(desk.engine, "one").url == FEED.url, "the declared address has not moved"


@pytest.mark.parametrize("declared", [FEED, replace(FEED, title="Retitled", schedule="2h")])
def test_the_same_address_declared_again_does_not_undo_it(desk: Desk, declared: Source) -> None:
    desk.run(*BASE, healing=found(MOVED))
    save_sources(desk.engine, [declared], origin="file", now=desk.now)
    assert load_source(desk.engine, "one") == replace(declared, url=MOVED.url)


def test_another_address_declared_puts_an_end_to_it(desk: Desk) -> None:
    desk.run(*BASE, healing=found(MOVED))
    declared = replace(FEED, url="https://site.example/atom.xml")
    save_sources(desk.engine, [declared], origin="file", now=desk.now)
    assert load_source(desk.engine, "one") == declared


def test_another_channel_declared_puts_an_end_to_it(desk: Desk) -> None:
    desk.run(*BASE, healing=found(AWAY))
    declared = Source(name="one", url="https://site.example/news/", wrapper=LIST)
    save_sources(desk.engine, [declared], origin="file", now=desk.now)
    assert load_source(desk.engine, "one") == declared
    assert host(desk.engine) == "site.example"


def test_selectors_that_are_found_later_keep_the_whereabouts(desk: Desk) -> None:
    desk.run(*BASE, healing=found(PAGE, wrapper=LIST))
    desk.later(hours=1)
    other = Wrapper(item=("section.card",), link=("a",))
    desk.run(*BASE, healing=replace(found(PAGE, wrapper=other), whereabouts=None))
    read = load_source(desk.engine, "one")
    assert (read.url, read.channel, read.wrapper) == (PAGE.url, Channel.LISTING, other)
    desk.later(hours=1)
    roll_back(desk.engine, "one", now=desk.now)
    assert load_source(desk.engine, "one").wrapper == LIST


def test_promise_10_another_host_gets_none_of_the_headers_and_passwords() -> None:
    rules = RequestRules(
        headers=(("X-Key", "env:KEY"),), user="me", password="env:SECRET", proxy="http://p:1"
    )
    read = found_at(replace(FEED, request=rules), AWAY)
    assert read.request == RequestRules(proxy="http://p:1")
    assert found_at(replace(FEED, request=rules), MOVED).request == rules


def test_going_back_leads_to_what_was_in_use_before_whatever_its_number(desk: Desk) -> None:
    desk.run(*BASE, healing=found(MOVED))
    desk.later(hours=1)
    approve_wrapper(desk.engine, "one", 1, now=desk.now)
    desk.later(hours=1)
    assert roll_back(desk.engine, "one", now=desk.now).version == 2

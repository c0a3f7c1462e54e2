"""Whose turn it is in a crawl: one source of a host at a time, each finished once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.clock import RunClock
from crawler.course import Course
from crawler.courses import Courses
from crawler.errand import ErrandKind
from crawler.hosts import Hosts
from news.article import Validators
from news.entry import Entry, Page
from news.run import DueLook, Reading, Trouble
from news.urls import url_key
from storage.recognising import Recognised
from tests.crawler.crawling import NOW, plan, source

SOURCES = {
    "a": "https://a.example/news/",
    "a-too": "https://a.example/more/",
    "b": "https://b.example/news/",
}


class Crawl:
    """Courses without a network: every listing fails when it is answered."""

    def __init__(self) -> None:
        plans = [
            plan(source(url, name), source_id=number) for number, (name, url) in enumerate(SOURCES.items())
        ]
        hosts = Hosts(plans, clock=RunClock(NOW), default_delay_seconds=0)
        self.finished: list[Reading] = []
        self.all = {
            each.source.name: Course(each, hosts.named(each.host.name), look_budget=1) for each in plans
        }
        self.courses = Courses(self.all.values(), hosts=hosts, finished=self.finished.append)

    def onward(self, name: str) -> str:
        turn = self.courses.onward(self.all[name])
        return turn[0].plan.source.name if turn else ""

    def answer(self, name: str) -> str:
        self.all[name].listing_failed(Trouble.STATUS, "HTTP 500", url=SOURCES[name])
        return self.onward(name)

    @property
    def told(self) -> list[tuple[str, bool]]:
        return [(reading.source, reading.last_of_host) for reading in self.finished]


@pytest.fixture
def made() -> Crawl:
    return Crawl()


def test_each_host_begins_with_its_first_source_and_goes_on_with_the_next(made: Crawl) -> None:
    firsts = [course.plan.source.name for course in made.courses.firsts()]
    assert firsts == ["a", "b"]
    assert [made.onward(name) for name in firsts] == firsts
    assert made.answer("a") == "a-too"
    assert made.told == [("a", False)]
    assert made.answer("a-too") == ""
    assert made.answer("b") == ""
    assert made.told == [("a", False), ("a-too", True), ("b", True)]


def test_a_course_waits_for_its_last_item_and_is_finished_once(made: Crawl) -> None:
    made.courses.firsts()
    made.onward("b")
    ledger = made.all["b"].ledger
    ledger.item_opened()
    assert made.answer("b") == ""
    assert made.told == []
    ledger.item_closed()
    for _ in range(2):
        made.courses.item_left(ledger.plan.source_id)
    made.courses.close_if_done(made.all["b"])
    assert made.told == [("b", True)]


def test_what_is_unfinished_at_the_end_is_cut_off_and_says_why(made: Crawl) -> None:
    made.courses.firsts()
    made.onward("a")
    made.answer("a")
    made.courses.cut_off("the crawl reached its time limit")
    assert made.told == [("a", False), ("a-too", True), ("b", True)]
    for reading in made.finished[1:]:
        [problem] = reading.problems
        assert (problem.trouble, problem.detail) == (Trouble.DIED, "the crawl reached its time limit")


@pytest.mark.parametrize(
    ("body", "paged", "asked"),
    [
        ("<p>The whole body</p>", False, []),  # what the listing carries is the look
        ("<p>The whole body</p>", True, ["/old"]),  # the page is the reference, and a body none
        ("", False, ["/new", "/old"]),
    ],
)
def test_an_article_that_is_listed_whole_at_another_address_is_not_looked_at_where_it_was(
    body: str, paged: bool, asked: list[str]
) -> None:
    old_url, new_url = "https://a.example/old", "https://a.example/new"
    old_key, new_key = url_key(old_url), url_key(new_url)
    made = replace(
        plan(source(SOURCES["a"], "a")),
        has_baseline=True,
        aliases={old_key: old_key},
        looks=(DueLook(url=old_url, key=old_key, listed=not paged),),
    )
    hosts = Hosts([made], clock=RunClock(NOW), default_delay_seconds=0)
    course = Course(made, hosts.named(made.host.name), look_budget=5)
    entry = Entry(url=new_url, key=new_key, title="The title of both", body_html=body)
    listing = course.next_errand()
    assert listing is not None
    known = Recognised(moved={new_key: (old_url,)}, paged=frozenset({old_key} if paged else ()))
    course.recognition.take_in([entry], known)
    course.turn_page(listing, Page(entries=(entry,)), Validators())
    looks = []
    while errand := course.next_errand():
        looks += [errand.url] if errand.kind is not ErrandKind.PROBE else []
    assert looks == [f"https://a.example{path}" for path in asked]


@pytest.mark.parametrize(("old", "probed"), [(4, 4), (5, 0), (6, 0)])
def test_a_pending_entry_is_asked_for_itself_before_the_old_addresses_that_it_may_have_left(
    old: int, probed: int
) -> None:
    """What they say counts only beside what stands at the new one: asked alone they were asked for ever."""
    new_url = "https://a.example/new"
    old_urls = tuple(f"https://a.example/old-{number}" for number in range(old))
    made = replace(
        plan(source(SOURCES["a"], "a")),
        has_baseline=True,
        looks=(DueLook(url=new_url, key=url_key(new_url), probes=old_urls, pending=True),),
    )
    hosts = Hosts([made], clock=RunClock(NOW), default_delay_seconds=0)
    course = Course(made, hosts.named(made.host.name), look_budget=5)
    assert course.next_errand() is not None
    course.listing_unchanged()
    asked = []
    while errand := course.next_errand():
        asked.append(errand.url)
    assert (asked.count(new_url), len(asked) - 1) == (1, probed)


def test_new_entries_leave_room_for_the_old_addresses_of_the_one_that_waited_longest() -> None:
    waiting_url, new_url = "https://a.example/waiting", "https://a.example/new"
    old_urls = ("https://a.example/old-1", "https://a.example/old-2")
    due = DueLook(url=waiting_url, key=url_key(waiting_url), probes=old_urls, pending=True)
    too_many = replace(due, probes=tuple(f"https://a.example/of-many-{number}" for number in range(4)))
    new, waiting = [url_key(new_url)] * 2, [url_key(waiting_url)] * 2
    for looks, probed in (((due,), waiting), ((), new), ((too_many,), new)):
        made = replace(plan(source(SOURCES["a"], "a")), has_baseline=True, looks=looks)
        hosts = Hosts([made], clock=RunClock(NOW), default_delay_seconds=0)
        course = Course(made, hosts.named(made.host.name), look_budget=4)
        listing = course.next_errand()
        assert listing is not None
        entry = Entry(url=new_url, key=url_key(new_url), title="The same title")
        course.recognition.take_in([entry], Recognised(moved={entry.key: old_urls}))
        course.turn_page(listing, Page(entries=(entry,)), Validators())
        errands = []
        while errand := course.next_errand():
            errands.append(errand)
        assert [each.key for each in errands if each.kind is ErrandKind.PROBE] == probed

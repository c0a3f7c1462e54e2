"""The change log over HTTP: cursors, filters, waiting, and what a cursor can be wrong about."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

from storage import tables
from storage.engine import writing
from tests.serving.serving import Site, serving
from tests.storage.desk import Desk, based, entry
from tests.tidings.documented import faults


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


@pytest.fixture
def site(engine: Engine) -> Iterator[Site]:
    with serving(engine) as made:
        yield made


def publish(desk: Desk, *names: str) -> None:
    desk.later(minutes=10)
    desk.run(
        *(entry(name, hour=1) for name in names), *(entry(name, hour=-n) for n, name in enumerate("abc", 1))
    )


def test_an_empty_log_is_an_empty_answer(site: Site) -> None:
    assert site.api("/changes") == {"schema": 1, "changes": [], "cursor": 0, "more": False}


def test_a_reader_goes_on_behind_its_cursor(desk: Desk, site: Site) -> None:
    publish(desk, "d", "e", "f")
    first = site.api("/changes?limit=2")
    assert [each["seq"] for each in first["changes"]] == [1, 2]
    assert (first["cursor"], first["more"]) == (2, True)
    second = site.api("/changes?limit=2&after=2")
    assert ([each["seq"] for each in second["changes"]], second["cursor"], second["more"]) == ([3], 3, False)
    assert faults(second["changes"][0], "change") == []


def test_the_link_leads_to_the_page_behind_with_the_same_filter(desk: Desk, site: Site) -> None:
    publish(desk, "d", "e", "f")
    answer = site.ask("/api/v1/changes?limit=2&source=one&kind=published&kind=edited")
    link = answer.headers["link"]
    assert link == '</api/v1/changes?limit=2&source=one&kind=published&kind=edited&after=2>; rel="next"'
    assert [each["seq"] for each in site.ask(link[1 : link.index(">")]).json["changes"]] == [3]


def test_a_filter_that_lets_nothing_through_moves_the_cursor_on(desk: Desk, site: Site) -> None:
    publish(desk, "d")
    assert site.api("/changes?kind=withdrawn") == {"schema": 1, "changes": [], "cursor": 1, "more": False}


def test_what_a_filter_seldom_lets_through_is_looked_for_a_stretch_at_a_time(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidings.api.changes.WINDOW", 2)
    publish(desk, "d", "e", "f")
    edited = desk.look("f", body="Quite other words stand here, and many more of them than before.")
    desk.later(hours=1)
    desk.run(*(entry(name, hour=1) for name in "def"), looks=[edited])
    [last] = [each["seq"] for each in site.api("/changes")["changes"] if each["kind"] == "edited"]
    found, after, answers = [], 0, 0
    while True:
        answer = site.api(f"/changes?kind=edited&wait=30&after={after}")  # it does not wait for what is there
        found += [each["seq"] for each in answer["changes"]]
        after, answers = answer["cursor"], answers + 1
        if not answer["more"]:
            break
    assert (found, after, answers) == ([last], last, 2)


@pytest.mark.parametrize(("asked", "told"), [("language=en", 1), ("language=fr", 0), ("language=e", 0)])
def test_changes_are_filtered_by_language(
    desk: Desk, site: Site, asked: str, told: int, engine: Engine
) -> None:
    publish(desk, "d")
    with writing(engine) as connection:
        connection.execute(update(tables.Change).values(language="en-GB"))
    assert len(site.api(f"/changes?{asked}")["changes"]) == told


def test_what_has_no_language_is_told_in_every_language(desk: Desk, site: Site, engine: Engine) -> None:
    publish(desk, "d")
    with writing(engine) as connection:
        connection.execute(update(tables.Change).values(language=""))
    assert len(site.api("/changes?language=fr")["changes"]) == 1


def test_a_cursor_behind_the_end_of_the_log_is_a_problem_of_its_own(desk: Desk, site: Site) -> None:
    publish(desk, "d")
    answer = site.ask("/api/v1/changes?after=2")
    assert (answer.status, answer.problem, answer.json["newest"]) == (409, "cursor-ahead", 1)


@pytest.mark.parametrize("asked", ["after=0", "after=1&wait=5"])
def test_a_cursor_that_the_log_does_not_reach_back_to_is_gone(
    desk: Desk, site: Site, engine: Engine, asked: str
) -> None:
    publish(desk, "d", "e", "f")
    with writing(engine) as connection:
        connection.execute(delete(tables.Change).where(tables.Change.seq < 3))
    answer = site.ask(f"/api/v1/changes?{asked}")
    assert (answer.status, answer.problem, answer.json["oldest"]) == (410, "cursor-gone", 3)
    assert [each["seq"] for each in site.api("/changes")["changes"]] == [3]
    assert [each["seq"] for each in site.api("/changes?after=2")["changes"]] == [3]


def test_an_unknown_source_in_the_filter_is_no_silence(desk: Desk, site: Site) -> None:
    answer = site.ask("/api/v1/changes?source=won")
    assert (answer.status, answer.problem) == (404, "not-found")
    assert "did you mean one?" in answer.json["detail"]


def test_a_waiting_reader_is_answered_as_soon_as_something_is_committed(desk: Desk, site: Site) -> None:
    came: dict[str, Any] = {}

    def wait() -> None:
        began = time.monotonic()
        came.update(site.api("/changes?after=0&wait=30"))
        came["seconds"] = time.monotonic() - began

    reader = threading.Thread(target=wait)
    reader.start()
    publish(desk, "d")
    reader.join(20)
    assert [each["seq"] for each in came["changes"]] == [1]
    assert came["seconds"] < 15


def test_a_wait_ends_with_an_empty_answer(desk: Desk, site: Site) -> None:
    began = time.monotonic()
    assert site.api("/changes?after=0&wait=0.3")["changes"] == []
    assert time.monotonic() - began >= 0.3


def test_those_who_wait_hold_neither_threads_nor_connections_and_are_let_go_when_they_leave(
    desk: Desk, site: Site, engine: Engine
) -> None:
    waiting = [HTTPConnection("127.0.0.1", site.port, timeout=60) for _ in range(60)]
    for each in waiting:
        each.request("GET", "/api/v1/changes?after=0&wait=50")
    until(lambda: site.served.watch.waiting == 60)
    looks: list[float] = []
    real = site.served.watch._newest

    def look() -> int:
        looks.append(time.monotonic())
        return real()

    site.served.watch._newest = look
    began = time.monotonic()
    assert site.api("/articles")["articles"]  # more wait than there are threads or connections
    assert engine.pool.checkedout() <= 1  # type: ignore[attr-defined]
    until(lambda: len(looks) >= 3)
    assert len(looks) <= (time.monotonic() - began) / 0.5 + 2  # one look for all
    for each in waiting[:30]:
        each.close()
    until(lambda: site.served.watch.waiting == 30)
    publish(desk, "d")
    for each in waiting[30:]:
        assert [change["seq"] for change in json.loads(each.getresponse().read())["changes"]] == [1]
        each.close()
    assert site.served.watch.waiting == 0


def until(true: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)

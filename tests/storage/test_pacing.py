"""Adaptive schedules in the database: a source's pace, the shared price, and a host's requests of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from news.errors import ConfigError
from news.pace import Pace, Terms
from news.price import Budget
from news.run import Problem, Reading, Trouble, Verdict, Wait
from news.source import Source, Wrapper
from storage import tables
from storage.adaptive import check_source_schedule, terms_of
from storage.approving import approve
from storage.due import USED_UP
from storage.engine import reading, writing
from storage.pacing import pace_in
from storage.pacing_table import Pacing
from storage.source_status import list_sources
from storage.sources import load_source, save_sources
from tests.storage.desk import HOST, START, Desk, entry

BASE = (entry("c", hour=-3), entry("b", hour=-4), entry("a", hour=-5))
HOUR = timedelta(hours=1)


def source(name: str = "one", *, schedule: str = "adaptive", **more: Any) -> Source:
    return Source(
        name=name,
        url=f"https://{HOST}/{name}",
        wrapper=Wrapper(item=("li",), link=("a",)),
        schedule=schedule,
        **more,
    )


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A source with an adaptive schedule, an hour after its baseline."""
    made = Desk(engine, source())
    made.run(*BASE)
    made.later(hours=1)
    return made


def unchanged(desk: Desk, name: str = "one", **more: Any) -> Reading:
    fields = {"not_modified": True, "not_modified_count": 1, "pages": 0, "joined": False, "ended": False}
    return desk.saw(source=name, **(fields | more))


def pace(desk: Desk, name: str = "one") -> Pace:
    return pace_in(desk.row(name).pace)


def price(desk: Desk) -> Any:
    with reading(desk.engine) as connection:
        return connection.execute(select(Pacing.__table__)).one()


def host(desk: Desk) -> Any:
    with reading(desk.engine) as connection:
        return connection.execute(select(tables.Host.__table__)).one()


# --------------------------------------------------------------------------------------------- the schedule's words


@pytest.mark.parametrize(
    ("schedule", "terms"),
    [
        ("adaptive", Terms()),
        (" Adaptive ", Terms()),
        ("adaptive 10m-6h", Terms(min_seconds=600, max_seconds=21_600)),
        ("adaptive x2.5", Terms(weight=2.5)),
        ("adaptive 1m-31d x0.5", Terms(weight=0.5, min_seconds=60, max_seconds=31 * 86_400)),
        ("30m", None),
        ("0 6 * * mon-fri", None),
    ],
)
def test_what_an_adaptive_schedule_says(schedule: str, terms: Terms | None) -> None:
    assert terms_of(schedule) == terms
    check_source_schedule(schedule, "Africa/Tunis")


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        ("adaptively", "write 'adaptive'"),
        ("adaptive 10m", "write 'adaptive'"),
        ("adaptive 6h-10m", "the shorter wait comes first"),
        ("adaptive 1s-1h", "between 60s and 31d"),
        ("adaptive x0", "a weight is between"),
        ("sometimes", "write an interval"),
    ],
)
def test_what_cannot_be_followed_is_refused(schedule: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        check_source_schedule(schedule, "UTC")


def test_a_new_source_without_a_schedule_learns_and_one_that_exists_keeps_its_own(engine: Engine) -> None:
    unsaid = source(schedule="")
    assert save_sources(engine, [unsaid], origin="file", now=START) == ["one"]
    assert load_source(engine, "one").schedule == "adaptive"
    save_sources(engine, [replace(unsaid, schedule="2h")], origin="file", now=START)
    assert save_sources(engine, [unsaid], origin="file", now=START) == []
    assert load_source(engine, "one").schedule == "2h"
    save_sources(engine, [replace(unsaid, title="Other")], origin="file", now=START)
    assert (load_source(engine, "one").schedule, load_source(engine, "one").title) == ("2h", "Other")


# --------------------------------------------------------------------------------------------- the pace


def test_a_baseline_is_no_news_whatever_of_it_is_told(engine: Engine) -> None:
    desk = Desk(engine, source())
    [settled] = desk.settle(desk.saw(*BASE, announce_latest=2))
    assert len(settled.changes) == 2
    assert pace(desk) == Pace(until=START)


def test_what_is_new_is_counted_at_its_own_hour(desk: Desk) -> None:
    desk.run(entry("d", hour=1), *BASE)
    found = pace(desk)
    assert found.until == desk.now
    assert found.news == pytest.approx(1, abs=0.01)
    assert found.days == pytest.approx(1 / 24, rel=0.01)
    assert found.hours.index(max(found.hours)) == (START + HOUR).hour


def test_what_came_back_or_was_edited_is_no_news(desk: Desk) -> None:
    before = pace(desk)
    desk.run(*reversed(BASE))
    desk.later(hours=2)
    desk.run(entry("c", hour=-3, title="Another title"), *BASE[1:])
    assert pace(desk) == before


def test_an_unchanged_read_writes_no_pace_and_yet_counts_as_time(desk: Desk) -> None:
    desk.run(entry("d", hour=1), *BASE)
    before, rates = pace(desk), []
    for _ in range(4):
        desk.later(days=7)
        desk.settle(unchanged(desk))
        rates.append(float(desk.row().due_reason.split()[3]))
    assert pace(desk) == before
    assert rates[0] > 2 * rates[-1]


def test_what_a_person_approves_is_counted(desk: Desk) -> None:
    assert desk.run(entry("x", hour=1)).verdict is Verdict.SUSPECT
    assert pace(desk).news == 0
    assert len(approve(desk.engine, "one", now=desk.now)) == 1
    assert pace(desk).news == pytest.approx(1, abs=0.01)


def test_a_source_that_becomes_adaptive_learns_from_the_log(engine: Engine) -> None:
    desk = Desk(engine, source(schedule="30m"))
    desk.run(*BASE)
    known = list(BASE)
    for number in range(20):
        desk.later(hours=12)
        known.insert(0, replace(entry(f"n{number}"), published=None))
        desk.run(*known)
    assert desk.row().pace is None
    save_sources(engine, [source()], origin="file", now=desk.now)
    desk.later(hours=1)
    desk.run(*known)
    found = pace(desk)
    assert found.news / found.days == pytest.approx(2, rel=0.15)
    save_sources(engine, [source(schedule="30m")], origin="file", now=desk.now)
    desk.later(hours=1)
    desk.run(*known)
    assert desk.row().pace is None, "what is not kept up is not kept"


# --------------------------------------------------------------------------------------------- when it is due


def test_a_source_is_due_by_its_pace_and_says_why(desk: Desk) -> None:
    desk.settle(unchanged(desk))
    wait = (desk.row().next_due_at - desk.now) / timedelta(minutes=1)
    assert 28 <= wait <= 32
    [status] = list_sources(desk.engine)
    assert status.due_reason.startswith("it brings about 0.96 new a day, as many on working days at ") or (
        status.due_reason.startswith("it brings about 0.96 new a day, as many at weekends at ")
    )


def test_more_news_bring_it_forward(desk: Desk) -> None:
    known = list(BASE)
    for number in range(30):
        known.insert(0, entry(f"n{number}", hour=number))
        desk.run(*known[:20])
        desk.later(hours=1)
    assert desk.row().next_due_at - (desk.now - HOUR) < timedelta(minutes=12)
    assert "new a day" in desk.row().due_reason


@pytest.mark.parametrize(
    ("case", "more", "minutes", "reason"),
    [
        ("a server's wait", {"wait": timedelta(hours=3)}, 180, "the server asks"),
        ("a shorter wait", {"wait": timedelta(minutes=1)}, None, "new a day"),
        ("a host's Retry-After", {"not_before": timedelta(hours=5)}, 300, ""),
    ],
)
def test_never_earlier_than_a_server_asks(
    desk: Desk, case: str, more: dict[str, timedelta], minutes: int | None, reason: str
) -> None:
    seen = unchanged(desk)
    if "wait" in more:
        seen = replace(seen, wait=Wait(until=desk.now + more["wait"], reason="the server asks"))
    if "not_before" in more:
        seen = replace(seen, host=replace(seen.host, not_before=desk.now + more["not_before"]))
    desk.settle(seen)
    row = desk.row()
    if minutes is not None:
        assert row.next_due_at - desk.now == timedelta(minutes=minutes), case
    assert reason in row.due_reason
    assert bool(row.due_reason) == bool(reason)


def test_failures_back_off_as_before(desk: Desk) -> None:
    waits = []
    for _ in range(7):
        problem = Problem(trouble=Trouble.NETWORK, detail="no answer", fatal=True)
        desk.settle(desk.saw(looks=(), problems=(problem,), joined=False, pages=0))
        waits.append(round((desk.row().next_due_at - desk.now) / timedelta(minutes=1)))
        desk.now = desk.row().next_due_at
    assert waits[2:] == [120, 240, 480, 960, 1_440]
    assert desk.row().due_reason == ""


# --------------------------------------------------------------------------------------------- the budget


def test_the_price_moves_with_what_was_used_and_every_run_is_counted(desk: Desk) -> None:
    first = price(desk)
    assert (first.price, first.used) == (pytest.approx(1 / 48), 1)
    for _ in range(3):
        desk.settle(unchanged(desk))
        desk.later(minutes=30)
    assert price(desk).used == 4
    desk.now = (START + timedelta(days=1)).replace(hour=6)
    desk.settle(unchanged(desk))
    second = price(desk)
    assert second.used == 1
    assert second.price < first.price, "much less was used than there was"
    assert second.since == desk.now


def test_a_budget_of_less_makes_each_question_dearer(engine: Engine) -> None:
    desk = Desk(engine, source())
    desk.settle(desk.saw(*BASE), budget=Budget(reads_per_day=4))
    wait = (desk.row().next_due_at - desk.now) / HOUR
    assert 5.6 <= wait <= 6.4


def test_other_schedules_neither_use_the_budget_nor_obey_it(engine: Engine) -> None:
    desk = Desk(engine, source(schedule="1h"))
    desk.settle(desk.saw(*BASE, requests=50), budget=Budget(host_requests=10))
    with reading(engine) as connection:
        assert connection.execute(select(Pacing.__table__)).one_or_none() is None
    assert desk.row().next_due_at - desk.now < timedelta(minutes=65)
    assert (host(desk).requests_on, host(desk).requests_of_day) == (START.date().isoformat(), 50)


def test_a_host_that_had_its_requests_is_left_alone_until_midnight(desk: Desk) -> None:
    desk.settle(unchanged(desk, requests=40), budget=Budget(host_requests=20))
    row = desk.row()
    midnight = datetime.combine(desk.now.date() + timedelta(days=1), datetime.min.time(), desk.now.tzinfo)
    assert (row.next_due_at, row.due_reason) == (midnight, USED_UP)
    desk.now = midnight
    desk.settle(unchanged(desk), budget=Budget(host_requests=20))
    assert (host(desk).requests_on, host(desk).requests_of_day) == (midnight.date().isoformat(), 1)
    assert desk.row().next_due_at - desk.now < timedelta(hours=1.3)


def test_requests_of_sources_on_one_host_that_are_settled_together_add_up(engine: Engine) -> None:
    desk = Desk(engine, source("one"), source("two"))
    readings = []
    for name in ("one", "two"):
        plan = desk.plan(name)
        readings.append(desk.saw(*BASE, plan=plan, source=name, requests=3))
        with writing(engine) as connection:
            connection.execute(update(tables.Host).values(lease_until=None))
    lease = readings[1].lease
    desk.settle(replace(readings[0], lease=lease), readings[1])
    assert host(desk).requests_of_day == 6
    assert price(desk).used == 2


def test_a_run_whose_lease_has_passed_counts_nothing(desk: Desk) -> None:
    seen = unchanged(desk, requests=9)
    with writing(desk.engine) as connection:
        connection.execute(update(tables.Host).values(lease_token=tables.Host.lease_token + 1))
    before = (price(desk).used, host(desk).requests_of_day)
    desk.settle(seen)
    assert (price(desk).used, host(desk).requests_of_day) == before

"""Ticks, due sources, workers and outages: the scheduler in this process, crawls in real ones of their own."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, event, func, select, text

from scheduler.children import Target
from scheduler.dispatching import LocalDispatcher, Progress
from scheduler.service import Scheduler
from storage.engine import reading
from storage.heartbeat import SCHEDULER, last_beat
from storage.leases import DIED
from storage.schedule import next_due
from storage.tables import Run
from tests.crawler.site import Answer
from tests.scheduler import misbehaving
from tests.scheduler.test_children import crawl_processes
from tests.scheduler.world import World, eventually


@contextmanager
def stopped_afterwards(
    world: World, *, start: bool = False, target: Target | None = None, **settings: object
) -> Generator[Scheduler]:
    scheduler = Scheduler(world.engine, world.settings(**settings), world.report, target=target)
    if start:
        scheduler.start()
    else:
        scheduler._ticks.start()
    try:
        yield scheduler
    finally:
        scheduler.stop()
        # At once when it was the only one; a second scheduler may be about to end its own.
        eventually(lambda: not world.leased(), "no host is held")
        eventually(lambda: not crawl_processes(), "no process is left")


def reports_of(world: World, count: int) -> Callable[[], bool]:
    return lambda: len(world.reports) >= count


def test_a_tick_crawls_what_is_due_and_the_next_one_leaves_it_alone(world: World) -> None:
    world.declare("a", "b", "later")
    world.make_due("later", since=timedelta(hours=-1))
    with stopped_afterwards(world) as scheduler:
        scheduler.dispatch_due()
        eventually(reports_of(world, 2), "both are crawled")
        eventually(lambda: not world.leased(), "the hosts are given free")
        scheduler.dispatch_due()
        assert world.leased() == []
    assert world.verdicts() == {"a": "ok", "b": "ok", "later": ""}
    assert len(world.sites["a"].asked("/a/")) == 1


def test_a_long_pause_is_caught_up_once(world: World) -> None:
    world.declare("a")
    world.make_due(since=timedelta(days=400))
    with stopped_afterwards(world, start=True):
        eventually(reports_of(world, 1), "it is crawled")
        beat = last_beat(world.engine, SCHEDULER)
        assert beat is not None
        eventually(lambda: ticked_since(world, beat.beat_at, 3), "some more ticks pass")
    assert len(world.reports) == 1
    assert world.status("a").runs == 1
    assert world.status("a").next_due_at > world.now()


def ticked_since(world: World, moment: datetime, ticks: int) -> bool:
    beat = last_beat(world.engine, SCHEDULER)
    assert beat is not None
    return beat.beat_at > moment + timedelta(seconds=0.1 * ticks)


@pytest.mark.parametrize(
    ("schedule", "zone"),
    [("90s", "UTC"), ("0 6 * * mon-fri", "Africa/Casablanca"), ("*/20 * * * *", "Asia/Tokyo")],
)
def test_the_next_time_follows_the_schedule_in_the_source_s_own_time_zone(
    sqlite_world: World, schedule: str, zone: str
) -> None:
    world = sqlite_world
    world.declare("a", schedule=schedule, time_zone=zone)
    with stopped_afterwards(world) as scheduler:
        scheduler.dispatch_due()
        eventually(reports_of(world, 1), "it is crawled")
    last = world.status("a").last_run_at
    assert last is not None
    assert world.status("a").next_due_at == next_due(schedule, zone, after=last, name="a")


def test_there_are_never_more_crawl_processes_than_workers(world: World) -> None:
    world.declare("a", "b", "c", "d", "e")
    with stopped_afterwards(
        world, workers=2, batch_hosts=1, target=misbehaving.waits_to_be_asked
    ) as scheduler:
        for _ in range(4):
            scheduler.dispatch_due()
            assert len(world.leased()) == 2
        eventually(lambda: len(crawl_processes()) == 2, "both workers are busy")
        scheduler.dispatch_due()
        assert len(crawl_processes()) == 2
    assert set(world.verdicts().values()) == {""}  # nobody's fault: all of them are still due


def test_batches_that_straggle_delay_nobody_until_there_are_twice_as_many(world: World) -> None:
    world.declare("a", "b", "c")
    now = [0.0]
    dispatcher = LocalDispatcher(
        world.engine,
        world.settings(workers=1, batch_hosts=1),
        world.report,
        owner="test",
        target=misbehaving.waits_to_be_asked,
        clock=lambda: now[0],
    )
    try:
        leased = []
        for at in (0.0, 59.0, 60.0, 120.0):
            now[0] = at
            dispatcher.dispatch_due()
            leased.append(len(world.leased()))
        assert leased == [1, 1, 2, 2]
    finally:
        dispatcher.stop()
    assert world.leased() == []


def test_a_batch_straggles_when_few_are_left() -> None:
    progress = Progress(20, clock=lambda: 0.0)
    told = []
    for _ in range(20):
        told.append(progress.straggles)
        progress.settled()
    assert told == [False] * 18 + [True] * 2
    assert not Progress(1, clock=lambda: 0.0).straggles


def test_a_source_that_spins_leaves_the_other_batches_alone(world: World) -> None:
    world.declare("spins", "a", "b")
    settings = {"workers": 2, "batch_hosts": 1, "wall_seconds": 5.0}
    with stopped_afterwards(world, start=True, target=misbehaving.misbehave_by_name, **settings):
        eventually(reports_of(world, 3), "all of them are told of", seconds=60)
    assert world.verdicts() == {"spins": "failed", "a": "ok", "b": "ok"}
    assert world.status("spins").reason == f"{DIED}: killed at its limit of 5 seconds"


def test_a_source_that_keeps_killing_its_process_backs_off(sqlite_world: World) -> None:
    world = sqlite_world
    world.declare("exits")
    waits = []
    with stopped_afterwards(world, target=misbehaving.misbehave_by_name) as scheduler:
        for count in range(1, 4):
            world.make_due()
            scheduler.dispatch_due()
            eventually(reports_of(world, count), "it is told of")
            eventually(lambda: not world.leased(), "the host is given free")
            status = world.status("exits")
            assert status.last_run_at is not None
            waits.append(round((status.next_due_at - status.last_run_at).total_seconds()))
    assert waits == [1800, 3600, 7200]


def test_stopping_interrupts_crawls_and_the_next_start_goes_on(world: World) -> None:
    world.declare("slow", "well")
    world.sites["slow"].script("/slow/", Answer(body="x", delay_seconds=60))
    began = time.monotonic()
    with stopped_afterwards(world, start=True, batch_hosts=1):
        eventually(lambda: world.reported().get("well"), "the other source is settled")
        eventually(lambda: world.sites["slow"].asked("/slow/"), "the slow one is asked")
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert world.status("slow").verdict == ""
    world.sites["slow"].page("/slow/", "")
    world.declare("slow2")
    with stopped_afterwards(world, start=True):
        eventually(lambda: {"slow", "slow2"} <= set(world.reported()), "what was due is crawled")
    assert world.status("well").runs == 1


def test_the_heartbeat_tells_who_runs_and_since_when(world: World) -> None:
    with stopped_afterwards(world, start=True):
        first = last_beat(world.engine, SCHEDULER)
        assert first is not None
        assert first.owner.startswith("tidings run on ")
        assert first.started_at <= first.beat_at
        eventually(lambda: ticked_since(world, first.beat_at, 2), "it beats on")
        later = last_beat(world.engine, SCHEDULER)
        assert later is not None
        assert (later.owner, later.started_at) == (first.owner, first.started_at)


@contextmanager
def outage(world: World) -> Generator[None]:
    """Take the database away for a while: no new connections and none left, or an exclusive lock on the file."""
    if world.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(world.engine.url.database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    name = world.engine.url.database
    admin = create_engine(world.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(text(ended), {"name": name})
            yield
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    finally:
        admin.dispose()


def test_a_database_that_goes_away_for_a_while_does_not_end_the_scheduler(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    if world.engine.dialect.name == "sqlite":
        event.listen(
            world.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 50")
        )
    world.declare("a")
    world.engine.dispose()
    with stopped_afterwards(world, start=True):
        eventually(reports_of(world, 1), "it is crawled")
        eventually(lambda: not world.leased(), "the host is given free")
        with outage(world):
            eventually(lambda: failed_ticks(caplog) >= 3, "ticks fail")
        world.make_due()
        eventually(reports_of(world, 2), "it is crawled again")
    assert world.verdicts() == {"a": "not_modified"}
    assert any("trying again at the next one" in record.getMessage() for record in caplog.records)


def failed_ticks(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.getMessage().startswith("tick ") for record in caplog.records)


def test_two_schedulers_share_the_work_and_no_run_is_made_twice(world: World) -> None:
    names = [f"s{number}" for number in range(6)]
    world.declare(*names)
    with (
        stopped_afterwards(world, start=True, workers=1, batch_hosts=2),
        stopped_afterwards(world, start=True, workers=1, batch_hosts=2),
    ):
        eventually(reports_of(world, 6), "all are crawled", seconds=60)
    with reading(world.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Run)).scalar_one() == 6
    assert [len(world.sites[name].asked(f"/{name}/")) for name in names] == [1] * 6
    assert sorted(settled.source for settled in world.reports) == names

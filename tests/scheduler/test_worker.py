"""A worker: what becomes of jobs, also when it stops, dies or loses the database. Crawls run in real processes."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from scheduler import gathering
from scheduler.children import Target, crawl_context, without_main
from scheduler.jobs import enqueue_due, make_queue
from scheduler.worker import Worker
from storage.engine import reading, writing
from storage.leases import DIED, lease_due_hosts
from tests.crawler.site import Answer
from tests.faults.disks import administering
from tests.scheduler import misbehaving
from tests.scheduler.test_children import crawl_processes
from tests.scheduler.world import World, a_world, eventually

STALLED = 2.0
LATER = timedelta(hours=1)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Start the server that crawl processes are forked from, so that no test waits for it."""
    first = crawl_context().Process(target=os.getpid)  # type: ignore[attr-defined]
    with without_main():
        first.start()
    first.join()


@pytest.fixture
def world(postgres_url: str) -> Iterator[World]:
    with a_world(postgres_url) as made:
        make_queue(made.engine)
        yield made


@contextmanager
def working(world: World, *, target: Target | None = None, **settings: object) -> Generator[None]:
    """Let a worker take jobs meanwhile, in a thread; afterwards it leaves no process, no lease and no running job."""
    wanted = {"dispatcher": "cluster", "tick_seconds": 0.2, "stalled_seconds": STALLED, **settings}
    worker = Worker(world.engine, world.settings(**wanted), world.report, target=target)
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await worker.run()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield
    finally:
        soon(lambda: loops, "the worker has begun")
        loops[0].call_soon_threadsafe(worker.ask_to_stop)
        thread.join(60)
        assert not thread.is_alive()
        soon(lambda: not crawl_processes(), "no process is left")
    assert "doing" not in jobs(world).values()


def soon(true: Callable[[], object], what: str) -> None:
    eventually(true, what, seconds=90)


def enqueue(world: World) -> None:
    enqueue_due(world.engine, stalled_seconds=STALLED)


def jobs(world: World) -> dict[str, str]:
    with reading(world.engine) as connection:
        rows = connection.execute(text("SELECT lock, status::text FROM procrastinate_jobs")).all()
    return {row.lock: row.status for row in rows}


def run_sql(world: World, statement: str) -> None:
    with writing(world.engine) as connection:
        connection.execute(text(statement))


def askers(world: World) -> int:
    return sum(len(world.sites[name].asked(f"/{name}/")) for name in world.sites)


def test_what_is_queued_is_crawled_once_and_leaves_no_job_and_no_lease(world: World) -> None:
    world.declare("a", "b", "c")
    with working(world):
        enqueue(world)
        soon(lambda: len(world.reports) == 3, "all are crawled")
        soon(lambda: not jobs(world), "the jobs have ended")
    assert set(world.verdicts().values()) == {"ok"}
    assert world.leased() == []
    assert askers(world) == 3


def test_hosts_that_are_queued_together_share_a_crawl_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "GATHER_SECONDS", 2.0)  # so that they are, however slow this machine is
    world.declare("a", "b", "c", "d")
    enqueue(world)
    with working(world, target=misbehaving.waits_to_be_asked):
        soon(lambda: len(world.leased()) == 4, "all are leased")
        soon(crawl_processes, "they are crawled")
        assert len(crawl_processes()) == 1
    assert set(jobs(world).values()) == {"todo"}  # cut short: for another worker


def test_hosts_that_find_no_room_wait_for_the_next_crawl_process(world: World) -> None:
    world.declare("a", "b", "c")
    enqueue(world)
    with working(world, workers=1, batch_hosts=1):
        soon(lambda: len(world.reports) == 3, "all are crawled, each by the job that it had")
    assert askers(world) == 3


def test_the_lease_is_taken_when_the_job_starts(world: World) -> None:
    world.declare("a")
    enqueue(world)
    assert world.leased() == []
    world.sites["a"].script("/a/", Answer(body="x", delay_seconds=60))
    with working(world):
        soon(lambda: world.sites["a"].asked("/a/"), "it is asked")
        lease = world.status("a")
        assert str(lease.lease_owner).startswith("tidings worker on ")
        assert jobs(world) == {lease.host: "doing"}


def test_a_host_that_somebody_else_holds_is_not_asked_and_its_job_ends(world: World) -> None:
    world.declare("a")
    enqueue(world)
    assert lease_due_hosts(world.engine, owner="somebody", limit=1, seconds=60)
    with working(world):
        soon(lambda: not jobs(world), "there is nothing to do")
    assert askers(world) == 0
    assert world.status("a").lease_owner == "somebody"


def test_a_host_that_was_crawled_meanwhile_is_not_asked_again(world: World) -> None:
    world.declare("a")
    enqueue(world)
    world.make_due("a", since=-LATER)
    with working(world):
        soon(lambda: not jobs(world), "there is nothing to do")
    assert askers(world) == 0


def test_the_job_of_a_dead_worker_is_put_back_and_done(world: World) -> None:
    world.declare("a")
    enqueue(world)
    dead = "SELECT procrastinate_register_worker_v1()"
    run_sql(world, dead)
    run_sql(world, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    run_sql(
        world,
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)",
    )
    with working(world):
        soon(lambda: world.reports, "it is crawled")
        soon(lambda: not jobs(world), "the job has ended")
    assert askers(world) == 1


def test_a_job_that_ended_while_the_queue_could_not_be_told_does_not_block_its_host(world: World) -> None:
    """Procrastinate writes a job's end once; if that fails, the job would run for ever for a worker that lives."""
    world.declare("a")
    with working(world):
        enqueue(world)
        soon(lambda: world.reports and not jobs(world), "it is crawled")
        world.make_due()
        with reading(world.engine) as connection:
            worker = connection.execute(text("SELECT max(id) FROM procrastinate_workers")).scalar_one()
        run_sql(
            world,
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id) "
            "SELECT 'tidings', 'tidings.crawl_host', name, name, json_build_object('host', name)::jsonb, 'doing', "
            f"{worker} FROM hosts",
        )
        enqueue(world)  # adds none
        soon(lambda: len(world.reports) == 2, "it is crawled again")
        soon(lambda: not jobs(world), "the job has ended")


def test_a_host_is_done_before_the_slow_ones_of_its_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        gathering, "GATHER_SECONDS", 2.0
    )  # so that they are in one, however slow this machine is
    world.declare("slow", "quick")
    world.sites["slow"].script("/slow/", Answer(body="x", delay_seconds=60))
    enqueue(world)
    with working(world, workers=1):
        soon(lambda: world.reported().get("quick"), "the quick one is settled")
        soon(lambda: len(jobs(world)) == 1, "its job has ended")
        assert set(jobs(world)) == {world.status("slow").host}


def test_stopping_settles_what_is_finished_and_gives_the_rest_back_within_ten_seconds(world: World) -> None:
    world.declare("slow", "well")
    world.sites["slow"].script("/slow/", Answer(body="x", delay_seconds=60))
    enqueue(world)
    began = time.monotonic()
    with working(world):
        soon(lambda: world.reported().get("well"), "the other one is settled")
        soon(lambda: world.sites["slow"].asked("/slow/"), "the slow one is asked")
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert world.leased() == []
    assert jobs(world) == {world.status("slow").host: "todo"}
    world.sites["slow"].page("/slow/", "")
    with working(world):
        soon(lambda: "slow" in world.reported(), "another worker takes it")
    assert world.status("well").runs == 1


def test_a_crawl_that_kills_its_process_backs_off_and_ends_its_job(world: World) -> None:
    world.declare("exits")
    with working(world, target=misbehaving.misbehave_by_name):
        enqueue(world)
        soon(lambda: world.reports, "it is told of")
        soon(lambda: not jobs(world), "the job has ended")
    assert world.status("exits").reason.startswith(DIED)
    assert world.leased() == []


def test_a_worker_that_loses_the_database_goes_on_when_it_is_back(world: World) -> None:
    world.declare("a", "b")
    world.make_due("b", since=-LATER)
    with working(world):
        enqueue(world)
        soon(lambda: world.reports and not jobs(world), "the first one is crawled")
        with administering(world.engine) as run:
            run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name = 'tidings queue'"
            )
        world.make_due("b")
        enqueue(world)
        soon(lambda: len(world.reports) == 2, "the other one is crawled")
    assert askers(world) == 2

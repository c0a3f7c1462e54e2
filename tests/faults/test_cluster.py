"""Two schedulers and two workers on one PostgreSQL database, one of each killed in mid-crawl, at the same moment.

Everything is real but the passing of time: the database's clock is set forward from round to round, so that all is due.
The queue keeps its own time, by which a worker is taken for dead after three seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.jobs import make_queue
from storage.engine import reading
from tests.faults.clocks import setting_clock
from tests.faults.knowledge import knowledge
from tests.faults.schedulers import RealScheduler, real_schedulers
from tests.faults.test_two_schedulers import (
    LONG,
    NAMES,
    ROUND,
    SLOW,
    Rounds,
    in_mid_crawl,
    in_peace,
    no_run_was_made_twice,
)
from tests.scheduler.world import World, a_world, eventually

CLUSTER = {"dispatcher": "cluster", "stalled_seconds": 3, "tick_seconds": 0.5}
WORKERS = ("amal", "badr")


@pytest.fixture
def world(postgres_url: str) -> Iterator[World]:
    with a_world(postgres_url) as made:
        make_queue(made.engine)
        yield made


@pytest.mark.timeout(400)
def test_two_schedulers_and_two_workers_lose_nothing_and_repeat_nothing_when_one_of_each_is_killed(
    world: World, tmp_path: Path
) -> None:
    world.declare(*NAMES)
    with (
        setting_clock(world.engine) as clock,
        real_schedulers(world.url, tmp_path, "first", "second", **CLUSTER) as schedulers,
        real_schedulers(world.url, tmp_path, *WORKERS, command="worker", **CLUSTER) as workers,
    ):
        rounds = Rounds(world, clock, workers)
        eventually(lambda: set(world.verdicts().values()) == {"ok"}, "all baselines are taken", seconds=LONG)
        rounds.end()
        in_peace(rounds)
        with_one_of_each_killed_in_mid_crawl(rounds, schedulers)
        in_peace(rounds)
        eventually(lambda: not jobs(world), "no job is left over", seconds=LONG)
    [left] = workers.values()
    assert left.log.rstrip().endswith("stopped"), "it did not end in good order"
    knowledge(world.engine)
    assert rounds.told() == rounds.expected()
    no_run_was_made_twice(world)


def with_one_of_each_killed_in_mid_crawl(rounds: Rounds, schedulers: dict[str, RealScheduler]) -> None:
    """The dead worker's job is put back, but its host is left alone until the lease has ended."""
    with in_mid_crawl(rounds) as page:
        killed = rounds.schedulers.pop(page.askers[0])
        [slow] = [name for name in jobs(rounds.world) if rounds.world.status(SLOW).host == name]
        killed.kill()
        schedulers.pop("first").kill()
        [other] = rounds.schedulers
        rounds.wait_for_all_but(killed)
        eventually(lambda: slow not in jobs(rounds.world), "the job was put back, and done", seconds=LONG)
        assert page.askers == [killed.name]
        assert slow in rounds.holders()
        assert all(map(killed.is_called, rounds.holders().values()))
        rounds.clock.step(ROUND)  # past the lease of the dead
        rounds.end()
    assert page.askers == [killed.name, other]
    # A site's log knows of a request when it is answered: that of the dead belongs to this round, not to the next.
    eventually(
        lambda: killed.name in rounds.askers(SLOW), "what the dead asked for is answered", seconds=LONG
    )


def jobs(world: World) -> dict[str, str]:
    """The hosts that have a job, each with the state of it."""
    with reading(world.engine) as connection:
        found = connection.execute(text("SELECT lock, status::text FROM procrastinate_jobs")).all()
    assert len({row.lock for row in found}) == len(found), "two jobs for one host"
    return {row.lock: row.status for row in found}

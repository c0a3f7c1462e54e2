"""Promise 2, nothing lost: a full disk, a lock that nobody gives free, a server that ends the connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from news.run import Settled, Verdict
from scheduler.children import Target, crawl_in_child
from scheduler.crawling import close_dead
from storage.changes import changes_after
from storage.engine import reading, writing
from storage.sources import lock_log
from tests.crash import failing
from tests.faults import disks
from tests.faults.knowledge import knowledge
from tests.scheduler.world import World, a_world, listing

NEWS = tuple(range(40, 0, -1))


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with a_world(database_url) as made:
        yield made


@pytest.fixture
def sqlite_world(sqlite_url: str) -> Iterator[World]:
    with a_world(sqlite_url) as made:
        yield made


@pytest.fixture
def postgres_world(postgres_url: str) -> Iterator[World]:
    with a_world(postgres_url) as made:
        yield made


def crawl(world: World, *names: str, target: Target | None = None) -> list[Settled]:
    """Crawl in a child, deal with how it ended, and return all that was told."""
    world.reports.clear()
    batch = world.batch(*names)
    with somebody_writes(world) if target is failing.in_a_hurry else nobody_writes():
        ending = crawl_in_child(batch, world.report, target=target)
    close_dead(world.engine, batch, ending, report=world.report)
    assert world.leased() == []
    return world.reports


@contextmanager
def nobody_writes() -> Generator[None]:
    yield


@contextmanager
def somebody_writes(world: World) -> Generator[None]:
    """Hold what every settling has to wait for."""
    if world.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(world.engine.url.database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with writing(world.engine) as connection:
        lock_log(connection)
        yield


def log(world: World) -> list[tuple[str, str]]:
    with reading(world.engine) as connection:
        return [(change.kind.value, change.title) for change in changes_after(connection, 0)]


def fails_then_brings_everything(world: World, target: Target, reason: str) -> None:
    world.declare("a")
    assert crawl(world, "a")[0].baseline == 5
    world.sites["a"].page("/a/", listing(*NEWS, prefix="a"))
    before = knowledge(world.engine)

    [told] = crawl(world, "a", target=target)
    assert told.verdict is Verdict.FAILED
    assert "the run could not be settled" in told.reason
    assert reason in told.reason
    assert knowledge(world.engine) == before
    status = world.status("a")
    assert status.verdict == "failed"
    assert reason in status.reason
    assert (status.next_due_at - world.now()).total_seconds() <= 1800

    [told] = crawl(world, "a")
    assert told.verdict is Verdict.OK
    assert log(world) == [("published", f"Item {number} of the as") for number in range(6, 41)]
    knowledge(world.engine)


def test_promise_2_a_full_disk_fails_the_run_and_the_next_one_brings_everything(world: World) -> None:
    if world.engine.dialect.name == "postgresql":
        disks.on_full_disk(world.engine)
    fails_then_brings_everything(world, failing.disk_full, "the disk is full")


def test_promise_2_a_lock_that_lasts_fails_the_run_and_the_next_one_brings_everything(world: World) -> None:
    fails_then_brings_everything(world, failing.in_a_hurry, "locked")


def test_promise_2_a_connection_lost_while_settling_fails_the_run_and_the_next_one_brings_everything(
    world: World,
) -> None:
    reason = {"sqlite": "the disk reports an error", "postgresql": "connection"}[world.engine.dialect.name]
    fails_then_brings_everything(world, failing.connection_lost, reason)


def test_promise_2_runs_that_cannot_be_settled_together_are_settled_one_by_one(postgres_world: World) -> None:
    world = postgres_world
    world.declare("a", "b")
    crawl(world, "a", "b")
    for name in ("a", "b"):
        world.sites[name].page(f"/{name}/", listing(6, 5, 4, 3, 2, 1, prefix=name))
    told = crawl(world, "a", "b", target=failing.connection_lost)
    assert {settled.source: settled.verdict for settled in told} == {"a": Verdict.OK, "b": Verdict.OK}
    assert sorted(log(world)) == [("published", "Item 6 of the as"), ("published", "Item 6 of the bs")]


def test_a_database_that_is_not_there_fails_the_batch_with_the_reason(sqlite_world: World) -> None:
    sqlite_world.declare("a")
    missing = sqlite_world.url.replace("tidings.db", "missing.db")
    batch = replace(sqlite_world.batch("a"), database_url=missing)
    ending = crawl_in_child(batch, sqlite_world.report)
    [told] = close_dead(sqlite_world.engine, batch, ending, report=sqlite_world.report)
    assert told.verdict is Verdict.FAILED
    assert "there is no such file" in told.reason

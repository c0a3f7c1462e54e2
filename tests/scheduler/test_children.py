"""Crawl processes that go wrong take nothing else down, and nothing of theirs is lost (promise 2)."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from news.errors import TidingsError
from news.run import Settled, Verdict
from scheduler.children import Target, crawl_in_child
from scheduler.crawling import close_dead
from storage.leases import DIED, lease_due_hosts, release
from tests.crawler.site import Answer, Asked
from tests.scheduler import misbehaving
from tests.scheduler.world import World, eventually, listing


def crawl_processes() -> list[int]:
    """The children that still live, or were not waited for: all of them are the fork server's."""
    found = []
    for child in psutil.Process().children(recursive=True):
        if "forkserver" not in "".join(psutil.Process(child.ppid()).cmdline()):
            continue
        found.append(child.pid)
    return found


def crawl(
    world: World, *names: str, target: Target | None = misbehaving.misbehave_by_name, **fields: float
) -> list[Settled]:
    """Crawl the named sources in one child, and return all that was told of them."""
    batch = world.batch(*names, **fields)
    ending = crawl_in_child(batch, world.report, target=target, grace_seconds=1)
    close_dead(world.engine, batch, ending, report=world.report)
    assert world.leased() == []
    eventually(lambda: not crawl_processes(), "the crawl process has gone")
    return world.reports


def test_a_child_settles_its_sources_and_tells_of_each(world: World) -> None:
    world.declare("a", "b")
    told = crawl(world, "a", "b", target=None)
    assert {settled.source: settled.baseline for settled in told} == {"a": 5, "b": 5}
    assert world.verdicts() == {"a": "ok", "b": "ok"}


def test_a_callback_that_raises_fails_its_source_and_no_other(world: World) -> None:
    world.declare("raises", "well")
    crawl(world, "raises", "well")
    assert world.reported() == {"raises": Verdict.FAILED, "well": Verdict.OK}
    assert "the callback is broken" in world.status("raises").reason
    assert world.status("raises").next_due_at > world.now()


@pytest.mark.parametrize(
    ("name", "wall_seconds", "reason"),
    [
        ("exits", 60, "ended with exit status 9"),
        ("kills-itself", 60, "ended by SIGKILL"),
        ("spins", 3, "killed at its limit of 3 seconds"),
    ],
)
def test_a_source_that_ends_its_process_fails_alone_next_time(
    world: World, name: str, wall_seconds: float, reason: str
) -> None:
    world.declare(name, "well")
    world.sites["well"].script(
        "/well/", Answer(body="", delay_seconds=60)
    )  # so that it is not finished before
    crawl(world, name, "well", wall_seconds=wall_seconds)
    assert world.reported() == {name: Verdict.FAILED, "well": Verdict.FAILED}
    assert world.status(name).reason == f"{DIED}: {reason}"

    world.declare("healthy")
    world.make_due()
    leased = lease_due_hosts(world.engine, owner="test", limit=9, seconds=60)
    assert len(leased) == 3
    assert all(len(sources) == 1 for _, sources in leased)


def test_what_was_settled_before_its_process_was_killed_stands(sqlite_world: World) -> None:
    world = sqlite_world
    world.declare("well", "spins")
    settled = threading.Event()

    def when_the_other_is_settled(_: Asked) -> Answer:
        settled.wait(60)
        return Answer(body=listing(1))

    world.sites["spins"].respond("/spins/", when_the_other_is_settled)
    batch = world.batch("well", "spins", wall_seconds=8)

    def report(one: Settled) -> None:
        world.report(one)
        settled.set()

    ending = crawl_in_child(batch, report, target=misbehaving.misbehave_by_name, grace_seconds=1)
    close_dead(world.engine, batch, ending, report=report)
    assert world.reported() == {"well": Verdict.OK, "spins": Verdict.FAILED}
    assert world.verdicts() == {"well": "ok", "spins": "failed"}
    assert world.status("well").has_baseline


def test_of_a_host_whose_process_died_the_sources_come_one_at_a_time(sqlite_world: World) -> None:
    world = sqlite_world
    world.declare("exits", "well", together=True)
    crawl(world, "exits", "well")
    world.make_due()
    seen = set()
    for _ in range(2):
        [(lease, sources)] = lease_due_hosts(world.engine, owner="test", limit=9, seconds=60)
        assert len(sources) == 1
        [name] = [status.name for status in map(world.status, world.sites) if status.id == sources[0]]
        seen.add(name)
        release(world.engine, [lease])
        crawl(world, name)
    assert seen == {"exits", "well"}
    assert world.verdicts() == {"exits": "failed", "well": "ok"}


def test_a_server_that_never_answers_holds_up_its_own_source_alone(sqlite_world: World) -> None:
    world = sqlite_world
    world.declare("hangs", "well")
    world.sites["hangs"].script("/hangs/", Answer(body="x", delay_seconds=60))
    began = time.monotonic()
    crawl(world, "hangs", "well", wall_seconds=5)
    assert time.monotonic() - began < 5 + 1 + 3
    assert world.reported() == {"hangs": Verdict.FAILED, "well": Verdict.OK}


def test_a_component_that_cannot_be_built_fails_every_source_with_the_reason(world: World) -> None:
    world.declare("a", "b")
    told = crawl(world, "a", "b", target=misbehaving.component_cannot_be_built)
    assert world.reported() == {"a": Verdict.FAILED, "b": Verdict.FAILED}
    assert all("a component is broken" in settled.reason for settled in told)
    assert world.status("a").failing_since is not None


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (misbehaving.says_nothing, "ended with exit status 0"),
        (misbehaving.closes_its_line, "closed its line and went on; killed"),
        (misbehaving.ignores_being_asked, "killed at its limit of 1 seconds"),
    ],
)
def test_a_child_that_brings_nothing_is_reported_with_what_it_did(
    sqlite_world: World, target: Target, reason: str
) -> None:
    sqlite_world.declare("a")
    [told] = crawl(sqlite_world, "a", target=target, wall_seconds=1)
    assert told.verdict is Verdict.FAILED
    assert told.reason == f"{DIED}: {reason}"
    assert told.next_due_at is not None


def test_a_child_killed_from_outside_is_reported_and_its_source_comes_back(world: World) -> None:
    world.declare("a")
    world.sites["a"].script("/a/", Answer(body="x", delay_seconds=60))
    batch = world.batch("a")
    with ThreadPoolExecutor(1) as threads:
        crawling = threads.submit(crawl_in_child, batch, world.report)
        eventually(lambda: world.sites["a"].asked("/a/"), "the listing is asked for")
        [pid] = crawl_processes()
        os.kill(pid, signal.SIGKILL)
        ending = crawling.result(10)
    close_dead(world.engine, batch, ending, report=world.report)
    assert world.status("a").reason == f"{DIED}: ended by SIGKILL"
    world.sites["a"].page("/a/", listing(3, 2, 1))
    assert crawl(world, "a", target=None)[-1].verdict is Verdict.OK


def test_a_child_that_is_told_to_stop_ends_within_its_grace_and_its_source_stays_due(
    sqlite_world: World,
) -> None:
    world = sqlite_world
    world.declare("well", "slow")
    world.sites["slow"].script("/slow/", Answer(body="x", delay_seconds=60))
    batch, stopping = world.batch("well", "slow"), threading.Event()
    due = world.status("slow").next_due_at
    with ThreadPoolExecutor(1) as threads:
        crawling = threads.submit(crawl_in_child, batch, world.report, stopping=stopping)
        eventually(lambda: world.reports, "the other source is settled")
        stopping.set()
        began = time.monotonic()
        crawling.result(20)
    assert time.monotonic() - began < 8
    assert world.verdicts() == {"well": "ok", "slow": ""}
    assert world.status("slow").next_due_at == due


def test_a_parent_that_fails_while_it_listens_ends_its_child(sqlite_world: World) -> None:
    sqlite_world.declare("a")

    def report(_: Settled) -> None:
        raise TidingsError("nobody listens")

    with pytest.raises(TidingsError, match="nobody listens"):
        crawl_in_child(sqlite_world.batch("a"), report)
    eventually(lambda: not crawl_processes(), "the crawl process has gone")


def test_children_that_end_at_once_in_many_threads_are_all_told_apart(sqlite_world: World) -> None:
    """Starting a process looks at the ends of all others; each end must be told to the one who waits for it."""
    sqlite_world.declare("a")
    batch = sqlite_world.batch("a")
    targets: list[Callable[..., None]] = [misbehaving.exits_with_nine, misbehaving.kills_itself] * 20
    with ThreadPoolExecutor(8) as threads:
        endings = list(threads.map(lambda target: crawl_in_child(batch, silent, target=target), targets))
    reasons = [ending.reason for ending in endings]
    assert reasons == ["ended with exit status 9", "ended by SIGKILL"] * 20


def silent(_: Settled) -> None:
    pass


def test_a_child_whose_parent_was_killed_is_ended_by_the_system(sqlite_world: World) -> None:
    sqlite_world.declare("a")
    ending = crawl_in_child(
        sqlite_world.batch("a", wall_seconds=7.5), silent, target=misbehaving.tells_its_alarm
    )
    assert 0 < int(ending.reason) <= 18  # the limit, and twice the time that it may take to close


def test_a_child_without_a_parent_settles_and_ends_in_two_lines(sqlite_world: World, tmp_path: Path) -> None:
    sqlite_world.declare("a", "b")
    log = tmp_path / "log"
    batch = sqlite_world.batch("a", "b", log_level="WARNING", definitions=str(log))
    ending = crawl_in_child(batch, silent, target=misbehaving.outlives_its_parent)
    assert ending.reason == "ended well"
    assert sqlite_world.verdicts() == {"a": "ok", "b": "ok"}
    lines = log.read_text().splitlines()
    assert len(lines) == 2, lines
    assert "settled, but nobody could be told" in lines[0]
    assert "its parent is gone" in lines[1]


def test_a_child_is_warm_when_it_starts(sqlite_world: World) -> None:
    """The fork server swallows what goes wrong with its preloading; each child would then import it all by itself."""
    sqlite_world.declare("a")
    ending = crawl_in_child(sqlite_world.batch("a"), silent, target=misbehaving.tells_its_modules)
    imported = ending.reason.split()
    assert len(imported) < 25, imported
    assert not [name for name in imported if name.split(".")[0] in {"sqlalchemy", "lxml", "storage", "news"}]

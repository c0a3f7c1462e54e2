"""Leases (promise 9: one crawl per host at a time), also among processes that race, die and come back late."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from news.errors import LeaseError, SourceError
from news.source import Source, Wrapper
from storage import tables
from storage.engine import database_now, open_engine, reading, writing
from storage.leases import (
    hosts_alone,
    hosts_due,
    hosts_held,
    lease_due_hosts,
    lease_named,
    release,
    release_dead,
)
from storage.source_status import list_sources
from storage.sources import pause, save_sources
from tests.conftest import Clock

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def a_source(name: str, host: str = "") -> Source:
    url = f"https://{host or name}.example/{name}"
    return Source(name=name, url=url, wrapper=Wrapper(item=("li",), link=("a",)), schedule="15m")


def save(engine: Engine, *sources: Source, now: datetime = NOW) -> dict[str, int]:
    save_sources(engine, sources, origin="catalogue", now=now)
    return {status.name: status.id for status in list_sources(engine)}


def take(engine: Engine, now: datetime | None = NOW, *, limit: int = 10, owner: str = "me") -> Any:
    return lease_due_hosts(engine, owner=owner, limit=limit, seconds=60, now=now)


def set_host(engine: Engine, name: str, **values: object) -> None:
    with writing(engine) as connection:
        connection.execute(update(tables.Host).where(tables.Host.name == name), values)


def set_source(engine: Engine, name: str, **values: object) -> None:
    with writing(engine) as connection:
        connection.execute(update(tables.Source).where(tables.Source.name == name), values)


def test_the_longest_due_hosts_are_leased_with_their_due_sources(engine: Engine, clock: Clock) -> None:
    ids = save(engine, a_source("a1", "a"), a_source("a2", "a"), a_source("b"), a_source("c"), a_source("d"))
    set_source(engine, "a1", next_due_at=clock.now() + timedelta(seconds=1))
    set_source(engine, "b", next_due_at=clock.now() - timedelta(hours=1))
    pause(engine, "c")
    leased = take(engine, clock.now(), limit=2)
    assert [(lease.host, sources) for lease, sources in leased] == [
        ("b.example", (ids["b"],)),
        ("a.example", (ids["a2"],)),
    ]
    lease = leased[0][0]
    assert (lease.owner, lease.leased_at, lease.until) == ("me", NOW, NOW + timedelta(seconds=60))
    assert [lease.host for lease, _ in take(engine)] == ["d.example"]
    assert take(engine) == []


def test_only_the_hosts_that_are_asked_for_are_leased(engine: Engine) -> None:
    save(engine, a_source("a"), a_source("b"), a_source("c"))
    pause(engine, "c")
    among = ["b.example", "c.example", "unknown.example"]
    leased = lease_due_hosts(engine, owner="me", limit=9, seconds=60, now=NOW, among=among)
    assert [lease.host for lease, _ in leased] == ["b.example"]
    assert lease_due_hosts(engine, owner="me", limit=9, seconds=60, now=NOW, among=[]) == []


def test_what_could_be_leased_is_told_without_leasing_it(engine: Engine) -> None:
    save(engine, a_source("a"), a_source("b"), a_source("c"), a_source("d"))
    set_source(engine, "c", next_due_at=NOW - timedelta(hours=1))
    take(engine, limit=1, now=None)  # c
    with reading(engine) as connection:
        assert hosts_due(connection, limit=9, besides=()) == ["a.example", "b.example", "d.example"]
        assert hosts_due(connection, limit=2, besides={"a.example"}) == ["b.example", "d.example"]
    assert len(take(engine, now=None)) == 3


def test_a_lease_is_held_until_it_ends_is_ended_or_passes_on(engine: Engine) -> None:
    save(engine, a_source("a"), a_source("b"), a_source("c"), a_source("d"))
    leases = [lease for lease, _ in take(engine, now=None)]
    assert hosts_held(engine, leases) == {lease.host for lease in leases}
    set_host(engine, "b.example", lease_until=NOW)  # long ago
    release(engine, [lease for lease in leases if lease.host == "c.example"])
    set_host(engine, "d.example", lease_token=99)
    assert hosts_held(engine, leases) == {"a.example"}


def test_a_host_that_asked_for_patience_is_left_alone_until_then(engine: Engine, clock: Clock) -> None:
    save(engine, a_source("a"))
    set_host(engine, "a.example", not_before=NOW + timedelta(minutes=5))
    assert take(engine, clock.advance(minutes=4)) == []
    assert len(take(engine, clock.advance(minutes=1))) == 1


def test_the_clock_of_a_lease_is_the_databases(engine: Engine) -> None:
    with reading(engine) as connection:
        before = database_now(connection)
    save(engine, a_source("a"), now=before)
    [(lease, _)] = take(engine, None)
    with reading(engine) as connection:
        after = database_now(connection)
    assert before <= lease.leased_at <= after
    assert lease.until - lease.leased_at == timedelta(seconds=60)


def test_a_lease_that_ran_out_is_given_again_with_a_higher_token(engine: Engine, clock: Clock) -> None:
    save(engine, a_source("a"))
    [(first, _)] = take(engine, clock.now())
    assert take(engine, first.until - timedelta(microseconds=1)) == []
    [(second, _)] = take(engine, first.until, owner="other")
    assert (first.token, second.token) == (1, 2)
    release(engine, [first])  # too late: it is not his any more
    assert not release_dead(engine, first, [1], "killed", now=first.until)
    assert take(engine, first.until) == []
    assert list_sources(engine)[0].verdict == ""
    release(engine, [second, second])
    [(third, _)] = take(engine, first.until)
    assert third.token == 3


def test_named_sources_are_leased_due_or_not(engine: Engine) -> None:
    ids = save(engine, a_source("a1", "a"), a_source("a2", "a"), a_source("b"))
    set_source(engine, "b", next_due_at=NOW + timedelta(days=1))
    leased = lease_named(engine, ["b", "a2", "b"], owner="me", seconds=60, now=NOW)
    assert [(lease.host, sources) for lease, sources in leased] == [
        ("b.example", (ids["b"],)),
        ("a.example", (ids["a2"],)),
    ]
    assert lease_named(engine, [], owner="me", seconds=60) == []


def test_a_named_source_whose_host_is_leased_says_by_whom_and_until_when(engine: Engine) -> None:
    save(engine, a_source("a"), a_source("b"))
    lease_named(engine, ["b"], owner="crawler at host-1, process 7", seconds=60, now=NOW)
    said = r"host b\.example: crawler at host-1, process 7 is crawling it until 2026-03-02 08:01:00 UTC"
    with pytest.raises(LeaseError, match=said):
        lease_named(engine, ["a", "b"], owner="me", seconds=60, now=NOW)
    assert [lease.host for lease, _ in take(engine)] == ["a.example"]  # all or none: it was not kept


def test_a_named_source_that_is_unknown_or_paused_is_refused(engine: Engine) -> None:
    save(engine, a_source("news-en"), a_source("news-fr"))
    pause(engine, "news-fr")
    with pytest.raises(SourceError, match=r"source news-em: .*did you mean news-en"):
        lease_named(engine, ["news-em"], owner="me", seconds=60)
    with pytest.raises(SourceError, match="news-fr: it is paused; `tidings sources resume news-fr`"):
        lease_named(engine, ["news-en", "news-fr"], owner="me", seconds=60)


def test_what_a_dead_process_left_failed_and_is_due_again_after_a_while(engine: Engine, clock: Clock) -> None:
    ids = save(engine, a_source("a1", "a"), a_source("a2", "a"), a_source("b"))
    [(lease, sources), _] = take(engine, clock.now())
    set_source(engine, "a2", last_run_at=clock.advance(seconds=5), verdict="ok")  # it was settled in time
    assert release_dead(
        engine, lease, [*sources, ids["b"]], "killed after 300 seconds", now=clock.advance(seconds=5)
    )
    a1, a2, b = list_sources(engine)
    assert (a1.verdict, a1.reason) == ("failed", "the crawl process ended early: killed after 300 seconds")
    assert (a1.failures, a1.failing_since, a1.runs) == (1, clock.now(), 1)
    assert a1.next_due_at == clock.now() + timedelta(minutes=30)
    assert (a2.verdict, b.verdict, a1.lease_until) == ("ok", "", None)
    with reading(engine) as connection:
        run = connection.execute(select(tables.Run.__table__)).one()
        host = connection.execute(select(tables.Host.__table__).where(tables.Host.name == "a.example")).one()
    assert (run.source_id, run.token, run.verdict, run.started_at) == (ids["a1"], 1, "failed", NOW)
    assert [problem["trouble"] for problem in run.problems] == ["died"]
    assert (host.last_request_at, host.alone) == (clock.now(), True)
    assert take(engine, clock.now())[0][1] == (ids["a2"],)  # a1 waits


def test_unfinished_sources_go_alone_until_they_have_shown_that_they_can_finish(
    engine: Engine, clock: Clock
) -> None:
    ids = save(engine, a_source("a1", "a"), a_source("a2", "a"), a_source("b"))
    for lease, sources in take(engine, clock.now()):
        release_dead(engine, lease, sources if lease.host == "a.example" else (), "killed", now=clock.now())
    due = clock.advance(days=1)
    leased = {lease.host: (lease, sources) for lease, sources in take(engine, due)}
    assert leased["a.example"][1] == (ids["a1"],)
    assert leased["b.example"][1] == (ids["b"],)
    assert hosts_alone(engine, [lease for lease, _ in leased.values()]) == {"a.example"}
    release_dead(engine, leased["a.example"][0], [ids["a1"]], "killed", now=due)  # it was a1's fault
    assert list_sources(engine)[0].next_due_at == due + timedelta(minutes=60)  # ever more rarely
    [(lease, sources)] = take(engine, due)
    assert sources == (ids["a2"],)
    set_source(engine, "a2", verdict="ok", reason="", next_due_at=due + timedelta(hours=2))
    release(engine, [lease])
    set_host(engine, "a.example", alone=False)  # as settling leaves it
    [(lease, sources)] = [
        each for each in take(engine, due + timedelta(hours=2)) if each[0].host == "a.example"
    ]
    assert sources == (ids["a1"],)  # still not together with a2
    assert hosts_alone(engine, [lease]) == {"a.example"}
    set_source(engine, "a1", verdict="ok", reason="")
    release(engine, [lease])
    [(lease, sources)] = [
        each for each in take(engine, due + timedelta(hours=2)) if each[0].host == "a.example"
    ]
    assert sources == (ids["a1"], ids["a2"])
    assert hosts_alone(engine, [lease]) == frozenset()


def test_a_large_batch_is_leased_whole(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(tables.Host), [{"name": f"{n:04}.example"} for n in range(1_200)])
        row = {"definition": {}, "created_at": NOW, "next_due_at": NOW}
        connection.execute(
            insert(tables.Source), [row | {"name": f"s{n}", "host": f"{n:04}.example"} for n in range(1_200)]
        )
    leased = take(engine, limit=1_200)
    assert len({lease.host for lease, _ in leased}) == 1_200
    release(engine, [lease for lease, _ in leased])
    assert len(hosts_alone(engine, [lease for lease, _ in leased])) == 0
    assert {lease.token for lease, _ in take(engine, limit=2_000)} == {2}


def test_a_host_that_another_transaction_holds_is_passed_over_without_waiting(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    save(engine, a_source("a"), a_source("b"))
    with writing(engine) as other:
        other.execute(select(tables.Host.name).where(tables.Host.name == "a.example").with_for_update())
        assert [lease.host for lease, _ in take(engine)] == ["b.example"]
    assert [lease.host for lease, _ in take(engine)] == ["a.example"]
    engine.dispose()


def claim(url: str, barrier: Any, queue: Any) -> None:
    engine = open_engine(url)
    mine: list[tuple[str, int]] = []
    try:
        for _ in range(15):
            barrier.wait(60)  # all ask at the same moment, round after round
            leased = lease_due_hosts(engine, owner="racer", limit=7, seconds=3_600)
            mine += [(lease.host, lease.token) for lease, _ in leased]
        queue.put(mine)
    except BaseException as error:  # noqa: BLE001  # the parent asserts on it
        queue.put(repr(error))


def test_of_processes_that_race_for_hosts_each_gets_others(database_url: str) -> None:
    engine = open_engine(database_url)
    save(engine, *(a_source(f"s{n}") for n in range(200)))
    engine.dispose()
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(4), context.SimpleQueue()
    children = [context.Process(target=claim, args=(database_url, barrier, queue)) for _ in range(4)]
    for child in children:
        child.start()
    results = [queue.get() for _ in children]
    for child in children:
        child.join()
    assert all(isinstance(result, list) for result in results), results
    claims = Counter(host for result in results for host, _ in result)
    assert (len(claims), set(claims.values())) == (200, {1})
    assert {token for result in results for _, token in result} == {1}
    assert sum(bool(result) for result in results) > 1  # it was a race


def test_the_source_of_a_lease_is_what_was_declared(engine: Engine) -> None:
    ids = save(engine, a_source("a"))
    save(engine, replace(a_source("a"), url="https://elsewhere.example/a"))
    [(lease, sources)] = take(engine)
    assert (lease.host, sources) == ("elsewhere.example", (ids["a"],))

"""Settling while the crawl goes on: together, one by one, in order, and never lost in silence."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from crawler.clock import RunClock
from crawler.ledger import Ledger
from crawler.settler import Settler
from news.errors import StorageError
from news.run import HostState, Reading, Settled, Verdict
from tests.crawler.crawling import NOW, plan, source


def a_reading(number: int) -> Reading:
    of = plan(source(f"https://site{number}.example/", f"site{number}"), source_id=number)
    clock = RunClock(NOW, fixed=True)
    return Ledger(of, clock.now()).reading(HostState(name="h"), clock.now(), last_of_host=True)


def settled(reading: Reading) -> Settled:
    return Settled(source=reading.source, run_id=reading.source_id, verdict=Verdict.OK, reason="")


def test_runs_that_finish_close_together_are_settled_together() -> None:
    calls: list[list[str]] = []

    def settle(readings: Sequence[Reading]) -> list[Settled]:
        calls.append([reading.source for reading in readings])
        return [settled(reading) for reading in readings]

    settler = Settler(settle, lambda _: None)
    for number in (1, 2, 3):
        settler.add(a_reading(number))
    settler.close()
    assert calls == [["site1", "site2", "site3"]]


def test_one_bad_run_costs_no_other() -> None:
    def settle(readings: Sequence[Reading]) -> list[Settled]:
        if any(reading.source_id == 2 for reading in readings):
            raise StorageError("refused")
        return [settled(reading) for reading in readings]

    told: list[Settled] = []
    settler = Settler(settle, told.append)
    for number in (1, 2, 3):
        settler.add(a_reading(number))
    settler.close()
    assert [(each.source, each.verdict) for each in told] == [
        ("site1", Verdict.OK),
        ("site2", Verdict.FAILED),
        ("site3", Verdict.OK),
    ]
    assert settler.failures == ["site2: the run could not be settled: refused"]


def test_a_replay_settles_at_the_end_in_the_order_of_its_sources() -> None:
    order: list[str] = []

    def settle(readings: Sequence[Reading]) -> list[Settled]:
        order.extend(reading.source for reading in readings)
        return [settled(reading) for reading in readings]

    settler = Settler(settle, lambda _: None, in_order=[3, 1, 2])
    for number in (1, 2, 3):
        settler.add(a_reading(number))
    settler.close()
    assert order == ["site3", "site1", "site2"]


@pytest.mark.parametrize(("error", "lines"), [(BrokenPipeError("gone"), 1), (ValueError("wrong"), 2)])
def test_a_report_that_fails_stops_nothing(
    error: Exception, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    def report(_: Settled) -> None:
        raise error

    settler = Settler(lambda readings: [settled(reading) for reading in readings], report)
    settler.add(a_reading(1))
    settler.add(a_reading(2))
    settler.close()
    assert [each.source for each in settler.settled] == ["site1", "site2"]
    assert len(caplog.records) == lines
    assert all(bool(record.exc_info) is (lines == 2) for record in caplog.records)


def test_settling_happens_in_one_thread_of_its_own() -> None:
    threads = set()

    def settle(readings: Sequence[Reading]) -> list[Settled]:
        threads.add(threading.current_thread().name)
        return [settled(reading) for reading in readings]

    settler = Settler(settle, lambda _: None)
    settler.add(a_reading(1))
    settler.close()
    settler.close()
    assert threads == {"settler"}

"""Which hosts are crawled together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.run import Lease
from scheduler.batches import DueHost, batches

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def due(name: str, sources: int, *, alone: bool = False, seconds: float = 0.0) -> DueHost:
    lease = Lease(host=name, token=1, owner="me", leased_at=NOW, until=NOW)
    return DueHost(lease=lease, source_ids=tuple(range(sources)), seconds=seconds, alone=alone)


def names(made: list[tuple[DueHost, ...]]) -> list[str]:
    return ["".join(host.lease.host for host in batch) for batch in made]


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ([], []),
        ([due("a", 1)], ["a"]),
        ([due("a", 1), due("b", 1), due("c", 1)], ["ab", "c"]),
        ([due("a", 4), due("b", 3)], ["a", "b"]),  # together they would be too many sources
        ([due("a", 99), due("b", 1)], ["a", "b"]),  # one host is never split
        ([due("a", 1), due("b", 1, alone=True), due("c", 1)], ["b", "ac"]),
        ([due("a", 1, alone=True), due("b", 1, alone=True)], ["a", "b"]),
        (
            [due("a", 1), due("b", 3), due("c", 1), due("d", 3)],
            ["ac", "bd"],
        ),  # those that take long, together
        ([due("a", 3), due("b", 1), due("c", 3), due("d", 1)], ["ac", "bd"]),
    ],
)
def test_hosts_are_grouped_up_to_both_limits_and_suspects_go_alone(
    hosts: list[DueHost], expected: list[str]
) -> None:
    assert names(batches(hosts, hosts=2, sources=6)) == expected


def test_hosts_that_will_take_long_go_together_and_no_batch_waits_for_too_much() -> None:
    hosts = [due("a", 1, seconds=2), due("b", 1, seconds=90), due("c", 5, seconds=2), due("d", 1, seconds=80)]
    assert names(batches(hosts, hosts=2, sources=6)) == ["ca", "bd"]
    assert names(batches(hosts, hosts=4, sources=9, seconds=100)) == ["dca", "b"]
    assert names(batches(hosts, hosts=4, sources=9, seconds=10)) == ["ca", "b", "d"]


def test_a_host_that_goes_alone_goes_with_one_source() -> None:
    [[host]] = batches([due("a", 3, alone=True)], hosts=2, sources=6)
    assert host.source_ids == (0,)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans())), st.integers(1, 5), st.integers(1, 9))
def test_every_host_is_in_exactly_one_batch(shape: list[tuple[int, bool]], hosts: int, sources: int) -> None:
    given_hosts = [due(f"h{number}", count, alone=alone) for number, (count, alone) in enumerate(shape)]
    made = batches(given_hosts, hosts=hosts, sources=sources)
    assert sorted(host.lease.host for batch in made for host in batch) == sorted(
        h.lease.host for h in given_hosts
    )
    for batch in made:
        assert len(batch) <= hosts
        assert len(batch) == 1 or sum(len(host.source_ids) for host in batch) <= sources
        assert len(batch) == 1 or not any(host.alone for host in batch)

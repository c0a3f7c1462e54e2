"""The archive with two real schedulers on one PostgreSQL database: no host is crawled by both, nothing is told twice.

One seed and few events; `make simulate` plays more. What the play upholds is shown to fail where it has to: with the
locks of `lease_due_hosts` gone, or its look at other leases, the play itself fails within a few crawls.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from news.run import Lease
from news.source import Source
from storage.engine import open_engine, writing
from storage.leases import lease_due_hosts, release
from storage.sources import save_sources
from storage.tables import Host
from tests.simulation.archive import seeds
from tests.simulation.archive.two_schedulers.laws import Asking, Broken, one_asker, one_holder, one_run
from tests.simulation.archive.two_schedulers.witness import Counted, Taken, Witness
from tests.simulation.seeds import Fresh, postgresql_databases

SEED = 7
"""One in which a scheduler dies in mid-crawl, and a crawl is stalled until another is at work in its place."""
EVENTS = 5
QUIET = (2, 75, 24 * 8)
"""Hours before each crawl of a quiet end that is shorter than elsewhere, for so few events."""
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOST = "news.example"


@pytest.fixture
def fresh(postgres_url: str) -> Iterator[Fresh]:
    made = postgresql_databases(postgres_url)
    yield made
    made().dispose()


@pytest.mark.timeout(300)  # half a minute on a quiet machine would be long
def test_the_log_of_an_archive_read_by_two_schedulers_is_what_happened(fresh: Fresh) -> None:
    made = seeds.play_pair(SEED, seeds.schedule(SEED, EVENTS), fresh, quiet=QUIET)
    assert not made.violations, seeds.story(made)
    assert made.counts["changes"] > 0
    wanted = ("shared", "kills", "refused")  # both crawled at once, one died, and one came late
    assert all(made.counts[name] for name in wanted), seeds.story(made)


# ------------------------------------------------------------------------------------------ what is upheld


def taken(token: int, minute: int, *, held_until: int | None, last: int | None = None) -> Taken:
    return Taken(
        host=HOST,
        token=token,
        owner=f"owner of {token}",
        leased_at=AT + timedelta(minutes=minute),
        until=AT + timedelta(minutes=minute + 15),
        last_token=token - 1 if last is None else last,
        held_until=None if held_until is None else AT + timedelta(minutes=held_until),
    )


def asked(token: int, minute: int, since: float, until: float, *, host: str = HOST) -> Asking:
    leased_at = AT + timedelta(minutes=minute)
    lease = Lease(
        host=host,
        token=token,
        owner=f"owner of {token}",
        leased_at=leased_at,
        until=leased_at + timedelta(minutes=15),
    )
    asking = Asking(crawl=f"crawl {token}", lease=lease)
    asking.ask(since)
    asking.answered(until)
    return asking


@pytest.mark.parametrize(
    ("leases", "laws"),
    [
        pytest.param([taken(7, 0, held_until=None)], [], id="the one before was given back"),
        pytest.param([taken(7, 20, held_until=20)], [], id="the one before has just ended"),
        pytest.param([taken(7, 20, held_until=21)], ["one holder a host"], id="the one before still held"),
        pytest.param(
            [taken(7, 0, held_until=None, last=7)], ["one holder a host"], id="the token did not rise"
        ),
        pytest.param(
            [taken(8, 0, held_until=None, last=6)], ["one holder a host"], id="a token was left out"
        ),
    ],
)
def test_a_lease_is_taken_when_the_one_before_is_over(leases: list[Taken], laws: list[str]) -> None:
    assert names(one_holder(leases)) == laws


@pytest.mark.parametrize(
    ("askings", "laws"),
    [
        pytest.param([asked(1, 0, 1, 2), asked(2, 1, 3, 4)], [], id="one after the other"),
        pytest.param([asked(1, 0, 1, 3), asked(2, 1, 2, 4)], ["one asker a host"], id="both at once"),
        pytest.param([asked(1, 0, 1, 9), asked(2, 1, 2, 4)], ["one asker a host"], id="one within the other"),
        pytest.param([asked(1, 0, 1, 9), asked(2, 16, 2, 4)], [], id="one is late, and its lease had ended"),
        pytest.param([asked(1, 0, 1, 2), asked(1, 0, 3, 4)], ["one asker a host"], id="both with one lease"),
        pytest.param([asked(3, 0, 1, 2)], ["one asker a host"], id="without a lease that was taken"),
        pytest.param([asked(1, 0, 1, 9), asked(1, 0, 2, 4, host="other")], [], id="at two hosts"),
    ],
)
def test_a_host_is_asked_by_who_holds_it_and_by_nobody_else(askings: list[Asking], laws: list[str]) -> None:
    leases = [taken(1, 0, held_until=None), taken(2, 1, held_until=None)]
    other = Taken(
        host="other",
        token=1,
        owner="owner of 1",
        leased_at=AT,
        until=AT + timedelta(minutes=15),
        last_token=0,
        held_until=None,
    )
    assert names(one_asker(askings, [*leases, other])) == laws


def test_a_lease_brings_a_source_one_run() -> None:
    once = [Counted(source_id=1, token=1), Counted(source_id=1, token=2)]
    assert names(one_run(once)) == []
    assert names(one_run([*once, Counted(source_id=1, token=2)])) == ["one run a lease"]


def names(broken: Iterator[Broken]) -> list[str]:
    return [law for law, _ in broken]


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    opened = open_engine(postgres_url)
    source = Source(name="news", url=f"https://{HOST}/")
    save_sources(opened, [source], origin="file", now=AT)
    yield opened
    opened.dispose()


def test_the_witness_sees_each_lease_once_and_finds_no_fault_in_those_that_come_one_after_the_other(
    engine: Engine,
) -> None:
    witness = Witness(engine)
    first = lease(engine, 0)
    assert lease(engine, 1) == []
    release(engine, first)
    second = lease(engine, 2)
    third = lease(engine, 30)
    seen = witness.leases()
    assert [each.token for each in seen] == [each.token for each in (*first, *second, *third)] == [1, 2, 3]
    assert names(one_holder(seen)) == []
    assert witness.leases() == []


def test_the_witness_sees_a_lease_that_is_taken_from_who_holds_it(engine: Engine) -> None:
    witness = Witness(engine)
    lease(engine, 0)
    at = AT + timedelta(minutes=1)
    with writing(engine) as connection:
        connection.execute(
            update(Host).values(
                lease_token=Host.lease_token + 1,
                lease_owner="a thief",
                leased_at=at,
                lease_until=at + timedelta(minutes=15),
            )
        )
    assert names(one_holder(witness.leases())) == ["one holder a host"]


def lease(engine: Engine, minute: int) -> list[Lease]:
    now = AT + timedelta(minutes=minute)
    return [each for each, _ in lease_due_hosts(engine, owner="test", limit=9, seconds=900, now=now)]

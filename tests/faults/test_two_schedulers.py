"""Two schedulers on one PostgreSQL database, one of them killed in mid-crawl, one stalled past its lease and woken.

Everything is real but the passing of time: the database's clock is set forward from round to round, so that all is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.engine import database_now, reading
from storage.tables import Change, Host, Run, Source
from tests.crawler.site import article
from tests.faults.clocks import DatabaseClock, setting_clock
from tests.faults.knowledge import knowledge
from tests.faults.schedulers import RealScheduler, SlowPage, real_schedulers
from tests.faults.zombies import REFUSED
from tests.scheduler.world import SENTENCES, World, a_world, eventually, listing

NAMES = [f"s{number}" for number in range(6)]
ROUND = timedelta(minutes=20)
SLOW = NAMES[0]
LONG = 90


@pytest.fixture
def world(postgres_url: str) -> Iterator[World]:
    with a_world(postgres_url) as made:
        yield made


class Rounds:
    """Publishes on every site, lets time pass, waits for the crawls, and keeps count of what was to be told."""

    def __init__(self, world: World, clock: DatabaseClock, schedulers: dict[str, RealScheduler]) -> None:
        self.world, self.clock, self.schedulers = world, clock, schedulers
        self.newest = 5  # what the sites begin with, and the baseline takes
        for number in range(1, 6):
            self._publish_page(number)

    def publish(self) -> None:
        self.newest += 1
        self._publish_page(self.newest)
        for name in NAMES:
            self.world.sites[name].page(f"/{name}/", self.shown(name))

    def _publish_page(self, number: int) -> None:
        for name in NAMES:
            page = article(f"Item {number} of the {name}s", f"This is number {number}. {' '.join(SENTENCES)}")
            self.world.sites[name].page(f"/{name}/{number}", page)

    def shown(self, name: str) -> str:
        return listing(*range(self.newest, self.newest - 5, -1), prefix=name)

    def let_all_be_due(self) -> None:
        for site in self.world.sites.values():
            site.forget()
        self.clock.step(ROUND)

    def end(self) -> None:
        """Wait until every source has told its newest article, nothing is due and nobody crawls."""
        eventually(lambda: self.told() == self.expected(), "all is told", seconds=LONG)
        eventually(lambda: not self.due() and not self.holders(), "all is at rest", seconds=LONG)

    def due(self) -> list[str]:
        with reading(self.world.engine) as connection:
            query = select(Source.name).where(Source.next_due_at <= database_now(connection))
            return list(connection.execute(query).scalars())

    def wait_for_all_but(self, one: RealScheduler) -> None:
        """Wait until all is crawled but what ``one`` holds, who does not end any more."""

        def finished() -> bool:
            held = self.holders()
            free = [name for name in NAMES if self.world.status(name).host not in held]
            return all(one.is_called(owner) for owner in held.values()) and all(map(self.askers, free))

        eventually(finished, "all others have finished", seconds=LONG)

    def holders(self) -> dict[str, str]:
        """Who holds which host."""
        with reading(self.world.engine) as connection:
            query = select(Host.name, Host.lease_owner).where(Host.lease_owner.is_not(None))
            return {row.name: row.lease_owner for row in connection.execute(query)}

    def told(self) -> Counter[tuple[str, str]]:
        with reading(self.world.engine) as connection:
            query = select(Change.kind, Change.title)
            return Counter((row.kind, row.title) for row in connection.execute(query))

    def expected(self) -> Counter[tuple[str, str]]:
        return Counter(
            ("published", f"Item {number} of the {name}s")
            for name in NAMES
            for number in range(6, self.newest + 1)
        )

    def askers(self, name: str) -> list[str]:
        """Who asked for a listing in this round, in order."""
        return [request.headers["user-agent"] for request in self.world.sites[name].asked(f"/{name}/")]


@pytest.mark.timeout(400)
def test_two_schedulers_crawl_every_host_once_a_round_and_tell_everything_once(
    world: World, tmp_path: Path
) -> None:
    world.declare(*NAMES)
    with (
        setting_clock(world.engine) as clock,
        real_schedulers(world.url, tmp_path, "first", "second") as schedulers,
    ):
        rounds = Rounds(world, clock, schedulers)
        eventually(lambda: set(world.verdicts().values()) == {"ok"}, "all baselines are taken", seconds=LONG)
        rounds.end()
        for _ in range(2):
            in_peace(rounds)
        killed = with_one_killed_in_mid_crawl(rounds)
        schedulers[f"{killed}-again"] = again = RealScheduler(f"{killed}-again", world.url, tmp_path)
        eventually(again.is_ready, "it is there again", seconds=LONG)
        in_peace(rounds)
        with_one_stalled_past_its_lease(rounds)
        in_peace(rounds)
    knowledge(world.engine)
    assert rounds.told() == rounds.expected()
    no_run_was_made_twice(world)


def in_peace(rounds: Rounds) -> None:
    """Each host is asked by one scheduler, and once."""
    rounds.publish()
    rounds.let_all_be_due()
    rounds.end()
    askers = {name: rounds.askers(name) for name in NAMES}
    assert all(len(who) == 1 for who in askers.values()), askers


@contextmanager
def in_mid_crawl(rounds: Rounds) -> Generator[SlowPage]:
    """Let a scheduler be in the middle of crawling a host, and all the others have finished."""
    rounds.publish()
    with SlowPage(rounds.world.sites[SLOW], f"/{SLOW}/", rounds.shown(SLOW)) as page:
        rounds.let_all_be_due()
        eventually(lambda: page.askers, "somebody is in mid-crawl", seconds=LONG)
        yield page


def with_one_killed_in_mid_crawl(rounds: Rounds) -> str:
    """The host of the dead scheduler is left alone until its lease has ended; then the other one crawls it."""
    with in_mid_crawl(rounds) as page:
        killed = rounds.schedulers.pop(page.askers[0])
        killed.kill()
        [other] = rounds.schedulers
        rounds.wait_for_all_but(killed)
        assert page.askers == [killed.name]
        rounds.clock.step(ROUND)  # past the leases of the dead
        rounds.end()
    assert page.askers == [killed.name, other]
    return killed.name


def with_one_stalled_past_its_lease(rounds: Rounds) -> None:
    """The host passes to the other scheduler; who comes back late is refused, in words."""
    with in_mid_crawl(rounds) as page:
        zombie = rounds.schedulers[page.askers[0]]
        [other] = [name for name in rounds.schedulers if name != zombie.name]
        zombie.stall(rounds.world.engine)
        rounds.wait_for_all_but(zombie)
        rounds.clock.step(ROUND)
        rounds.end()  # all is told, by the other one
        before = knowledge(rounds.world.engine)
        assert REFUSED not in zombie.log
        zombie.wake()
        page.let_go()
        eventually(lambda: REFUSED in zombie.log, "the late run is refused", seconds=LONG)
        assert knowledge(rounds.world.engine) == before
    assert page.askers == [zombie.name, other]


def no_run_was_made_twice(world: World) -> None:
    """Each lease brought a source one run at most, and the leases of a host came one after the other."""
    with reading(world.engine) as connection:
        query = select(Source.name, Run.token, Run.started_at, Run.finished_at).join(
            Source, Source.id == Run.source_id
        )
        rows = connection.execute(query.order_by(Source.name, Run.token)).all()
    assert len({(row.name, row.token) for row in rows}) == len(rows)
    for earlier, later in pairwise(rows):
        if earlier.name == later.name:
            assert earlier.finished_at <= later.started_at, f"{later.name}: two crawls at once"

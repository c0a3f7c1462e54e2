"""The same worlds with two schedulers on one database: whatever is leased or settled, both are at it at once.

Two threads, each with connections of its own, race for every lease, and settle at the same moment what two crawls have
finished. Who wins is up to the machine, so a seed is not the same story every time; the laws hold all the same.

``python -m tests.simulation.pair 0-99`` plays seeds, ``--database URL`` on an empty PostgreSQL database.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

from sqlalchemy import Engine

from news.errors import LeaseError, SourceError
from news.run import Settled
from storage.engine import open_engine
from storage.leases import Leased, lease_due_hosts, lease_named, release
from storage.settling import settle
from tests.simulation.drive import Simulation, schedule
from tests.simulation.mischief import Watched
from tests.simulation.run import SimulatedRun
from tests.simulation.seeds import Fresh, Tally, postgresql_databases, sqlite_databases
from tests.simulation.world import WorldArticle

Finished = list[tuple[Watched, SimulatedRun]]


class TwoSchedulers(Simulation):
    """One seed, two schedulers. ``races`` counts how often both were at it at once, ``lost`` when the first lost."""

    def __init__(self, seed: int, engine: Engine) -> None:
        super().__init__(seed, engine)
        self.second = open_engine(engine.url.render_as_string(hide_password=False), create=False)
        self.races = 0
        self.lost = 0
        self._threads = ThreadPoolExecutor(2)

    def close(self) -> None:
        """End the second scheduler."""
        self._threads.shutdown()
        self.second.dispose()

    def _at_once(self, one: Callable[[], Any], other: Callable[[], Any]) -> tuple[Any, Any]:
        """Do two things at the same moment, and return what both brought."""
        self.races += 1
        barrier = Barrier(2)

        def meet(do: Callable[[], object]) -> object:
            barrier.wait(30)
            return do()

        first, second = self._threads.submit(meet, one), self._threads.submit(meet, other)
        return first.result(), second.result()

    # ---------------------------------------------------------------------------------------------- leasing

    def begin(self, watched: Watched, article: WorldArticle | None = None, x: int = 0) -> None:
        """Both want the host; one gets it. Where the second was faster it gives it back, and the first begins."""
        if watched.run is not None:
            return
        name = self.world.sites[watched.number].name
        _, taken = self._at_once(
            lambda: Simulation.begin(self, watched, article, x), lambda: self._rival(name, due=bool(x % 3))
        )
        if taken and watched.run is not None and self._same_host(watched, taken):
            self.violate("lease", f"both schedulers hold the host of S{watched.number}")
        release(self.second, [lease for lease, _ in taken])
        if taken and watched.run is None:
            self.lost += 1
            super().begin(watched, article, x)

    def _rival(self, name: str, *, due: bool) -> Leased:
        now = self.world.now
        try:
            if due:
                return lease_due_hosts(self.second, owner="the second", limit=9, seconds=600, now=now)
            return lease_named(self.second, [name], owner="the second", seconds=600, now=now)
        except (LeaseError, SourceError):
            return []

    def _same_host(self, watched: Watched, taken: Leased) -> bool:
        assert watched.run is not None
        return watched.run.plan.lease.host in {lease.host for lease, _ in taken}

    # --------------------------------------------------------------------------------------------- settling

    def settle(self, watched: Watched, article: WorldArticle | None = None, x: int = 0) -> None:
        """Settle what two crawls have finished at the same moment, each by another scheduler."""
        others = [each for each in self.watched if each is not watched and each.finished]
        if not watched.finished or not others:
            super().settle(watched, article, x)
            return
        pair = [(each, each.finished.pop(0)) for each in (watched, others[x % len(others)])]
        results = self._at_once(
            lambda: self._settle_one(self.engine, pair[0][1]),
            lambda: self._settle_one(self.second, pair[1][1]),
        )
        both = sorted(zip(pair, results, strict=True), key=lambda each: _first_seq(each[1]))
        for (each, run), settled in both:
            self._settled(each, run, run.result, settled)

    def _settle_one(self, engine: Engine, run: SimulatedRun) -> Settled:
        again = self._extractor(run.parser)
        [settled] = settle(engine, [run.result], now=self.world.now, extract_again=again)
        return settled


def _first_seq(settled: Settled) -> int:
    return settled.changes[0].seq if settled.changes else 0


def play_all(
    seeds: Iterable[int], fresh: Fresh, told: Callable[[str], object] = lambda line: None
) -> tuple[Tally, int]:
    """Play each seed, and return the tally and the number of races; ``told`` gets a line for every seed that fails."""
    tally, races = Tally(), 0
    for seed in seeds:
        operations = schedule(seed)
        simulation = TwoSchedulers(seed, fresh())
        try:
            simulation.play(operations)
        finally:
            simulation.close()
        races += simulation.races
        if broken := tally.count(seed, operations, simulation):
            told(broken)
            told("\n".join(simulation.trace))
    return tally, races


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.pair", description=__doc__)
    parser.add_argument("seeds", help="a range of numbers such as 0-99")
    parser.add_argument("--database", help="an empty PostgreSQL database, instead of SQLite")
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    with tempfile.TemporaryDirectory() as folder:
        fresh = postgresql_databases(given.database) if given.database else sqlite_databases(Path(folder))
        tally, races = play_all(range(int(first), int(last or first) + 1), fresh, _say)
        fresh().dispose()
    _say(f"two schedulers: {tally}; {races} races")
    return 1 if tally.failed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main())

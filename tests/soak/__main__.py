"""``make soak``: a month of everything that may happen, in ten minutes, on SQLite and PostgreSQL at the same time.

The last line gives the counts; the exit status is 1 when anything was lost, came twice or has grown.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from sqlalchemy import func, select

from storage.engine import reading
from storage.reader_tables import Delivery, Digest
from storage.tables import Source
from tests.soak.databases import database
from tests.soak.laws import violated
from tests.soak.month import ROOMS, Month, Plan, first_and_last

KINDS = ("sqlite", "postgresql")


@dataclass(kw_only=True)
class Tally:
    """What happened, and what was wrong with it."""

    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    weights: str = ""

    def line(self) -> str:
        """Say it in one line."""
        counted = ", ".join(f"{number:,} {what}" for what, number in self.counts.items())
        found = f"{len(self.violations)} VIOLATIONS" if self.violations else "violations: none"
        return f"{counted}; {self.weights}; {found}"


def play(kind: str, seed: int, plan: Plan, *, aloud: bool = False) -> Tally:
    """Live through a month on one kind of database, and judge it."""
    tally = Tally()
    with database(kind) as (made, engine, folder):
        say = _say if aloud else tally.lines.append
        with Month(
            kind=kind, database=made, engine=engine, folder=folder, seed=seed, plan=plan, say=say
        ) as month:
            month.live()
            tally.violations = violated(month)
            tally.counts = counts_of(month)
            tally.weights = weights_of(month)
            tally.lines += [f"{kind}: {number} times {name}" for name, number in sorted(month.struck.items())]
    return tally


def counts_of(month: Month) -> dict[str, int]:
    """Return how much of what there was."""
    with reading(month.engine) as connection:
        runs = connection.execute(select(func.sum(Source.runs_total))).scalar_one()
        digests = connection.execute(select(func.count()).select_from(Digest)).scalar_one()
        deliveries = connection.execute(select(func.count()).select_from(Delivery)).scalar_one()
    return {
        "rounds": month.round,
        "sources": len(ROOMS),
        "items": sum(len(room.items) for room in month.rooms),
        "crawls": int(runs),
        "pages read": month.pages,
        "requests": sum(room.site.requests for room in month.rooms),
        "faults": sum(month.struck.values()),
        **{f"kills of a {kind}": number for kind, number in sorted(month.kills.items())},
        "orderly ends": month.stops,
        "database restarts or locks": month.restarts,
        "full disks": month.full_disks,
        "changes": len(month.reader.seqs),
        "digests": int(digests),
        "deliveries": int(deliveries),
        "attempts": month.targets.attempts,
        "repeats": month.targets.repeats,
    }


def weights_of(month: Month) -> str:
    """Say what the long-living processes weighed at first and at last."""
    said = []
    for kind, sizes in month.weights.items():
        first, last = first_and_last(sizes)
        said.append(f"{kind} {first:.1f} MB first, {last:.1f} MB last")
    return ", ".join(said)


def main() -> int:
    """Live through the months, one process a database, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=KINDS, action="append", help="on this alone")
    parser.add_argument("--seed", type=int, default=1, help="of the news and of the order of what goes wrong")
    parser.add_argument("--days", type=float, default=30.0, help="how long it is, in compressed time")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long it takes at least")
    given = parser.parse_args()
    plan = Plan(rounds=int(given.days * 12), seconds=given.minutes * 60)
    kinds, began = given.database or KINDS, time.monotonic()
    broken = 0
    with ProcessPoolExecutor(len(kinds), mp_context=get_context("spawn")) as pool:
        jobs = {kind: pool.submit(play, kind, given.seed, plan, aloud=True) for kind in kinds}
        for kind, job in jobs.items():
            tally = job.result()
            broken += len(tally.violations)
            for line in [*tally.lines, *(f"{kind}: VIOLATED: {each}" for each in tally.violations)]:
                _say(line)
            _say(f"{kind}, seed {given.seed}: {tally.line()} ({time.monotonic() - began:,.0f} s)")
    return 1 if broken else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

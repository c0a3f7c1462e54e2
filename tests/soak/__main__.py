"""``make soak``: a month of everything that may happen, in ten minutes, on SQLite and PostgreSQL at the same time.

The last line gives the counts; the exit status is 1 when anything was lost, came twice or has grown.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.soak.month import Plan
from tests.soak.playing import play, say_at_once

KINDS = ("sqlite", "postgresql")


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
                say_at_once(line)
            say_at_once(f"{kind}, seed {given.seed}: {tally.line()} ({time.monotonic() - began:,.0f} s)")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())

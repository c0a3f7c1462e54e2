"""Compare the adaptive schedule with three others, ``python -m tests.simulation.freshness 0-4``, at equal requests.

The last line gives the figures of docs/performance.md; the exit code is 1 when any world falls short of the bar.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from tests.simulation.freshness.compare import Comparison, Delays, Size, compare
from tests.simulation.freshness.world import Regime


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.freshness", description=__doc__)
    parser.add_argument("seeds", nargs="?", default="0-4", help="a number, or a range such as 0-4")
    parser.add_argument(
        "--regime", action="append", choices=[each.value for each in Regime], help="only this one"
    )
    parser.add_argument("--reads", type=float, default=Size().reads_per_day, help="reads a day and source")
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    size = replace(Size(), reads_per_day=given.reads)
    regimes = [Regime(each) for each in given.regime or [each.value for each in Regime]]
    _say(f"{size.feeds} sources, {size.reads_per_day:g} reads a day each, {size.days} days, of which the first "
         f"{size.measured_from} are not measured; minutes: mean / 95th percentile")  # fmt: skip
    names = f"{'fixed':>14}{'proportional':>15}{'adaptive':>14}{'oracle':>14}"
    _say(f"{'world':<16}{'news':>7}{names}{'of way':>8}{'budget':>8}")
    found = []
    for seed in range(int(first), int(last or first) + 1):
        for regime in regimes:
            found.append(compare(seed, regime, size))
            _say(_line(found[-1]))
    _say(summary(found))
    return 0 if all(each.is_good for each in found) else 1


def summary(found: Sequence[Comparison]) -> str:
    """Return the last line: the means of all worlds, and the worst of them."""
    short = [f"{each.seed} {each.regime}" for each in found if not each.is_good]
    number = len(found)
    means, p95s = [x.mean_share - 1 for x in found], [x.p95_share - 1 for x in found]
    ways = [x.way for x in found]
    return (
        f"{number} worlds beside fixed: mean {sum(means) / number:+.1%} (at worst {max(means):+.1%}), "
        f"95th percentile {sum(p95s) / number:+.1%} (at worst {max(p95s):+.1%}), "
        f"{sum(ways) / number:.0%} of the way to the oracle (at worst {min(ways):.0%}), "
        f"dearest week {max(x.most_of_budget for x in found):.1%} of the budget: "
        + (f"NOT GOOD ENOUGH: {', '.join(short)}" if short else "good enough")
    )


def _line(found: Comparison) -> str:
    figures = (found.fixed, found.proportional, found.adaptive, found.oracle)
    fixed, proportional, adaptive, oracle = map(_delays, figures)
    return (
        f"{f'{found.seed} {found.regime}':<16}{found.news:>7}{fixed:>14}{proportional:>15}{adaptive:>14}{oracle:>14}"
        f"{found.way:>8.0%}{found.most_of_budget:>8.1%}{'' if found.is_good else '  !'}"
    )


def _delays(delays: Delays) -> str:
    return f"{delays.mean:.1f} / {delays.p95:.1f}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

"""One world under four schedules that ask equally often: how long its news waits, and whether that is good enough."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from news.price import Budget
from tests.simulation.freshness.adaptive import adaptive
from tests.simulation.freshness.baselines import Reads, fixed, measured_reads, oracle, proportional
from tests.simulation.freshness.world import Regime, World, make_world

PHASES = 5
"""How often one interval is drawn: where it happens to begin moves its mean by a hundredth."""
MOST_OF_FIXED, MOST_OF_FIXED_P95, LEAST_OF_WAY, MOST_OF_BUDGET = 0.75, 1.10, 0.80, 1.02


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a simulation is; days before ``measured_from`` are for learning, on ``turn`` some sources turn."""

    feeds: int = 40
    days: int = 98
    measured_from: int = 35
    turn: int = 56
    reads_per_day: float = 12.0


@dataclass(frozen=True, kw_only=True)
class Delays:
    """How many minutes articles waited."""

    mean: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What came of one world; ``most_of_budget`` is the share of the budget that the most expensive week used."""

    seed: int
    regime: Regime
    news: int
    reads: int
    fixed: Delays
    proportional: Delays
    adaptive: Delays
    oracle: Delays
    most_of_budget: float

    @property
    def mean_share(self) -> float:
        """The mean delay beside that of one interval."""
        return self.adaptive.mean / self.fixed.mean

    @property
    def p95_share(self) -> float:
        """The 95th percentile beside that of one interval."""
        return self.adaptive.p95 / self.fixed.p95

    @property
    def way(self) -> float:
        """How much of the way from one interval to the oracle was gone."""
        return (self.fixed.mean - self.adaptive.mean) / (self.fixed.mean - self.oracle.mean)

    @property
    def is_good(self) -> bool:
        """Whether it is as good as it has to be."""
        return (
            self.mean_share <= MOST_OF_FIXED
            and self.p95_share <= MOST_OF_FIXED_P95
            and self.way >= LEAST_OF_WAY
            and self.most_of_budget <= MOST_OF_BUDGET
        )


def compare(seed: int, regime: Regime, size: Size) -> Comparison:
    """Return what comes of the world of a seed."""
    world = make_world(
        seed,
        regime,
        feeds=size.feeds,
        days=size.days,
        measured_from=size.measured_from,
        turn=size.turn,
    )
    course = adaptive(world, Budget(reads_per_day=size.reads_per_day))
    total = measured_reads(world, course.reads)
    drawn = [delays(world, fixed(world, total, phases)) for phases in range(PHASES)]
    return Comparison(
        seed=seed,
        regime=regime,
        news=world.measured_news,
        reads=total,
        fixed=Delays(
            mean=sum(each.mean for each in drawn) / PHASES, p95=sum(each.p95 for each in drawn) / PHASES
        ),
        proportional=delays(world, proportional(world, total)),
        adaptive=delays(world, course.reads),
        oracle=delays(world, oracle(world, total)),
        most_of_budget=max(course.weeks),
    )


def delays(world: World, reads: Reads) -> Delays:
    """Return how long the articles wait that come while it is measured; those after the last read are left out."""
    waits = []
    for feed, asked in zip(world.feeds, reads, strict=True):
        for came in feed.news[bisect_left(feed.news, world.measured_from) :]:
            found = bisect_left(asked, came)
            if found < len(asked):
                waits.append((asked[found] - came) * 1_440)
    waits.sort()
    return Delays(mean=sum(waits) / len(waits), p95=waits[int(0.95 * len(waits))])

"""Sources that bring news at random: each with a rate, hours, a weekend and bursts of its own; the rate may turn.

Times are days since `START`, a Monday. The rate of a source is constant within an hour.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

START = datetime(2026, 1, 5, tzinfo=UTC)
STEP = 1 / 24
ZONES = ("UTC", "Africa/Casablanca", "Africa/Tunis", "Africa/Cairo", "Asia/Riyadh", "Asia/Dubai", "Asia/Jakarta",
         "Europe/Paris", "America/New_York", "Asia/Karachi")  # fmt: skip
MEDIAN_RATE, SIGMA = 1.2, 1.2
BURST, BURST_DAYS, BURST_EVERY_DAYS = 6.0, 0.25, 14.0


class Regime(StrEnum):
    """What happens to some sources on the day of the turn."""

    STEADY = "steady"
    FASTER = "rate x10"
    DEAD = "sources die"
    SHIFTED = "hours shift"


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One source: its rate in each step, when it brings an article, and whether it says when that was."""

    name: str
    zone: ZoneInfo
    rates: Sequence[float]
    news: Sequence[float]
    tells_times: bool

    def between(self, since: float, until: float) -> Sequence[float]:
        """Return what came after ``since``, up to ``until``."""
        return self.news[bisect_right(self.news, since) : bisect_right(self.news, until)]


@dataclass(frozen=True, kw_only=True)
class World:
    """Some sources over some days, of which those before ``measured_from`` are for learning."""

    feeds: Sequence[Feed]
    days: int
    measured_from: int

    @property
    def measured_news(self) -> int:
        """How many articles come while it is measured."""
        return sum(len(feed.news) - bisect_left(feed.news, self.measured_from) for feed in self.feeds)


def make_world(seed: int, regime: Regime, *, feeds: int, days: int, measured_from: int, turn: int) -> World:
    """Return the world of a seed.

    Args:
        regime: what happens on the day ``turn``: to every tenth source, or to every fourth where hours shift.
        measured_from: the day from which on delays count.
    """
    random = Random(f"{seed}")
    made = [_Nature.drawn(random, number) for number in range(feeds)]
    turned = set(made[: -(-feeds // (4 if regime is Regime.SHIFTED else 10))])
    return World(
        feeds=[
            each.feed(Random(f"{seed} {each.name}"), days, regime if each in turned else Regime.STEADY, turn)
            for each in made
        ],
        days=days,
        measured_from=measured_from,
    )


@dataclass(frozen=True, kw_only=True)
class _Nature:
    name: str
    zone: ZoneInfo
    per_day: float
    peak: float
    width: float
    night: float
    weekend: float
    tells_times: bool

    @classmethod
    def drawn(cls, random: Random, number: int) -> _Nature:
        return cls(
            name=f"source-{number}",
            zone=ZoneInfo(random.choice(ZONES)),
            per_day=MEDIAN_RATE * math.exp(random.gauss(0, SIGMA)),
            peak=random.uniform(8, 17),
            width=random.uniform(2.5, 6),
            night=random.choice((0.03, 0.1, 0.3, 1.0)),
            weekend=random.choice((0.1, 0.4, 1.0)),
            tells_times=random.random() < 0.5,
        )

    def feed(self, random: Random, days: int, regime: Regime, turn: int) -> Feed:
        shapes = self._shapes()
        level = self.per_day / (sum(shapes[False]) * 5 / 7 / 24 + sum(shapes[True]) * 2 / 7 / 24)
        bursts, at = [], random.expovariate(1 / BURST_EVERY_DAYS)
        while at < days:
            bursts.append(at)
            at += random.expovariate(1 / BURST_EVERY_DAYS)
        rates: list[float] = []
        for hour in range(days * 24):
            shift = timedelta(hours=8 if regime is Regime.SHIFTED and hour >= turn * 24 else 0)
            local = (START + timedelta(hours=hour) + shift).astimezone(self.zone)
            rate = level * shapes[local.weekday() >= 5][local.hour]
            if hour >= turn * 24:
                rate *= {Regime.FASTER: 10.0, Regime.DEAD: 0.0}.get(regime, 1.0)
            rates.append(rate)
        for begin in bursts:
            for step in range(int(begin / STEP), min(int((begin + BURST_DAYS) / STEP), len(rates))):
                rates[step] *= BURST
        return Feed(
            name=self.name,
            zone=self.zone,
            rates=rates,
            news=_arrivals(random, rates),
            tells_times=self.tells_times,
        )

    def _shapes(self) -> dict[bool, list[float]]:
        """Return the level of each hour, on working days and at weekends."""
        bell = [
            self.night + math.exp(-(((hour - self.peak + 12) % 24 - 12) ** 2) / (2 * self.width**2))
            for hour in range(24)
        ]
        return {False: bell, True: [self.weekend * each for each in bell]}


def _arrivals(random: Random, rates: Sequence[float]) -> list[float]:
    """Return the moments of a Poisson process with these rates: unit steps of its integral."""
    integral = [0.0, *accumulate(rate * STEP for rate in rates)]
    found, reached = [], random.expovariate(1)
    while reached < integral[-1]:
        step = bisect_right(integral, reached) - 1
        found.append((step + (reached - integral[step]) / (rates[step] * STEP)) * STEP)
        reached += random.expovariate(1)
    return found

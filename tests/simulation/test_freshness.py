"""The adaptive schedule in small worlds: sooner than one interval, within its budget, and the same each time."""

from __future__ import annotations

import pytest

from news.price import Budget
from tests.simulation.freshness.adaptive import adaptive
from tests.simulation.freshness.baselines import fixed, measured_reads, oracle, proportional
from tests.simulation.freshness.compare import Size, compare, delays
from tests.simulation.freshness.world import Regime, World, make_world

SMALL = Size(feeds=16, days=42, measured_from=14, turn=28, reads_per_day=6)
TURN = 14


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(7, Regime.STEADY, feeds=10, days=21, measured_from=7, turn=14)


@pytest.mark.parametrize("regime", list(Regime))
def test_news_is_found_sooner_for_as_many_requests(regime: Regime) -> None:
    found = compare(7, regime, SMALL)
    # Wider than the bars of `make simulate-freshness`: of so few sources one that turns is much of all, and two of the
    # four weeks are learning. Its figures are what docs/performance.md tells.
    assert found.mean_share <= 0.8, found
    assert found.p95_share <= 1.25, found
    assert found.way >= 0.65, found
    assert found.most_of_budget <= 1.12, found


def test_a_simulation_is_the_same_each_time(world: World) -> None:
    budget = Budget(reads_per_day=6)
    assert adaptive(world, budget) == adaptive(world, budget)


def test_what_it_is_compared_with_asks_as_often(world: World) -> None:
    for schedule in (fixed, proportional, oracle):
        assert measured_reads(world, schedule(world, 800)) == pytest.approx(800, rel=0.02), schedule


def test_one_interval_lets_news_wait_half_of_it(world: World) -> None:
    waits = delays(world, fixed(world, 840))  # ten sources, fourteen days: every four hours
    assert waits.mean == pytest.approx(120, rel=0.1)
    assert waits.p95 == pytest.approx(0.95 * 240, rel=0.05)


def test_who_knows_every_rate_is_soonest(world: World) -> None:
    means = [delays(world, schedule(world, 800)).mean for schedule in (oracle, fixed, proportional)]
    assert means[0] < 0.8 * means[1]
    assert means[0] < 0.8 * means[2]


def test_a_turn_happens_on_its_day_and_to_some_sources_only() -> None:
    for regime in (Regime.FASTER, Regime.DEAD, Regime.SHIFTED):
        turned = make_world(3, regime, feeds=10, days=28, measured_from=7, turn=TURN)
        steady = make_world(3, Regime.STEADY, feeds=10, days=28, measured_from=7, turn=TURN)
        pairs = list(zip(turned.feeds, steady.feeds, strict=True))
        assert all(a.rates[: TURN * 24] == b.rates[: TURN * 24] for a, b in pairs)
        changed = [a.rates[TURN * 24 :] != b.rates[TURN * 24 :] for a, b in pairs]
        assert 0 < sum(changed) <= 3

"""What a question costs: the price follows the budget day by day, and a host has only so many requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.price import FARTHEST, Budget, Price, first_price, host_free_at, is_over, next_price

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)
BUDGET = Budget(reads_per_day=24, host_requests=100)


def after_days(wanted: float, days: int) -> list[Price]:
    """Return the prices of some days on which 10 sources ask ``wanted`` / price times in all."""
    prices = [first_price(BUDGET, MONDAY)]
    for number in range(days):
        used = replace(prices[-1], used=round(wanted / prices[-1].value))
        prices.append(next_price(used, MONDAY + (number + 1) * DAY, budget=BUDGET, sources=10))
    return prices


def test_a_day_ends_at_midnight_in_utc() -> None:
    price = first_price(BUDGET, MONDAY + timedelta(hours=9))
    assert not is_over(price, MONDAY + timedelta(hours=23, minutes=59))
    assert is_over(price, MONDAY + DAY)
    assert not is_over(price, MONDAY - DAY), "a clock that was set back ends no day"


@pytest.mark.parametrize("wanted", [2.0, 10.0, 40.0])
def test_the_price_comes_to_where_the_budget_is_used(wanted: float) -> None:
    last = after_days(wanted, 40)[-1]
    assert wanted / last.value == pytest.approx(240, rel=0.02)
    assert abs(last.owed) < 10


def test_a_price_moves_no_further_than_a_quarter_in_a_day() -> None:
    prices = after_days(1_000.0, 4)
    assert prices[1].value == pytest.approx(prices[0].value * 1.25)
    assert next_price(prices[0], MONDAY + DAY, budget=BUDGET, sources=10).value == pytest.approx(
        prices[0].value * 0.8
    )


def test_far_too_much_moves_the_price_at_once_and_a_weekend_little() -> None:
    moved = [
        next_price(Price(value=1.0, since=MONDAY, used=used), MONDAY + DAY, budget=BUDGET, sources=10).value
        for used in (200, 238, 255, 300)
    ]
    assert moved == pytest.approx([0.917, 1.0, 1.036, 1.204], abs=0.003)


def test_what_was_used_too_much_is_paid_back() -> None:
    owing = Price(value=1 / 24, since=MONDAY, used=240, owed=60)
    assert next_price(owing, MONDAY + DAY, budget=BUDGET, sources=10).value > 1 / 24


def test_a_day_of_which_only_the_evening_was_seen_says_little() -> None:
    evening = Price(value=1 / 24, since=MONDAY + timedelta(hours=22), used=20)
    found = next_price(evening, MONDAY + DAY, budget=BUDGET, sources=10)
    assert found.value == pytest.approx(1 / 24, rel=0.01)
    quiet = next_price(replace(evening, used=0), MONDAY + DAY, budget=BUDGET, sources=10)
    assert quiet.value == pytest.approx(0.8 ** (1 / 12) / 24)


@given(
    value=st.floats(1e-6, 1e3),
    used=st.integers(0, 10**7),
    owed=st.floats(-1e6, 1e6),
    sources=st.integers(0, 500),
)
def test_a_price_stays_within_reach_of_the_first(value: float, used: int, owed: float, sources: int) -> None:
    given = Price(value=value, since=MONDAY, used=used, owed=owed)
    found = next_price(given, MONDAY + 3 * DAY, budget=BUDGET, sources=sources)
    assert 1 / 24 / FARTHEST <= found.value <= FARTHEST / 24
    assert abs(found.owed) <= 24 * max(sources, 1)
    assert found.used == 0


@pytest.mark.parametrize(
    ("used", "hour", "free_after"),
    [
        (0, 0, 0),
        (40, 12, 0),
        (50, 12, 0),
        (76, 12, 0.5),
        (99, 12, 12),
        (100, 12, 12),
        (400, 23, 1),
        (1, 0, 24 / 99),
    ],
)
def test_a_host_gets_what_is_left_of_its_requests_evenly(used: int, hour: int, free_after: float) -> None:
    now = MONDAY + timedelta(hours=hour)
    assert (host_free_at(used, now, BUDGET) - now) / timedelta(hours=1) == pytest.approx(free_after)


def test_one_source_never_uses_up_more_than_a_hosts_requests_of_a_day() -> None:
    now, used = MONDAY, 0
    while now < MONDAY + DAY:
        used += 1
        now = max(host_free_at(used, now, BUDGET), now + timedelta(minutes=1))
    assert 95 <= used <= 100

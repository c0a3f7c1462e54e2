"""How fast a source brings news by what it brought, and when it is asked again."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.pace import (
    HALF_LIFE_DAYS,
    JITTER,
    MAX_SECONDS,
    MIN_SECONDS,
    Bound,
    NextRead,
    Pace,
    Terms,
    next_read,
    observe,
    rate_of,
    shape_of,
)
from news.week import HOURS, SHARES

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
DAY = timedelta(days=1)


def lived(days: int, *, hours: tuple[int, ...], weekends: bool = True, zone: ZoneInfo = UTC_ZONE) -> Pace:
    """Return the pace of a source that was read every hour and brought one article in each of these hours, local."""
    pace, at = Pace(until=MONDAY), MONDAY
    while at < MONDAY + days * DAY:
        local = at.astimezone(zone)
        if local.hour in hours and (weekends or local.weekday() < 5):
            pace = observe(pace, [None], since=at, until=at + timedelta(hours=1), zone=zone)
        at += timedelta(hours=1)
    return pace


def asked(pace: Pace, after: datetime, **more: object) -> NextRead:
    """Return when it is asked again, without jitter, at the price that reads a source of one a day 48 times."""
    given: dict[str, object] = {
        "zone": UTC_ZONE, "read_until": after, "price": 1 / 48, "terms": Terms(),
    }  # fmt: skip
    return next_read(pace, after=after, **(given | more))  # type: ignore[arg-type]


def wait_of(pace: Pace, after: datetime, **more: object) -> float:
    """Return the same as minutes from ``after``."""
    return (asked(pace, after, **more).at - after) / timedelta(minutes=1)


# ------------------------------------------------------------------------------------------------ the rate


def test_a_source_of_which_nothing_is_known_is_read_as_one_of_one_article_a_day() -> None:
    assert rate_of(Pace(), None, UTC_ZONE).per_day == 1
    assert wait_of(Pace(), MONDAY) == 30


def test_the_rate_becomes_what_is_counted() -> None:
    pace = lived(60, hours=(6, 12, 18))
    assert rate_of(pace, MONDAY + 60 * DAY, UTC_ZONE).per_day == pytest.approx(3, rel=0.05)


def test_silence_counts_without_being_written_down() -> None:
    pace = lived(28, hours=(12,))
    rates = [rate_of(pace, MONDAY + days * DAY, UTC_ZONE).per_day for days in (28, 35, 56, 112, 400)]
    assert rates == sorted(rates, reverse=True)
    soon = MONDAY + 33 * DAY
    written = observe(pace, [], since=MONDAY + 28 * DAY, until=soon, zone=UTC_ZONE)
    assert rate_of(written, soon, UTC_ZONE).per_day == pytest.approx(rate_of(pace, soon, UTC_ZONE).per_day)
    assert rates[-1] < 0.05


def test_what_was_counted_is_forgotten_by_halves() -> None:
    pace = lived(1, hours=(23,))
    later = observe(pace, [], since=MONDAY + DAY, until=MONDAY + DAY * (1 + HALF_LIFE_DAYS), zone=UTC_ZONE)
    assert later.news == pytest.approx(pace.news / 2, rel=1e-6)
    assert sum(later.hours) == pytest.approx(later.news)


def test_a_rate_that_rises_tenfold_is_believed_after_days() -> None:
    pace = lived(28, hours=(12,))
    at = MONDAY + 28 * DAY
    for _ in range(4 * 10):
        pace = observe(pace, [None], since=at, until=at + DAY / 10, zone=UTC_ZONE)
        at += DAY / 10
    rate = rate_of(pace, at, UTC_ZONE)
    assert rate.has_turned
    assert rate.per_day > 5
    assert "new a day lately" in asked(pace, at).because


def test_a_source_that_dies_is_no_longer_read_by_what_it_was() -> None:
    pace = lived(56, hours=(6, 8, 10, 12, 14, 16))
    at = MONDAY + 56 * DAY
    assert rate_of(pace, at, UTC_ZONE).per_day == pytest.approx(6, rel=0.05)
    week_later = rate_of(pace, at + 7 * DAY, UTC_ZONE)
    assert week_later.has_turned
    assert week_later.per_day < 0.2
    news = observe(pace, [None], since=at + 7 * DAY, until=at + 7.1 * DAY, zone=UTC_ZONE)
    assert rate_of(news, at + 7.1 * DAY, UTC_ZONE).per_day > 1


def test_neither_a_weekend_nor_a_busy_day_is_a_turn() -> None:
    pace = lived(56, hours=(6, 8, 10, 12, 14, 16), weekends=False)
    at = MONDAY + 56 * DAY
    assert not rate_of(pace, at, UTC_ZONE).has_turned, "Monday after the weekend"
    busy = observe(pace, [None] * 8, since=at, until=at + DAY / 2, zone=UTC_ZONE)
    assert not rate_of(busy, at + DAY / 2, UTC_ZONE).has_turned


def test_a_read_that_is_older_than_what_is_counted_counts_nothing() -> None:
    pace = lived(7, hours=(12,))
    assert observe(pace, [None] * 9, since=MONDAY, until=MONDAY + DAY, zone=UTC_ZONE) == pace


# ------------------------------------------------------------------------------------------------ the hours


def test_little_counted_leaves_the_week_flat() -> None:
    assert set(shape_of(Pace())) == {1.0}
    once = observe(Pace(until=MONDAY), [None], since=MONDAY, until=MONDAY + DAY / 24, zone=UTC_ZONE)
    assert max(shape_of(once)) < 1.6


def test_much_counted_shows_the_hours_and_the_weekend() -> None:
    shape = shape_of(lived(84, hours=(9, 10, 11), weekends=False))
    assert shape[10] > 4
    assert max(shape[0:6]) < 0.25
    assert max(shape[24:]) < 0.35


@settings(deadline=None)
@given(hours=st.lists(st.floats(0, 1e4), min_size=HOURS, max_size=HOURS), days=st.floats(0, 40))
def test_a_shape_is_one_on_average_before_it_is_bounded(hours: list[float], days: float) -> None:
    shape = shape_of(Pace(until=MONDAY, news=sum(hours), days=days, hours=tuple(hours)))
    assert all(0.1 <= each <= 5 for each in shape)
    if min(shape) > 0.1 and max(shape) < 5:
        assert sum(each * share for each, share in zip(shape, SHARES, strict=True)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("zone", "hour"), [("UTC", 9), ("Africa/Tunis", 10), ("America/New_York", 4), ("Asia/Kathmandu", 15)]
)
def test_hours_are_those_of_the_source(zone: str, hour: int) -> None:
    at = MONDAY + timedelta(hours=9, minutes=20)
    pace = observe(Pace(until=MONDAY), [at], since=MONDAY, until=at, zone=ZoneInfo(zone))
    assert pace.hours.index(max(pace.hours)) == hour


def test_fridays_are_weekends_where_offices_are_shut_then() -> None:
    friday = MONDAY + 4 * DAY + timedelta(hours=9)
    pace = observe(Pace(until=MONDAY), [friday], since=MONDAY, until=friday, zone=ZoneInfo("Asia/Riyadh"))
    assert pace.hours.index(max(pace.hours)) == 24 + 12


def test_what_has_no_exact_time_is_spread_over_the_time_since_the_last_read() -> None:
    until = MONDAY + timedelta(hours=10)
    pace = observe(Pace(until=MONDAY), [None], since=until - timedelta(hours=4), until=until, zone=UTC_ZONE)
    assert [hour for hour, counted in enumerate(pace.hours) if counted] == [6, 7, 8, 9]
    assert sum(pace.hours) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("claimed", [MONDAY - DAY, MONDAY + 9 * DAY])
def test_a_time_that_cannot_be_meant_is_spread_as_well(claimed: datetime) -> None:
    until = MONDAY + timedelta(hours=10)
    since = until - timedelta(hours=4)
    given = observe(Pace(until=MONDAY), [claimed], since=since, until=until, zone=UTC_ZONE)
    assert given == observe(Pace(until=MONDAY), [None], since=since, until=until, zone=UTC_ZONE)


# ------------------------------------------------------------------------------------------------ the next time


def test_questions_go_by_the_square_root_of_the_rate() -> None:
    slow = Pace(until=MONDAY, news=40, days=40)
    fast = Pace(until=MONDAY, news=160, days=40)
    ratio = wait_of(slow, MONDAY) / wait_of(fast, MONDAY)
    assert ratio == pytest.approx(math.sqrt(161 / 41), rel=0.01)


def test_the_integral_is_paid_across_hours_that_differ() -> None:
    pace = lived(84, hours=(9, 10, 11))
    night, morning = MONDAY + 84 * DAY + timedelta(hours=1), MONDAY + 84 * DAY + timedelta(hours=9)
    assert wait_of(pace, night) > 2.5 * wait_of(pace, morning)
    due = asked(pace, night, price=0.3)
    paid, at = 0.0, night
    while at < due.at:
        paid += math.sqrt(due.rate.per_day * shape_of(pace)[at.hour]) / 1_440
        at += timedelta(minutes=1)
    assert paid == pytest.approx(0.3, rel=0.01)


def test_a_weight_counts_as_a_rate_does() -> None:
    assert wait_of(Pace(), MONDAY, terms=Terms(weight=4)) == 15
    assert "weight 4" in asked(Pace(), MONDAY, terms=Terms(weight=4)).because


@pytest.mark.parametrize(
    ("case", "more", "bound", "minutes", "said"),
    [
        ("the price", {}, Bound.PRICE, 30, "as many on working days at 0 h"),
        ("cheap", {"price": 1e-6}, Bound.SHORTEST, 5, "; never sooner than after 5 min"),
        ("dear", {"price": 9.0}, Bound.LONGEST, 1_440, "; never later than after 1 day"),
        (
            "its own bounds",
            {"price": 9.0, "terms": Terms(max_seconds=7_200)},
            Bound.LONGEST,
            120,
            "after 2 h",
        ),
        ("a short page", {"price": 9.0, "page_entries": 1}, Bound.PAGE, 360, "could fill its page"),
        ("a long page", {"price": 9.0, "page_entries": 50}, Bound.LONGEST, 1_440, "never later"),
    ],
)
def test_what_bounds_a_wait_is_said(
    case: str, more: dict[str, object], bound: Bound, minutes: int, said: str
) -> None:
    due = asked(Pace(), MONDAY, **more)
    assert (due.bound, (due.at - MONDAY) / timedelta(minutes=1)) == (bound, minutes), case
    assert said in due.because


def test_a_page_is_read_before_it_could_be_filled_at_the_fastest_hour() -> None:
    pace = lived(84, hours=(9, 10, 11))
    night = MONDAY + 84 * DAY
    due = asked(pace, night, price=5.0, page_entries=10)
    per_hour = due.rate.per_day * max(shape_of(pace)) / 24
    assert due.bound is Bound.PAGE
    assert (due.at - night) / timedelta(hours=1) * per_hour == pytest.approx(10 / 4, rel=0.01)


@settings(deadline=None)
@given(
    news=st.floats(0, 1e5),
    days=st.floats(0, 41),
    price=st.floats(1e-6, 100),
    page=st.integers(0, 500),
    minutes=st.integers(0, 400_000),
)
def test_a_wait_is_always_within_its_bounds(
    news: float, days: float, price: float, page: int, minutes: int
) -> None:
    after = MONDAY + timedelta(minutes=minutes)
    pace = Pace(until=MONDAY, news=news, days=days, hours=(news / HOURS,) * HOURS)
    wait = wait_of(pace, after, price=price, page_entries=page, name="x", zone=ZoneInfo("Europe/Paris"))
    assert MIN_SECONDS <= wait * 60 <= MAX_SECONDS


def test_sources_drift_apart_by_a_share_that_only_names_and_moments_decide() -> None:
    waits = [wait_of(Pace(), MONDAY, name=f"source-{number}") for number in range(200)]
    assert waits == [wait_of(Pace(), MONDAY, name=f"source-{number}") for number in range(200)]
    assert 30 * (1 - JITTER) <= min(waits) < 29
    assert 31 < max(waits) <= 30 * (1 + JITTER)
    assert len({wait_of(Pace(), MONDAY + number * DAY, name="one") for number in range(50)}) > 10


def test_the_day_on_which_clocks_change_has_its_hours() -> None:
    paris = ZoneInfo("Europe/Paris")
    for change in (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)):
        assert wait_of(Pace(), change, zone=paris, price=6 / 24) == 6 * 60

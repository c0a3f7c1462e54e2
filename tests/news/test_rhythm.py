"""When a source's silence is improbable for its own rhythm, and how seldom that is said without cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.rhythm import KEPT_DAYS, Silence, add_news_day, silence_of

MONDAY = date(2026, 1, 5)
"""The day on which every source of these tests was read for the first time."""


def moment(number: int, hour: int = 12) -> datetime:
    """Return a time on the day of this number, in UTC."""
    return datetime.combine(MONDAY + timedelta(days=number), time(hour), UTC)


def silence(news: list[int], read_until: int) -> Silence | None:
    """Return the silence on a day, after news on the days of these numbers."""
    days = [(MONDAY + timedelta(days=number)).isoformat() for number in news]
    return silence_of(days, read_since=moment(0), read_until=moment(read_until), time_zone="UTC")


DAILY = list(range(60))
WORKDAYS = [number for number in range(60) if number % 7 < 5]  # the last is a Thursday
MONDAYS = list(range(0, 140, 7))
SPELLS = [start + number for start in range(0, 120, 30) for number in range(4)]


@pytest.mark.parametrize(
    ("rhythm", "news", "days_later", "is_quiet"),
    [
        ("every day", DAILY, 2, False),
        ("every day", DAILY, 3, True),
        ("on workdays, and it is the weekend", WORKDAYS, 4, False),
        ("on workdays, and Monday to Wednesday were silent", WORKDAYS, 7, True),
        ("every Monday, and it is Sunday", MONDAYS, 6, False),
        ("every Monday, and one was left out", MONDAYS, 8, False),
        ("every Monday, and four were left out", MONDAYS, 30, True),
        ("in spells, with four weeks between them", SPELLS, 26, False),
        ("in spells, and three were left out", SPELLS, 120, True),
        ("nobody knows yet", [0, 3, 4, 9], 300, False),
        ("never anything", [], 300, False),
    ],
)
def test_a_silence_is_told_when_the_rhythm_does_not_explain_it(
    rhythm: str, news: list[int], days_later: int, is_quiet: bool
) -> None:
    found = silence(news, max(news, default=0) + days_later)
    assert (found is not None) == is_quiet, f"{rhythm}: {found}"


def test_what_is_told_of_a_silence() -> None:
    found = silence(DAILY, 69)
    assert found is not None
    assert (found.since, found.days) == (MONDAY + timedelta(days=59), 9)
    assert 7 < found.expected < 9
    assert found.probability < 0.001


def test_only_whole_days_that_were_read_count() -> None:
    """Of what came after the last complete read nobody knows; the day of it is not over."""
    days = [(MONDAY + timedelta(days=number)).isoformat() for number in DAILY]
    for until in (None, moment(59, 23), moment(61, 23)):
        assert silence_of(days, read_since=moment(0), read_until=until, time_zone="UTC") is None


def test_a_day_begins_where_the_source_lives() -> None:
    late = moment(0, 23)
    assert add_news_day([], late, "UTC") == ["2026-01-05"]
    assert add_news_day([], late, "Asia/Tokyo") == ["2026-01-06"]


@given(st.lists(st.integers(0, 1000), max_size=400))
def test_the_days_of_news_are_kept_in_order_each_once_and_not_without_end(numbers: list[int]) -> None:
    days: list[str] = []
    for number in numbers:
        days = add_news_day(days, moment(number), "UTC")
    assert days == sorted(set(days))
    assert len(days) <= KEPT_DAYS
    assert not numbers or (MONDAY + timedelta(days=max(numbers))).isoformat() in days


@given(st.sets(st.integers(0, 400), max_size=200), st.integers(0, 500))
def test_a_longer_silence_is_never_more_probable(news: set[int], until: int) -> None:
    first, later = silence(sorted(news), until), silence(sorted(news), until + 1)
    if first is not None and until >= max(news):
        assert later is not None
        assert later.probability <= first.probability


def counted(share: Callable[[int], float], seed: int) -> tuple[int, int | None]:
    """Return the false alarms of a year, and after how many days the end of the source is told."""
    random = Random(seed)
    news = [number for number in range(365) if random.random() < share(number)]
    alarms, was = 0, False
    for day in range(30, 365):
        found = silence([number for number in news if number < day], day)
        alarms, was = alarms + (found is not None and not was), found is not None
    told = next((day for day in range(365, 500) if silence(news, day)), None)
    return alarms, None if told is None else told - max(news)


@pytest.mark.parametrize(
    ("share", "false_a_year", "told_within"),
    [
        pytest.param(lambda _: 0.95, 0.5, 6, id="nearly every day"),
        pytest.param(lambda day: 0.9 if day % 7 < 5 else 0.02, 0.5, 9, id="workdays"),
        pytest.param(lambda day: 0.95 if day % 7 == 0 else 0.0, 0.5, 36, id="mondays"),
        pytest.param(lambda _: 0.2, 0.5, 75, id="every fifth day"),
    ],
)
def test_false_alarms_are_rare_and_a_source_that_ended_is_noticed(
    share: Callable[[int], float], false_a_year: float, told_within: int
) -> None:
    found = [counted(share, seed) for seed in range(6)]
    assert sum(alarms for alarms, _ in found) / len(found) <= false_a_year
    assert all(after is not None and after <= told_within for _, after in found), found

"""When to look again: a rhythm that slows with age, and an end to waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.looking import (
    AGES,
    CONFIRM_AFTER,
    PENDING_AT_MOST,
    PENDING_ATTEMPTS,
    is_exhausted,
    next_attempt,
    next_look,
)

BORN = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "due_at_age"),
    [
        (timedelta(0), timedelta(minutes=15)),
        (timedelta(minutes=15), timedelta(hours=1)),
        (timedelta(minutes=59), timedelta(hours=1)),
        (timedelta(hours=2), timedelta(hours=3)),
        (timedelta(hours=3), timedelta(days=1)),
        (timedelta(days=2), timedelta(days=3)),
        (timedelta(days=3), None),
    ],
)
def test_an_article_is_looked_at_more_rarely_as_it_ages(age: timedelta, due_at_age: timedelta | None) -> None:
    expected = None if due_at_age is None else BORN + due_at_age
    assert next_look(BORN, BORN + age, None) == expected


def test_a_missing_page_is_asked_again_when_it_may_count() -> None:
    now = BORN + timedelta(days=30)
    assert next_look(BORN, now, now) == now + CONFIRM_AFTER
    late = now + timedelta(hours=5)
    assert next_look(BORN, late, now) == late + timedelta(minutes=1)


@given(st.integers(0, 5_000))
def test_looks_end(minutes: int) -> None:
    now, looks = BORN + timedelta(minutes=minutes), 0
    while (due := next_look(BORN, now, None)) is not None:
        assert due > now
        now, looks = due, looks + 1
    assert looks <= len(AGES)


def test_attempts_become_rarer() -> None:
    waits = [next_attempt(attempts, BORN, BORN) - BORN for attempts in range(6)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=15)


@given(st.integers(1, 9), st.integers(0, 4_000))
def test_an_attempt_is_never_later_than_the_end_of_waiting(attempts: int, minutes: int) -> None:
    now = BORN + timedelta(minutes=minutes)
    due = next_attempt(attempts, BORN, now)
    assert now < due <= max(BORN + PENDING_AT_MOST, now + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("attempts", "age", "expected"),
    [
        (PENDING_ATTEMPTS, timedelta(0), True),
        (PENDING_ATTEMPTS - 1, timedelta(0), False),
        (1, PENDING_AT_MOST, True),
        (1, PENDING_AT_MOST - timedelta(seconds=1), False),
        (0, PENDING_AT_MOST, False),
    ],
    ids=["five attempts", "four", "two days", "less than two days", "never tried"],
)
def test_waiting_ends_after_five_attempts_or_two_days(attempts: int, age: timedelta, expected: bool) -> None:
    assert is_exhausted(attempts, BORN, BORN + age) is expected


@pytest.mark.parametrize(("attempts", "expected"), [(1, False), (4, False), (5, True)])
def test_what_was_read_and_waits_for_old_addresses_is_given_up_by_attempts_alone(
    attempts: int, expected: bool
) -> None:
    """After a week's outage it is late at its second attempt, and its old addresses were never asked."""
    assert is_exhausted(attempts, BORN, BORN + timedelta(days=7), was_read=True) is expected

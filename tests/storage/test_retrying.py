from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.retrying import (
    BASE_SECONDS,
    MAX_AGE,
    MAX_ASKED_SECONDS,
    MAX_ATTEMPTS,
    MAX_SECONDS,
    SPREAD,
    Failure,
    left_in_peace,
    next_attempt,
)

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DOWN = Failure(reason="no answer")


def wait(
    attempts: int, failure: Failure = DOWN, *, tried: timedelta = timedelta(0), key: str = ""
) -> float | None:
    at = next_attempt(attempts, failure, first_at=NOW - tried, now=NOW, key=key)
    return None if at is None else (at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("attempts", "failure", "expected"),
    [
        (1, DOWN, 60),
        (2, DOWN, 120),
        (9, DOWN, 256 * 60),
        (10, DOWN, 6 * 3600),
        (19, DOWN, 6 * 3600),
        (20, DOWN, None),
        (1, Failure(reason="busy", retry_after_seconds=600), 600),
        (5, Failure(reason="busy", retry_after_seconds=1), 16 * 60),
        (1, Failure(reason="busy", retry_after_seconds=1e9), 86_400),
        (1, Failure(reason="unknown user", permanent=True), None),
        (1, Failure(reason="unsubscribed", gone=True), None),
    ],
)
def test_the_next_attempt_waits_longer_each_time_and_as_long_as_was_asked(
    attempts: int, failure: Failure, expected: float | None
) -> None:
    assert wait(attempts, failure) == expected


def test_what_was_tried_for_days_is_given_up_and_a_day_before_it_is_not() -> None:
    assert wait(3, tried=MAX_AGE) is None
    assert wait(3, tried=MAX_AGE - timedelta(days=1)) is not None


@given(
    attempts=st.integers(1, MAX_ATTEMPTS - 1),
    asked=st.none() | st.floats(0, 1e12),
    key=st.text(max_size=40),
)
def test_every_wait_is_within_its_bounds(attempts: int, asked: float | None, key: str) -> None:
    seconds = wait(attempts, Failure(reason="", retry_after_seconds=asked), key=key)
    assert seconds is not None
    longest = max(MAX_SECONDS * (1 + SPREAD), min(asked or 0, MAX_ASKED_SECONDS))
    assert max(BASE_SECONDS, min(asked or 0, MAX_ASKED_SECONDS)) <= seconds + 1e-3 <= longest + 1


@given(attempts=st.integers(1, MAX_ATTEMPTS - 2), key=st.text(max_size=40))
def test_no_wait_is_shorter_than_the_one_before(attempts: int, key: str) -> None:
    before, after = wait(attempts, key=key), wait(attempts + 1, key=key)
    assert before is not None
    assert after is not None
    assert before <= after


def test_a_target_is_left_in_peace_when_it_is_down_and_not_for_one_message_that_it_refuses() -> None:
    assert left_in_peace(2, DOWN, now=NOW) == NOW + timedelta(seconds=120)
    assert left_in_peace(2, Failure(reason="bad", permanent=True), now=NOW) is None
    assert left_in_peace(2, Failure(reason="bye", gone=True), now=NOW) is None

"""Quiet hours: over midnight, and in the nights in which the clocks are changed; they end, and lose nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.errors import ConfigError
from storage.quiet_hours import after_quiet, check_quiet_hours, end_of_quiet
from storage.subscribing import Rhythm

PARIS, CASABLANCA, LORD_HOWE = "Europe/Paris", "Africa/Casablanca", "Australia/Lord_Howe"
HOURS = ("22:00-07:00", "13:00-15:30", "02:15-02:45", "02:30-07:00", "23:59-00:01", "00:00-23:59")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "begin", "end"),
    [
        # An ordinary night and an ordinary noon.
        ("22:00-07:00", "UTC", "2026-06-10T22:00", "2026-06-11T07:00"),
        ("22:00-07:00", PARIS, "2026-06-10T20:00", "2026-06-11T05:00"),
        ("13:00-15:30", CASABLANCA, "2026-06-10T12:00", "2026-06-10T14:30"),
        ("22:00-00:00", "Asia/Kathmandu", "2026-06-10T16:15", "2026-06-10T18:15"),
        # Paris, 29 March 2026: 02:00 +01 becomes 03:00 +02 at 01:00 UTC.
        ("22:00-07:00", PARIS, "2026-03-28T21:00", "2026-03-29T05:00"),
        ("22:00-02:30", PARIS, "2026-03-28T21:00", "2026-03-29T01:00"),
        ("02:30-07:00", PARIS, "2026-03-29T01:00", "2026-03-29T05:00"),
        # Paris, 25 October 2026: 03:00 +02 becomes 02:00 +01 at 01:00 UTC.
        ("22:00-07:00", PARIS, "2026-10-24T20:00", "2026-10-25T06:00"),
        ("22:00-02:30", PARIS, "2026-10-24T20:00", "2026-10-25T01:30"),
        ("02:30-07:00", PARIS, "2026-10-25T00:30", "2026-10-25T06:00"),
        ("02:15-02:45", PARIS, "2026-10-25T00:15", "2026-10-25T01:45"),
        # Casablanca in Ramadan 2026: from 15 February 03:00 +01 becomes 02:00 +00, and back on 22 March at 02:00.
        ("22:00-07:00", CASABLANCA, "2026-02-14T21:00", "2026-02-15T07:00"),
        ("22:00-02:30", CASABLANCA, "2026-02-14T21:00", "2026-02-15T02:30"),
        ("02:30-07:00", CASABLANCA, "2026-02-15T01:30", "2026-02-15T07:00"),
        ("22:00-07:00", CASABLANCA, "2026-03-21T22:00", "2026-03-22T06:00"),
        ("22:00-02:30", CASABLANCA, "2026-03-21T22:00", "2026-03-22T02:00"),
        ("02:30-07:00", CASABLANCA, "2026-03-22T02:00", "2026-03-22T06:00"),
        # Lord Howe, half an hour: 5 April 2026 02:00 +11 becomes 01:30; 4 October 02:00 +10:30 becomes 02:30.
        ("22:00-07:00", LORD_HOWE, "2026-04-04T11:00", "2026-04-04T20:30"),
        ("22:00-01:45", LORD_HOWE, "2026-04-04T11:00", "2026-04-04T15:15"),
        ("01:45-07:00", LORD_HOWE, "2026-04-04T14:45", "2026-04-04T20:30"),
        ("22:00-07:00", LORD_HOWE, "2026-10-03T11:30", "2026-10-03T20:00"),
        ("22:00-02:15", LORD_HOWE, "2026-10-03T11:30", "2026-10-03T15:30"),
        ("02:15-07:00", LORD_HOWE, "2026-10-03T15:30", "2026-10-03T20:00"),
    ],
)
def test_a_stretch_of_quiet_begins_and_ends_when_the_reader_s_clock_says(
    hours: str, zone: str, begin: str, end: str
) -> None:
    second = timedelta(seconds=1)
    assert end_of_quiet(hours, zone, at(begin) - second) is None
    moment = at(begin)
    while moment < at(end):
        assert end_of_quiet(hours, zone, moment) == at(end), moment
        moment += timedelta(minutes=5)
    assert end_of_quiet(hours, zone, at(end) - second) == at(end)
    assert end_of_quiet(hours, zone, at(end)) is None


@pytest.mark.parametrize("day", ["2026-03-29", "2026-06-01"])
def test_hours_that_do_not_exist_on_a_day_are_quiet_on_all_others(day: str) -> None:
    """02:15 to 02:45 is skipped in Paris on 29 March."""
    quiet = [minute for minute in range(1440) if end_of_quiet("02:15-02:45", PARIS, _minute(day, minute))]
    assert len(quiet) == (0 if day == "2026-03-29" else 30)


def _minute(day: str, minute: int) -> datetime:
    return at(day) + timedelta(minutes=minute)


@given(
    hours=st.sampled_from(HOURS),
    zone=st.sampled_from([PARIS, CASABLANCA, LORD_HOWE, "UTC", "America/St_Johns", "Pacific/Apia"]),
    moment=st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_quiet_hours_end_within_a_day_and_a_half_and_nothing_due_after_them_is_moved(
    hours: str, zone: str, moment: datetime
) -> None:
    now = moment.replace(tzinfo=UTC)
    then = after_quiet(hours, zone, now)
    assert now <= then <= now + timedelta(hours=36)
    if then != now:
        assert end_of_quiet(hours, zone, then - timedelta(seconds=1)) == then
    assert after_quiet(hours, zone, then) == then


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("22-7", "write when they begin and end"),
        ("22:00", "write when they begin and end"),
        ("24:00-07:00", "write when they begin and end"),
        ("22:00-24:30", "write when they begin and end"),
        ("22:60-07:00", "write when they begin and end"),
        ("07:00-07:00", "never end"),
        ("00:00-24:00", "never end"),
    ],
)
def test_quiet_hours_that_cannot_be_followed_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        check_quiet_hours(text)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        ("1h", "2026-06-10T18:30", "2026-06-10T19:30"),
        ("1h", "2026-06-10T19:30", "2026-06-11T05:00"),
        ("0 6 * * *", "2026-06-10T12:00", "2026-06-11T05:00"),  # 06:00 in Paris is told at 07:00
        ("0 7 * * *", "2026-06-10T12:00", "2026-06-11T05:00"),
        ("0 8 * * *", "2026-06-10T12:00", "2026-06-11T06:00"),
    ],
)
def test_what_is_due_in_quiet_hours_is_due_at_their_end(schedule: str, after: str, due: str) -> None:
    rhythm = Rhythm(schedule=schedule, time_zone=PARIS, quiet_hours="22:00-07:00")
    assert rhythm.next_after(at(after)) == at(due)

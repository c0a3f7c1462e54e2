"""When a source is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from news.errors import ConfigError
from storage.schedule import backoff, check_schedule, interval_seconds, next_due

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def firings(schedule: str, zone: str, start: str, until: str) -> list[str]:
    found, moment = [], at(start)
    while (moment := next_due(schedule, zone, after=moment)) <= at(until):
        found.append(f"{moment:%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("60s", 60),
        ("15m", 900),
        ("2h", 7_200),
        ("1d", 86_400),
        (" 30M ", 1_800),
        ("* * * * *", None),
    ],
)
def test_an_interval_is_read_in_seconds(text: str, seconds: int | None) -> None:
    assert interval_seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("59s", "between 60s and 31d"),
        ("0m", "between 60s and 31d"),
        ("32d", "between 60s and 31d"),
        ("-5m", "five cron fields"),
        ("1.5h", "five cron fields"),
        ("soon", "five cron fields"),
        ("", "five cron fields"),
        ("@daily", "five cron fields"),
        ("0 6 * *", "five cron fields"),
        ("0 6 * * mon 2026", "five cron fields"),
        ("0 6 * * 1-5", "write names"),
        ("0 6 * * 0", "write names"),
        ("0 6 * * */2", "is no weekday"),
        ("0 6 * * monday", "write names"),
        ("60 6 * * *", "is no minute"),
        ("0 24 * * *", "is no hour"),
        ("0 6 0 * *", "is no day of the month"),
        ("0 6 * 13 *", "is no month"),
        ("30-10 6 * * *", "runs backwards"),
        ("*/0 * * * *", "a step of 0"),
        ("*-5 * * * *", "is no minute"),
        ("0 6 ? * *", "is no day of the month"),
        ("0 6 13 * fri", "and '*' for the other"),
        ("0 6 30 feb *", "never be due"),
        ("0 6 31 4,6,9,11 *", "never be due"),
        ("٥ 6 * * *", "is no minute"),
    ],
)
def test_a_schedule_that_cannot_be_followed_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason.replace("*", r"\*")):
        check_schedule(text, "UTC")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "utc\x00"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ConfigError, match="time zone"):
        check_schedule("30m", zone)


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "due"),
    [
        ("0 7 * * *", "UTC", "2026-06-10T06:59:59", "2026-06-10T07:00"),
        ("0 7 * * *", "UTC", "2026-06-10T07:00:00", "2026-06-11T07:00"),
        ("0 7 * * *", "Europe/Paris", "2026-06-10T06:00", "2026-06-11T05:00"),
        ("*/20 8-9 * * *", "UTC", "2026-06-10T09:41", "2026-06-11T08:00"),
        ("5/20 * * * *", "UTC", "2026-06-10T09:26", "2026-06-10T09:45"),
        ("0 6 * * mon-fri", "UTC", "2026-06-12T06:00", "2026-06-15T06:00"),
        ("0 6 * * sun-thu", "UTC", "2026-06-11T06:00", "2026-06-14T06:00"),
        ("0 6 * * sat,mon", "UTC", "2026-06-13T07:00", "2026-06-15T06:00"),
        ("0 6 1 jan *", "UTC", "2026-06-10T00:00", "2027-01-01T06:00"),
        ("0 6 29 2 *", "UTC", "2026-06-10T00:00", "2028-02-29T06:00"),
        ("0 6 29 2 *", "UTC", "2096-03-01T00:00", "2104-02-29T06:00"),
        ("0 0 * * *", "Asia/Kathmandu", "2026-06-10T12:00", "2026-06-10T18:15"),
    ],
)
def test_the_next_firing_of_a_cron_line(schedule: str, zone: str, after: str, due: str) -> None:
    assert next_due(schedule, zone, after=at(after)) == at(due)


@pytest.mark.parametrize(
    ("schedule", "zone", "start", "until", "expected"),
    [
        # Paris, 29 March 2026: 02:00 +01 becomes 03:00 +02 at 01:00 UTC.
        (
            "30 2 * * *",
            "Europe/Paris",
            "2026-03-28T00:00",
            "2026-03-30T23:00",
            ["28 01:30", "29 01:00", "30 00:30"],
        ),
        ("0,30 2 * * *", "Europe/Paris", "2026-03-28T12:00", "2026-03-29T12:00", ["29 01:00"]),
        ("30 2,3 * * *", "Europe/Paris", "2026-03-28T12:00", "2026-03-29T12:00", ["29 01:00", "29 01:30"]),
        (
            "0 * * * *",
            "Europe/Paris",
            "2026-03-28T23:30",
            "2026-03-29T02:30",
            ["29 00:00", "29 01:00", "29 02:00"],
        ),
        # Paris, 25 October 2026: 03:00 +02 becomes 02:00 +01 at 01:00 UTC.
        (
            "30 2 * * *",
            "Europe/Paris",
            "2026-10-24T00:00",
            "2026-10-26T23:00",
            ["24 00:30", "25 00:30", "26 01:30"],
        ),
        ("0 3 * * *", "Europe/Paris", "2026-10-24T12:00", "2026-10-25T12:00", ["25 02:00"]),
        (
            "*/30 * * * *",
            "Europe/Paris",
            "2026-10-24T23:45",
            "2026-10-25T02:00",
            ["25 00:00", "25 00:30", "25 01:00", "25 01:30", "25 02:00"],
        ),
        # Casablanca, 15 February 2026 (before Ramadan): 03:00 +01 becomes 02:00 +00 at 02:00 UTC.
        (
            "30 2 * * *",
            "Africa/Casablanca",
            "2026-02-14T00:00",
            "2026-02-16T23:00",
            ["14 01:30", "15 01:30", "16 02:30"],
        ),
        (
            "0 * * * *",
            "Africa/Casablanca",
            "2026-02-15T00:30",
            "2026-02-15T03:30",
            ["15 01:00", "15 02:00", "15 03:00"],
        ),
        # Casablanca, 22 March 2026 (after Ramadan): 02:00 +00 becomes 03:00 +01 at 02:00 UTC.
        (
            "30 2 * * *",
            "Africa/Casablanca",
            "2026-03-21T00:00",
            "2026-03-23T23:00",
            ["21 02:30", "22 02:00", "23 01:30"],
        ),
        (
            "0 * * * *",
            "Africa/Casablanca",
            "2026-03-22T00:30",
            "2026-03-22T03:30",
            ["22 01:00", "22 02:00", "22 03:00"],
        ),
    ],
)
def test_a_change_of_the_clocks_neither_doubles_nor_drops_a_firing(
    schedule: str, zone: str, start: str, until: str, expected: list[str]
) -> None:
    assert firings(schedule, zone, start, until) == expected


def test_a_pause_of_days_is_caught_up_by_one_firing_only() -> None:
    assert next_due("0 * * * *", "UTC", after=NOON + timedelta(days=9, seconds=1)) == NOON + timedelta(
        days=9, hours=1
    )


def test_sources_of_one_interval_are_spread_and_each_keeps_its_place() -> None:
    waits = {name: next_due("1h", "UTC", after=NOON, name=name) - NOON for name in map(str, range(200))}
    assert waits == {name: next_due("1h", "UTC", after=NOON, name=name) - NOON for name in waits}
    seconds = sorted(wait.total_seconds() for wait in waits.values())
    assert 3_420 <= seconds[0] < 3_460
    assert 3_740 < seconds[-1] <= 3_780
    assert len(set(seconds)) > 100


@given(name=st.text(max_size=20), seconds=st.integers(60, 86_400))
def test_an_interval_is_never_shorter_than_a_minute_nor_moved_by_more_than_a_twentieth(
    name: str, seconds: int
) -> None:
    wait = (next_due(f"{seconds}s", "UTC", after=NOON, name=name) - NOON).total_seconds()
    assert max(60, seconds * 0.95 - 1) <= wait <= max(60, seconds * 1.05 + 1)


_moments = st.integers(1_577_836_800, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC))
_lines = st.tuples(
    st.sampled_from(["*", "0", "*/15", "7,37", "10-50/20"]),
    st.sampled_from(["*", "2", "*/6", "1-3", "0,23"]),
    st.sampled_from(["*", "1", "31", "10-20"]),
    st.sampled_from(["*", "3", "oct", "2-12/5"]),
    st.sampled_from(["*", "mon-fri", "sun", "sat,wed"]),
).filter(lambda fields: fields[2] == "*" or fields[4] == "*")


@given(line=_lines, after=_moments)
def test_without_changes_of_the_clocks_we_agree_with_a_well_known_scheduler(
    line: tuple[str, ...], after: datetime
) -> None:
    trigger = CronTrigger.from_crontab(" ".join(line), timezone=UTC)
    expected = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    assert next_due(" ".join(line), "UTC", after=after) == expected


@settings(max_examples=200)
@given(
    line=_lines,
    after=_moments,
    zone=st.sampled_from(["Europe/Paris", "Africa/Casablanca", "Australia/Lord_Howe", "America/New_York"]),
)
def test_a_firing_is_later_stable_and_shown_by_the_wall_clock(
    line: tuple[str, ...], after: datetime, zone: str
) -> None:
    due = next_due(" ".join(line), zone, after=after)
    assert due > after
    assert next_due(" ".join(line), zone, after=due - timedelta(seconds=1)) == due
    local = due.astimezone(ZoneInfo(zone))
    assert local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("failures", "base", "seconds"),
    [
        (0, 900, 900),
        (1, 900, 1_800),
        (3, 900, 7_200),
        (7, 900, 86_400),
        (10_000, 60, 86_400),
        (3, 200_000, 200_000),
    ],
)
def test_patience_doubles_with_each_failure_up_to_a_day(failures: int, base: float, seconds: float) -> None:
    assert backoff(failures, base) == seconds

"""What is composed by itself: for whom, when, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, update

from digest.due import DueDigests
from news.change import ChangeKind
from news.errors import ConfigError
from storage.claims import claim_due, mark_failed
from storage.deliveries import DeliveryState
from storage.engine import reading, writing
from storage.reader_tables import Digest as DigestTable
from storage.reader_tables import Subscription
from storage.retrying import Failure
from storage.subscribing import Rhythm, add, edit, next_time, pause, resume
from storage.subscriptions import DigestFilter, WhenEmpty, digest_notes, load
from storage.targets import TargetPlan
from tests.digest.logs import Log
from tests.storage.outbox import deliveries

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FOLDER = TargetPlan(kind="file", options={"folder": "/nowhere", "format": "text"})


def subscribe(
    log: Log,
    name: str,
    *,
    schedule: str = "",
    zone: str = "UTC",
    quiet: str = "",
    empty: WhenEmpty = WhenEmpty.SILENT,
    languages: Sequence[str] = (),
) -> None:
    add(
        log.engine,
        name,
        filter=DigestFilter(languages=tuple(languages)),
        target=FOLDER,
        rhythm=Rhythm(schedule=schedule, time_zone=zone, quiet_hours=quiet, when_empty=empty),
        now=NOW,
    )


def publish(log: Log, name: str) -> None:
    log.published("a", f"https://news.example/{name}", f"Title of {name}", language="en")


def told(due: DueDigests, at: datetime = NOW) -> list[tuple[str, int | None, int]]:
    return [(each.subscription, each.number, len(each.items)) for each in due.compose(now=at)]


@pytest.fixture
def news(log: Log) -> Log:
    log.source("a", language="en")
    publish(log, "old")
    return log


def test_what_is_new_is_composed_at_once_and_put_into_the_outbox(news: Log) -> None:
    subscribe(news, "desk")
    due = DueDigests(news.engine)
    assert told(due) == []
    publish(news, "x")
    publish(news, "y")
    assert told(due) == [("desk", 1, 2)]
    assert told(due) == []
    assert [(each.subscription, each.number) for each in deliveries(news.engine)] == [("desk", 1)]


def test_nobody_without_a_target_is_told_and_nobody_who_is_paused(news: Log) -> None:
    add(news.engine, "by hand", filter=DigestFilter(), now=NOW)
    subscribe(news, "desk")
    pause(news.engine, "desk")
    publish(news, "x")
    due = DueDigests(news.engine)
    assert told(due) == []
    resume(news.engine, "desk")
    assert told(due) == [("desk", 1, 1)]


@pytest.mark.parametrize(
    ("schedule", "zone", "first"),
    [
        ("0 7 * * *", "Africa/Tunis", datetime(2026, 11, 21, 6, tzinfo=UTC)),
        ("30 18 * * fri", "UTC", datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        ("2h", "UTC", NOW + timedelta(hours=2)),
    ],
)
def test_one_message_a_period_is_composed_at_its_time_in_the_reader_s_zone(
    news: Log, schedule: str, zone: str, first: datetime
) -> None:
    subscribe(news, "desk", schedule=schedule, zone=zone)
    due = DueDigests(news.engine)
    publish(news, "x")
    assert told(due, first - timedelta(seconds=1)) == []
    publish(news, "y")
    assert told(due, first) == [("desk", 1, 2)]
    publish(news, "z")
    assert told(due, first + timedelta(minutes=50)) == []


def test_what_was_due_while_nobody_looked_is_made_up_for_once(news: Log) -> None:
    subscribe(news, "desk", schedule="1h")
    publish(news, "x")
    later = NOW + timedelta(days=3)
    due = DueDigests(news.engine)
    assert told(due, later) == [("desk", 1, 1)]
    publish(news, "y")
    assert told(due, later + timedelta(minutes=59)) == []
    assert told(due, later + timedelta(minutes=60)) == [("desk", 2, 1)]


def test_a_period_without_news_is_silent_and_the_next_one_begins(news: Log) -> None:
    subscribe(news, "desk", schedule="1h")
    due = DueDigests(news.engine)
    assert told(due, NOW + timedelta(hours=1)) == []
    publish(news, "x")
    assert told(due, NOW + timedelta(hours=1, minutes=30)) == []
    assert told(due, NOW + timedelta(hours=2)) == [("desk", 1, 1)]


def test_a_log_that_tells_a_reader_nothing_is_not_read_at_every_tick(news: Log) -> None:
    subscribe(news, "desk", languages=["fr"])
    publish(news, "x")
    due = DueDigests(news.engine)
    assert told(due) == []
    assert reads_of_the_log(news.engine, due) == 0
    publish(news, "y")
    assert reads_of_the_log(news.engine, due) > 0
    edit(news.engine, "desk", filter=DigestFilter(), now=NOW)
    assert told(due) == [("desk", 1, 2)]


def reads_of_the_log(engine: Engine, due: DueDigests) -> int:
    found: list[str] = []

    def seen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM changes" in statement and "max(" not in statement:
            found.append(statement)

    event.listen(engine, "before_cursor_execute", seen)
    assert due.compose(now=NOW) == []
    event.remove(engine, "before_cursor_execute", seen)
    return len(found)


def test_a_digest_that_was_altered_keeps_its_subscription_and_no_other(
    news: Log, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(news, "altered")
    subscribe(news, "desk")
    publish(news, "x")
    due = DueDigests(news.engine)
    assert len(told(due)) == 2
    with writing(news.engine) as connection:
        row = load(connection, "altered")
        table = DigestTable.__table__
        connection.execute(table.update().where(table.c.subscription_id == row.id).values(hash="0" * 64))  # type: ignore[attr-defined]
        connection.exec_driver_sql("UPDATE subscriptions SET cursor = 1 WHERE name = 'altered'")
    publish(news, "y")
    assert told(due) == [("desk", 2, 1)]
    assert "subscription altered: no digest could be composed" in caplog.text
    with reading(news.engine) as connection:
        assert load(connection, "altered").cursor == 1


def test_what_comes_in_quiet_hours_is_composed_at_their_end_in_one_digest(news: Log) -> None:
    """From 22:00 to 07:00 in Tunis, which is 21:00 to 06:00 in UTC."""
    subscribe(news, "desk", zone="Africa/Tunis", quiet="22:00-07:00")
    due, night = DueDigests(news.engine), datetime(2026, 11, 20, 21, tzinfo=UTC)
    publish(news, "x")
    assert told(due, night) == []
    publish(news, "y")
    morning = datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert told(due, morning - timedelta(seconds=1)) == []
    assert told(due, morning) == [("desk", 1, 2)]
    publish(news, "z")
    assert told(due, morning + timedelta(seconds=5)) == [("desk", 2, 1)]


def test_what_a_schedule_makes_due_in_quiet_hours_is_one_message_at_their_end(news: Log) -> None:
    subscribe(news, "desk", schedule="1h", zone="Africa/Tunis", quiet="22:00-07:00")
    due, at, sent = DueDigests(news.engine), NOW, []
    while at < datetime(2026, 11, 21, 8, 30, tzinfo=UTC):
        publish(news, f"{at:%d-%H-%M}")
        sent += [(f"{at:%d %H:%M}", items) for _, _, items in told(due, at)]
        at += timedelta(minutes=30)
    by_day = [(f"20 {hour:02}:00", 3 if hour == 10 else 2) for hour in range(10, 21)]
    assert sent == [*by_day, ("21 06:00", 20), ("21 07:00", 2), ("21 08:00", 2)]


@pytest.mark.parametrize(
    ("schedule", "now", "expected"),
    [
        ("", datetime(2026, 11, 20, 12, tzinfo=UTC), None),
        ("", datetime(2026, 11, 20, 21, tzinfo=UTC), datetime(2026, 11, 21, 6, tzinfo=UTC)),
        ("0 23 * * *", NOW, datetime(2026, 11, 21, 6, tzinfo=UTC)),
        ("0 9 * * *", NOW, datetime(2026, 11, 21, 8, tzinfo=UTC)),
    ],
)
def test_the_next_time_that_is_shown_honours_quiet_hours(
    news: Log, schedule: str, now: datetime, expected: datetime | None
) -> None:
    subscribe(news, "desk", schedule=schedule, zone="Africa/Tunis", quiet="22:00-07:00")
    with reading(news.engine) as connection:
        assert next_time(load(connection, "desk"), now) == expected


def test_a_time_with_nothing_to_tell_is_recorded_and_not_brought(news: Log) -> None:
    subscribe(news, "desk", schedule="1h", empty=WhenEmpty.RECORD)
    due = DueDigests(news.engine)
    hours = [NOW + timedelta(hours=number) for number in range(1, 6)]
    assert told(due, hours[0]) == [("desk", 1, 0)]
    assert told(due, hours[1]) == [("desk", 2, 0)]
    publish(news, "x")
    assert told(due, hours[2]) == [("desk", 3, 1)]
    assert told(due, hours[3]) == [("desk", 4, 0)]
    assert [each.number for each in deliveries(news.engine)] == [3]
    with reading(news.engine) as connection:
        notes = digest_notes(connection, "desk", limit=9)
    assert [(note.after_seq, note.upto_seq) for note in reversed(notes)] == [(1, 1), (1, 1), (1, 2), (2, 2)]


def test_a_time_with_nothing_to_tell_is_sent_where_that_is_chosen(news: Log) -> None:
    subscribe(news, "desk", schedule="1h", empty=WhenEmpty.SEND)
    due = DueDigests(news.engine)
    assert told(due, NOW + timedelta(hours=1)) == [("desk", 1, 0)]
    assert told(due, NOW + timedelta(hours=2)) == [("desk", 2, 0)]
    assert [each.number for each in deliveries(news.engine)] == [1, 2]


def test_what_the_filter_hid_is_counted_once_also_by_a_record(news: Log) -> None:
    subscribe(news, "desk", schedule="1h", empty=WhenEmpty.RECORD, languages=["en"])
    due = DueDigests(news.engine)
    news.change(ChangeKind.LISTED, "a", 1, language="en")
    [record] = due.compose(now=NOW + timedelta(hours=1))
    assert (record.items, record.hidden) == ((), (("listed", 1),))
    [record] = due.compose(now=NOW + timedelta(hours=2))
    assert (record.items, record.hidden) == ((), ())


def test_a_record_of_nothing_needs_a_schedule(news: Log) -> None:
    with pytest.raises(ConfigError, match="--empty record goes with a --schedule"):
        subscribe(news, "desk", empty=WhenEmpty.RECORD)


def test_what_quiet_hours_put_off_stays_due_whatever_else_is_changed(news: Log) -> None:
    rhythm = Rhythm(schedule="0 3 * * *", quiet_hours="22:00-07:00")
    night = news.now.replace(hour=2, minute=0)
    made = add(news.engine, "desk", filter=DigestFilter(), target=FOLDER, rhythm=rhythm, now=night)
    assert made.due_at == night.replace(hour=7)
    kept = edit(
        news.engine, "desk", rhythm=replace(rhythm, quiet_hours="22:00-06:30"), now=night.replace(hour=5)
    )
    assert kept.due_at == made.due_at
    moved = edit(news.engine, "desk", rhythm=replace(rhythm, schedule="0 9 * * *"), now=night.replace(hour=5))
    assert moved.due_at == night.replace(hour=9)


def test_a_time_zone_that_this_machine_does_not_know_keeps_nobody_else(news: Log) -> None:
    for name in ("one", "two"):
        add(news.engine, name, filter=DigestFilter(), target=FOLDER, from_start=True, now=news.now)
    with writing(news.engine) as connection:
        lost = update(Subscription).where(Subscription.name == "one")
        connection.execute(lost.values(time_zone="Moon/Tycho", quiet_hours="22:00-07:00"))
    assert {digest.subscription for digest in DueDigests(news.engine).compose(now=news.now)} == {"two"}
    assert [
        each.subscription for each in claim_due(news.engine, owner="t", seconds=60, limit=9, now=news.now)
    ] == ["two"]


def test_what_fails_in_a_time_zone_that_this_machine_does_not_know_is_tried_again_later(news: Log) -> None:
    add(news.engine, "one", filter=DigestFilter(), target=FOLDER, from_start=True, now=news.now)
    assert DueDigests(news.engine).compose(now=news.now)
    with writing(news.engine) as connection:
        connection.execute(update(Subscription).values(time_zone="Moon/Tycho", quiet_hours="22:00-07:00"))
    [claim] = claim_due(news.engine, owner="t", limit=9, now=news.now)
    mark_failed(news.engine, claim, Failure(reason="550 not now"), now=news.now)
    [row] = deliveries(news.engine)
    assert (row.state, row.attempts, row.last_error) == (DeliveryState.WAITING, 1, "550 not now")
    assert row.next_attempt_at is not None
    assert row.next_attempt_at > news.now

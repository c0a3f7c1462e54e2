"""What is complained of: each kind in turn, from when on, and what is nobody's complaint."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from news.errors import ConfigError
from news.health import TOLD_FOR, Checkup, Kind, Limits
from news.run import Trouble
from news.source import Source, Wrapper
from storage import tables
from storage.checkup import check_up, limits_of
from storage.claims import mark_failed, mark_sent
from storage.disks import Disk, is_nearly_full
from storage.engine import writing
from storage.heartbeat import SCHEDULER, beat
from storage.leases import lease_named
from storage.retrying import Failure
from storage.settings import Settings, load_settings
from storage.sources import pause, save_sources
from storage.subscribing import Rhythm, edit
from storage.subscribing import pause as pause_subscription
from tests.digest.ailing import breaks, mends
from tests.storage.outbox import NOW, subscription, take

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS = Limits(disk_bytes=0)


@pytest.fixture
def sources(engine: Engine) -> Engine:
    """Three sources on hosts of their own that are due some day."""
    made = [
        Source(name=name, url=f"https://{name}.example/", wrapper=Wrapper(item=("li",), link=("a",)))
        for name in ("one", "two", "three")
    ]
    save_sources(engine, made, origin="file", now=NOW)
    for name in ("one", "two", "three"):
        sets(engine, name, next_due_at=NOW + 400 * DAY)
    return engine


def sets(engine: Engine, name: str, **values: object) -> None:
    with writing(engine) as connection:
        connection.execute(update(tables.Source).where(tables.Source.name == name).values(**values))


def look(engine: Engine, at: datetime = NOW, limits: Limits = LIMITS, named: int = 100) -> Checkup:
    return check_up(engine, limits, now=at, named=named)


def told(engine: Engine, at: datetime = NOW, limits: Limits = LIMITS) -> list[tuple[str, str]]:
    return [(str(each.kind), each.subject) for each in look(engine, at, limits).complaints]


# ------------------------------------------------------------------------------------------------- sources


def test_where_nothing_is_wrong_nothing_is_complained_of(sources: Engine) -> None:
    found = look(sources)
    assert (found.is_well, found.complaints, found.at) == (True, (), NOW)


def test_a_source_that_nobody_reads_is_overdue_after_a_while(sources: Engine) -> None:
    sets(sources, "one", next_due_at=NOW)
    assert told(sources, NOW + 15 * MINUTE - timedelta(seconds=1)) == []
    found = look(sources, NOW + 15 * MINUTE)
    assert [(each.kind, each.subject, each.since) for each in found.complaints] == [
        (Kind.OVERDUE, "one", NOW)
    ]


def test_a_source_is_not_overdue_before_its_host_may_be_asked(sources: Engine) -> None:
    sets(sources, "one", next_due_at=NOW)
    with writing(sources) as connection:
        patience = update(tables.Host).where(tables.Host.name == "one.example")
        connection.execute(patience.values(not_before=NOW + 30 * MINUTE))
    assert told(sources, NOW + 44 * MINUTE) == []
    [complaint] = look(sources, NOW + 45 * MINUTE).complaints
    assert complaint.since == NOW + 30 * MINUTE


def test_a_source_whose_host_is_being_read_is_overdue_only_when_that_never_ends(sources: Engine) -> None:
    sets(sources, "one", next_due_at=NOW)
    lease_named(sources, ["one"], owner="somebody", seconds=7_200, now=NOW + 10 * MINUTE)
    assert told(sources, NOW + 20 * MINUTE) == []
    assert told(sources, NOW + 22 * MINUTE) == [("overdue", "one")]


@pytest.mark.parametrize(
    ("trouble", "status", "kind"),
    [
        (Trouble.NETWORK, 0, "broken"),
        (Trouble.STATUS, 500, "broken"),
        (Trouble.STATUS, 403, "blocked"),
        (Trouble.BLOCKED, 200, "blocked"),
        (Trouble.ROBOTS, 0, "blocked"),
    ],
)
def test_a_source_that_is_not_read_is_broken_or_blocked_until_it_mends(
    sources: Engine, trouble: Trouble, status: int, kind: str
) -> None:
    breaks(sources, "one", NOW, trouble=trouble, status=status)
    assert told(sources, NOW + 14 * MINUTE) == []
    found = look(sources, NOW + 15 * MINUTE)
    assert [(str(each.kind), each.subject, each.since, each.reason) for each in found.complaints] == [
        (kind, "one", NOW, "no answer")
    ]
    mends(sources, "one")
    assert told(sources, NOW + 15 * MINUTE) == []


def test_what_a_person_paused_is_nobody_s_complaint(sources: Engine) -> None:
    breaks(sources, "one", NOW)
    sets(sources, "two", next_due_at=NOW)
    for name in ("one", "two"):
        pause(sources, name)
    assert told(sources, NOW + 20 * MINUTE) == []


def test_a_listing_that_is_gone_is_complained_of_for_a_week(sources: Engine) -> None:
    breaks(sources, "one", NOW, trouble=Trouble.GONE, status=410, paused=True)
    assert told(sources, NOW + DAY) == [("broken", "one")]
    assert told(sources, NOW + TOLD_FOR) == []


def test_of_thousands_a_share_may_ail_and_one_more_is_told_with_all_the_others(sources: Engine) -> None:
    allowed = replace(LIMITS, ailing_share=1 / 3)
    breaks(sources, "one", NOW)
    assert told(sources, NOW + HOUR / 2, allowed) == []
    sets(sources, "two", next_due_at=NOW)
    assert told(sources, NOW + HOUR / 2, allowed) == [("overdue", "two"), ("broken", "one")]


def test_only_so_many_are_named_and_all_are_counted(sources: Engine) -> None:
    for number, name in enumerate(("three", "one", "two")):
        breaks(sources, name, NOW + number * MINUTE)
    found = look(sources, NOW + DAY / 48, named=2)
    assert [each.subject for each in found.complaints] == ["three", "one"]
    assert found.counts == {Kind.BROKEN: 3}


# ---------------------------------------------------------------------------------------------- deliveries


def test_a_delivery_that_does_not_arrive_is_complained_of_with_why(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    assert told(engine, NOW + HOUR - MINUTE) == []
    [before] = look(engine, NOW + HOUR).complaints
    assert (before.kind, before.subject, before.delivery) == (Kind.WAITING, "desk", 1)
    assert before.reason == "digest 1: no attempt was made"
    [claim] = take(engine, NOW + HOUR)
    mark_failed(engine, claim, Failure(reason="hooks.example answers 503"), now=NOW + HOUR)
    [after] = look(engine, NOW + HOUR).complaints
    assert after.reason == "digest 1: hooks.example answers 503"
    mark_sent(engine, claim, now=NOW + HOUR)
    assert told(engine, NOW + HOUR) == []


def test_one_that_was_given_up_is_complained_of_for_a_week(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    [claim] = take(engine)
    mark_failed(engine, claim, Failure(reason="it wants no such thing", permanent=True), now=NOW)
    assert told(engine, NOW) == [("dead", "desk")]
    assert told(engine, NOW + TOLD_FOR - MINUTE) == [("dead", "desk")]
    assert told(engine, NOW + TOLD_FOR) == []


def test_what_quiet_hours_or_a_person_hold_back_does_not_wait_for_us(engine: Engine) -> None:
    subscription(engine, "night", 1)
    subscription(engine, "paused", 1)
    edit(engine, "night", rhythm=Rhythm(quiet_hours="08:00-20:00"))  # NOW is eight o'clock
    pause_subscription(engine, "paused")
    assert told(engine, NOW + 6 * HOUR) == []
    assert told(engine, NOW + 12 * HOUR + 59 * MINUTE) == []
    assert told(engine, NOW + 13 * HOUR) == [("waiting", "night")]


# ------------------------------------------------------------------------------------- scheduler and disks


def test_a_scheduler_that_gives_no_sign_of_life_is_complained_of(engine: Engine) -> None:
    assert told(engine) == []  # none was ever there
    beat(engine, SCHEDULER, owner="tidings run on web1", started_at=NOW, now=NOW)
    assert told(engine, NOW + 2 * MINUTE) == []
    assert told(engine, NOW + 2 * MINUTE + timedelta(seconds=1)) == [("heartbeat", "tidings run on web1")]


def test_a_disk_that_is_nearly_full_is_complained_of_once_for_all_folders_on_it(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    limits = replace(LIMITS, disk_bytes=2**62)
    found = check_up(engine, limits, folders=(tmp_path, tmp_path), now=NOW)
    assert [(each.kind, each.subject) for each in found.complaints] == [(Kind.DISK, str(tmp_path))]
    assert "bytes are free" in found.complaints[0].reason


def test_a_folder_that_cannot_be_looked_at_is_complained_of(engine: Engine, tmp_path: Path) -> None:
    found = check_up(engine, LIMITS, folders=(tmp_path / "gone",), now=NOW)
    assert [each.reason for each in found.complaints] == ["it cannot be looked at"]


@pytest.mark.parametrize(
    ("free", "total", "least", "full"),
    [
        (2**30, 2**40, None, False),
        (2**30 - 1, 2**40, None, True),
        (2**29, 2**32, None, False),  # a small disk
        (2**28, 2**32, None, True),
        (2**30 - 1, 2**40, 2**20, False),
        (2**20 - 1, 2**40, 2**20, True),
        (0, 2**40, 0, False),
    ],
)
def test_how_much_must_be_free(free: int, total: int, least: int | None, full: bool) -> None:
    assert is_nearly_full(Disk(path="/", free=free, total=total), least) is full


# ------------------------------------------------------------------------------------------------- settings


def test_zero_switches_a_complaint_off(sources: Engine) -> None:
    off = limits_of(
        Settings(
            overdue_seconds=0, unread_seconds=0, waiting_seconds=0, heartbeat_seconds=0, disk_free_bytes=0
        )
    )
    breaks(sources, "one", NOW)
    sets(sources, "two", next_due_at=NOW)
    subscription(sources, "desk", 1)
    beat(sources, SCHEDULER, owner="it", started_at=NOW, now=NOW)
    assert told(sources, NOW + 300 * DAY, off) == []
    assert {kind for kind, _ in told(sources, NOW + 300 * DAY)} == {
        "overdue",
        "broken",
        "waiting",
        "heartbeat",
    }


def test_folders_in_a_settings_file_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "tidings.toml").write_text('watched_disks = ["recordings"]\ndisk_free_bytes = "5GiB"\n')
    made = load_settings(tmp_path / "tidings.toml")
    assert made.watched_disks == (tmp_path / "recordings",)
    assert limits_of(made).disk_bytes == 5 * 2**30
    (tmp_path / "tidings.toml").write_text("ailing_share = 2\n")
    with pytest.raises(ConfigError, match="ailing_share"):
        load_settings(tmp_path / "tidings.toml")


# ------------------------------------------------------------------------------------------------ thousands


def questions(asked: list[str]) -> int:
    """How many there are, without what makes a connection ready."""
    return sum(statement.startswith("SELECT") for statement in asked)


def test_the_look_asks_as_few_questions_of_many_sources_as_of_few(sources: Engine) -> None:
    from sqlalchemy import event

    look(sources)  # the connection is made
    asked: list[str] = []
    event.listen(sources, "before_cursor_execute", lambda *call: asked.append(call[2]))
    look(sources)
    few = questions(asked)
    with writing(sources) as connection:
        connection.execute(insert(tables.Host), [{"name": f"host{number}.example"} for number in range(300)])
        row = {"definition": {"schedule": "15m"}, "created_at": NOW, "next_due_at": NOW - DAY}
        rows = [row | {"name": f"s{number}", "host": f"host{number}.example"} for number in range(300)]
        connection.execute(insert(tables.Source), rows)
    asked.clear()
    assert look(sources).counts == {Kind.OVERDUE: 300}
    assert questions(asked) == few

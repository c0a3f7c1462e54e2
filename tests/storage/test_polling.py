"""What polling remembers between runs: bodies, 304s in a row, how long to wait and why, edits asked for, moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select, text

from news.article import Validators
from news.dates import Precision, Stamp
from news.entry import Entry
from news.run import HostState, Plan, Problem, Profile, Reading, Trouble, Verdict, Wait
from news.skips import Skips
from news.source import Channel, Source
from storage import tables
from storage.due import SKIPPED, Due, due_after, failures_after
from storage.engine import open_engine, reading, writing
from storage.leases import release
from storage.opening import EDITS_OVERLAP, UNCHANGED_AT_MOST
from storage.recognising import recognise
from storage.schema import MIGRATIONS, check_schema
from storage.source_status import list_sources
from storage.sources import learn_url, load_source, save_sources
from tests.news.test_verdict import reading as reading_of_a_run
from tests.storage.desk import BASE, START, Desk, based, entry, told

HOUR = timedelta(hours=1)
TAGGED = Validators(etag='"1"', digest="d" * 32)


def channel_desk(engine: Engine, channel: Channel, *, schedule: str = "30m") -> Desk:
    desk = Desk(engine)
    source = Source(name="one", url="https://site.example/one", channel=channel, schedule=schedule)
    save_sources(engine, [source], origin="file", now=START)
    return desk


def peek(desk: Desk) -> Plan:
    """Return the plan that the next run would have."""
    plan = desk.plan()
    release(desk.engine, [plan.lease])
    return plan


def unchanged(desk: Desk, **more: Any) -> Reading:
    fields: dict[str, Any] = {"not_modified": True, "joined": False, "looks": (), "not_modified_count": 1}
    return desk.saw(**(fields | more))


# --------------------------------------------------------------------------------------- unchanged answers


def test_the_hash_of_a_body_is_kept_with_the_validators_and_without_any(engine: Engine) -> None:
    desk = Desk(engine)
    desk.run(*BASE, validators=TAGGED)
    assert peek(desk).validators == TAGGED
    desk.later(hours=1)
    alone = Validators(digest="e" * 32)
    desk.run(*BASE, validators=alone)
    assert peek(desk).validators == alone
    desk.later(hours=1)
    desk.run(*BASE)
    assert (peek(desk).validators, desk.count(tables.Validator)) == (Validators(), 0)


def test_an_unchanged_answer_with_other_validators_refreshes_them_and_writes_no_run(engine: Engine) -> None:
    desk = based(engine)
    desk.settle(unchanged(desk, validators=TAGGED))
    assert peek(desk).validators == TAGGED
    assert desk.count(tables.Run) == 1
    desk.settle(unchanged(desk))
    assert peek(desk).validators == TAGGED  # it gave none: those that are known stand


def test_after_fifty_304s_in_a_row_the_listing_is_asked_without_validators_once(engine: Engine) -> None:
    desk = Desk(engine)
    desk.run(*BASE, validators=TAGGED)
    for _ in range(UNCHANGED_AT_MOST):
        desk.later(minutes=30)
        assert peek(desk).validators == TAGGED
        desk.settle(unchanged(desk))
    assert peek(desk).validators == Validators()
    desk.run(*BASE, validators=TAGGED)
    assert peek(desk).validators == TAGGED
    assert desk.row().unchanged_in_row == 0


def test_a_body_that_was_seen_ends_the_counting_and_a_failure_does_not(engine: Engine) -> None:
    desk = based(engine)
    same = {"same_body": True, "not_modified_count": 0}
    for read, more, count in (
        (unchanged, {}, 1),
        (unchanged, {}, 2),
        (unanswered, {}, 2),
        (unchanged, {}, 3),
        (unchanged, same, 0),
    ):
        desk.settle(read(desk, **more))
        assert desk.row().unchanged_in_row == count


def unanswered(desk: Desk, **more: Any) -> Reading:
    failed = Problem(trouble=Trouble.NETWORK, detail="no answer", fatal=True)
    return desk.saw(problems=(failed,), looks=(), joined=False, **more)


def test_a_body_that_is_the_same_counts_as_unchanged_and_not_as_a_304(engine: Engine) -> None:
    desk = based(engine)
    [settled] = desk.settle(unchanged(desk, same_body=True, not_modified_count=0))
    assert (settled.verdict, settled.not_modified) == (Verdict.NOT_MODIFIED, 0)
    assert (desk.row().unchanged_total, desk.row().last_ok_at) == (1, desk.now)


# ------------------------------------------------------------------------------------------------ waiting


def wait(seconds: int, *, since: datetime = START) -> Wait:
    return Wait(until=since + timedelta(seconds=seconds), reason=f"the server asks for {seconds} s")


@pytest.mark.parametrize(
    ("schedule", "asked", "failures", "due", "reason"),
    [
        pytest.param("30m", None, 0, "08:30", "", id="nothing is asked"),
        pytest.param("30m", 600, 0, "08:30", "", id="less than the schedule"),
        pytest.param("30m", 3600, 0, "09:00", "the server asks for 3600 s", id="more than the schedule"),
        pytest.param("0 * * * *", 3600, 0, "09:00", "", id="a cron line that is due then"),
        pytest.param(
            "0 * * * *", 3601, 0, "10:00", "the server asks for 3601 s", id="the next time of the line"
        ),
        pytest.param(
            "*/15 * * * *", 1800, 0, "08:30", "the server asks for 1800 s", id="at the bound itself"
        ),
        pytest.param("30m", 3600, 1, "08:30", "", id="after a failure it is not heard"),
        pytest.param("30m", 3600, 3, "10:00", "", id="then the backoff counts"),
    ],
)
def test_what_is_asked_for_is_a_lower_bound(
    schedule: str, asked: int | None, failures: int, due: str, reason: str
) -> None:
    read = the_reading(wait=None if asked is None else wait(asked))
    definition = {"schedule": schedule, "time_zone": "UTC"}
    found = due_after(definition, "", read, moment=START, failures=failures)
    assert (f"{found.at:%H:%M}", found.reason) == (due, reason)


NIGHT = Skips(hours=(8, 9, 10))  # START is 08:00 on a Monday
HOLIDAYS = Skips(days=(0, 1))


@pytest.mark.parametrize(
    ("schedule", "skips", "asked", "failures", "due"),
    [
        pytest.param("30m", NIGHT, None, 0, "02 11:00", id="the first hour that is open"),
        pytest.param("30m", HOLIDAYS, None, 0, "04 00:00", id="the first day that is open"),
        pytest.param("30m", Skips(hours=(7, 9)), None, 0, "02 08:30", id="other hours"),
        pytest.param("30m", NIGHT, 7200, 0, "02 11:00", id="it was asked for longer, and is skipped then"),
        pytest.param("30m", NIGHT, 4 * 3600, 0, "02 12:00", id="it was asked for longer than it skips"),
        pytest.param("15 * * * *", NIGHT, None, 0, "02 11:15", id="a cron line goes on at its next time"),
        pytest.param("0 9 * * *", NIGHT, None, 0, "02 09:00", id="a cron line of skipped hours alone"),
        pytest.param("0 9 * * *", Skips(hours=(0,), days=(0,)), None, 0, "03 09:00", id="a cron line by day"),
        pytest.param("30m", Skips(days=(0, 1, 2, 3)), None, 0, "02 08:30", id="more than is believed"),
        pytest.param("30m", NIGHT, None, 1, "02 08:30", id="after a failure it is not heard"),
    ],
)
def test_hours_and_days_that_a_feed_skips_are_left_out(
    schedule: str, skips: Skips, asked: int | None, failures: int, due: str
) -> None:
    read = the_reading(skips=skips, wait=None if asked is None else wait(asked))
    definition = {"schedule": schedule, "time_zone": "UTC"}
    found = due_after(definition, "", read, moment=START, failures=failures)
    assert f"{found.at:%d %H:%M}" == due
    moved = due_after(definition, "", replace(read, skips=Skips()), moment=START, failures=failures).at
    assert (found.reason == SKIPPED) is (found.at != moved)


def test_what_a_page_asked_for_is_known_to_the_next_run(engine: Engine) -> None:
    """A 304 does not say it again."""
    desk = Desk(engine)
    desk.run(*BASE, profile=Profile(entries=3, wait_seconds=7200, skips=NIGHT))
    usual = peek(desk).usual
    assert usual is not None
    assert (usual.wait_seconds, usual.skips) == (7200, NIGHT)
    desk.settle(unchanged(desk, skips=NIGHT))
    assert desk.row().due_reason == SKIPPED


def test_a_hosts_retry_after_comes_before_everything() -> None:
    read = the_reading(wait=wait(3600), host=HostState(name="h", not_before=START + 5 * HOUR))
    found = due_after({"schedule": "30m", "time_zone": "UTC"}, "", read, moment=START, failures=0)
    assert (found.at, found.reason) == (START + 5 * HOUR, "")


@pytest.mark.parametrize(
    ("planned", "patience", "due", "reason"),
    [
        pytest.param(2 * HOUR, HOUR, "10:00", "as was said", id="what was planned holds"),
        pytest.param(HOUR, 2 * HOUR, "10:00", "", id="the host asks for more than was planned"),
        pytest.param(-HOUR, 2 * HOUR, "10:00", "", id="another source of the host was told so in this crawl"),
        pytest.param(-HOUR, -HOUR, "09:00", "", id="neither is to come, so it counts as any run"),
    ],
)
def test_a_run_that_a_host_put_off_is_no_failure_and_moves_nothing(
    planned: timedelta, patience: timedelta, due: str, reason: str
) -> None:
    put_off = Problem(trouble=Trouble.RETRY_LATER, detail="h asked to be left alone", fatal=True)
    read = the_reading(problems=(put_off,), host=HostState(name="h", not_before=START + patience))
    said = Due(at=START + planned, reason="as was said")
    assert failures_after(read, 2) == 2
    found = due_after(
        {"schedule": "30m", "time_zone": "UTC"}, "", read, moment=START, failures=2, planned=said
    )
    assert (f"{found.at:%H:%M}", found.reason) == (due, reason)


def test_a_run_that_was_told_to_wait_by_an_answer_is_a_failure() -> None:
    told = Problem(trouble=Trouble.RETRY_LATER, detail="h answered 429", fatal=True)
    read = the_reading(problems=(told,), requests=1, host=HostState(name="h", not_before=START + HOUR))
    said = Due(at=START + 9 * HOUR)
    assert failures_after(read, 2) == 3
    found = due_after(
        {"schedule": "30m", "time_zone": "UTC"}, "", read, moment=START, failures=3, planned=said
    )
    assert found.at == START + 2 * HOUR


def the_reading(**more: Any) -> Reading:
    return reading_of_a_run(**more)


def test_the_reason_is_kept_while_it_holds_on_every_way_a_run_settles(engine: Engine) -> None:
    desk = based(engine)
    asked = wait(7200, since=desk.now)
    for entries in (BASE, ()):
        desk.settle(desk.saw(*entries, wait=asked) if entries else unchanged(desk, wait=asked))
        assert (desk.row().next_due_at, desk.row().due_reason) == (
            desk.now + 2 * HOUR,
            "the server asks for 7200 s",
        )
    assert list_sources(engine)[0].due_reason == "the server asks for 7200 s"
    desk.settle(unchanged(desk))
    assert desk.row().due_reason == ""


# ------------------------------------------------------------------------------- what may well be empty


def test_an_empty_sitemap_is_a_baseline_and_what_it_shows_next_is_news(engine: Engine) -> None:
    desk = channel_desk(engine, Channel.SITEMAP)
    empty = desk.run(looks=(), joined=True, ended=True)
    assert (empty.verdict, empty.baseline) == (Verdict.OK, 0)
    assert desk.row().failing_since is None
    desk.later(hours=1)
    assert told(desk.run(entry("a"), entry("b"), ended=True)) == [("published", "b"), ("published", "a")]
    desk.later(hours=1)
    assert desk.run(looks=(), joined=False, ended=True).verdict is Verdict.OK
    assert (desk.row().frontier, peek(desk).stop_keys) == ([], ())
    desk.later(hours=1)
    after = desk.run(entry("c"), ended=True)
    assert (told(after), after.gap, after.reason) == ([("published", "c")], None, "")


def test_an_empty_listing_is_no_baseline(engine: Engine) -> None:
    desk = Desk(engine)
    assert desk.run(looks=(), joined=True, ended=True).verdict is Verdict.SUSPECT
    assert not peek(desk).has_baseline


def test_a_feed_that_went_past_us_opens_a_gap_and_it_is_told_as_lost_when_there_is_no_more(
    engine: Engine,
) -> None:
    desk = channel_desk(engine, Channel.FEED)
    desk.run(*BASE, ended=True)
    desk.later(hours=1)
    new = [entry(name, hour=2) for name in "wxyz"]
    opened = desk.run(*new, joined=False, ended=True)
    assert opened.gap is not None
    assert (opened.gap.state, len(opened.changes)) == ("open", 4)
    desk.later(hours=1)
    lost = desk.run(*new, joined=False, ended=True)
    assert lost.gap is not None
    assert (lost.gap.state, lost.changes) == ("lost", ())
    assert "out of reach" in lost.reason
    desk.later(hours=1)
    assert desk.run(*new).gap is None


# ------------------------------------------------------------------------------------------------- edits


def modified(name: str, hour: int) -> Entry:
    stamp = Stamp(at=START + hour * HOUR, precision=Precision.SECOND, provenance="feed")
    return replace(entry(name), modified=stamp)


def said(desk: Desk, *entries: Entry) -> dict[str, datetime]:
    """Return what is remembered of when the channel said that articles were modified, by their names."""
    known = recognise(desk.engine, peek(desk), entries)
    return {each.title[-1]: known.modified[each.key] for each in entries if each.key in known.modified}


def test_when_a_channel_says_that_an_article_was_modified_is_remembered_once_it_was_followed_up(
    engine: Engine,
) -> None:
    desk = channel_desk(engine, Channel.FEED)
    desk.run(modified("a", 1), entry("b"), ended=True)
    both = (modified("a", 3), modified("b", 3))
    assert said(desk, *both) == {"a": START + HOUR}
    desk.later(hours=1)
    desk.run(*both, looks=())  # nobody looked: "a" is still to be looked at; of "b" nothing was said before
    assert said(desk, *both) == {"a": START + HOUR, "b": START + 3 * HOUR}
    desk.later(hours=1)
    desk.run(*both)
    assert said(desk, *both) == {"a": START + 3 * HOUR, "b": START + 3 * HOUR}


def test_a_wordpress_source_is_asked_for_edits_daily_and_at_most_hourly(engine: Engine) -> None:
    desk = channel_desk(engine, Channel.WORDPRESS)
    assert peek(desk).edits_since is None
    desk.run(*BASE)
    asked = desk.now
    assert desk.row().edits_at == asked - EDITS_OVERLAP
    for hours, may, due in ((0.5, False, False), (1, True, False), (23.5, True, False), (24, True, True)):
        desk.now = asked + timedelta(hours=hours)
        plan = peek(desk)
        assert (plan.edits_since is not None, plan.edits_due) == (may, due), hours
    assert plan.edits_since == asked - EDITS_OVERLAP
    desk.settle(unchanged(desk, edits_at=desk.now - EDITS_OVERLAP))
    assert peek(desk).edits_since is None


@pytest.mark.parametrize("channel", [Channel.FEED, Channel.SITEMAP, Channel.LISTING])
def test_no_other_channel_is_asked_for_edits(engine: Engine, channel: Channel) -> None:
    desk = channel_desk(engine, channel)
    desk.run(*BASE)
    desk.later(days=3)
    assert (peek(desk).edits_since, peek(desk).edits_due) == (None, False)


# ------------------------------------------------------------------------------------------------- moving


def test_an_address_is_learnt_after_three_good_answers_in_a_row(engine: Engine) -> None:
    desk = based(engine)
    moved = {"moved_url": "https://site.example/elsewhere"}
    for read in (moved, moved, {}, moved, moved):
        desk.settle(unchanged(desk, **read))
        desk.later(minutes=30)
        assert load_source(engine, "one").url == "https://site.example/one"
    desk.settle(unchanged(desk, **moved))
    assert load_source(engine, "one").url == moved["moved_url"]


def test_the_page_that_people_know_moves_with_the_same_address(engine: Engine) -> None:
    declared = Source(
        name="one", url="https://a.example/news", page_url="https://a.example/news/", schedule="1d"
    )
    save_sources(engine, [declared], origin="file", now=START)
    with writing(engine) as connection:
        learn_url(connection, 1, "https://b.example/news")
    assert load_source(engine, "one").page_url == "https://b.example/news"
    assert save_sources(engine, [declared], origin="file", now=START) == []
    save_sources(engine, [replace(declared, title="Retitled")], origin="file", now=START)
    found = load_source(engine, "one")
    assert (found.title, found.url, found.page_url) == (
        "Retitled",
        "https://b.example/news",
        "https://b.example/news",
    )
    save_sources(engine, [replace(declared, page_url="https://d.example/")], origin="file", now=START)
    found = load_source(engine, "one")
    assert (found.url, found.page_url) == ("https://b.example/news", "https://d.example/")


# --------------------------------------------------------------------------------------------- migration


@pytest.fixture
def first(empty_database_url: str) -> Iterator[Engine]:
    """A database of the first schema, with a source that was crawled."""
    engine = open_engine(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO hosts (name, robots, robots_status, lease_token, alone) "
                                "VALUES ('site.example', '', 200, 7, false)"))  # fmt: skip
        row = {
            "name": "one", "host": "site.example", "definition": "{}", "at": START, "frontier": "[]", "paused": False,
        }  # fmt: skip
        connection.execute(text(
            "INSERT INTO sources (name, host, definition, paused, created_at, next_due_at, frontier, first_page, "
            "moved_url, moved_count, verdict, reason, failures, runs_total, unchanged_total, requests_total) "
            "VALUES (:name, :host, :definition, :paused, :at, :at, :frontier, 3, '', 0, 'ok', '', 0, 5, 4, 6)"
        ), row)  # fmt: skip
        connection.execute(text(
            "INSERT INTO validators (source_id, key, url, etag, last_modified, extractor, saved_at) "
            "VALUES (1, 'k', 'u', '\"1\"', 'then', '1', :at)"
        ), {"at": START})  # fmt: skip
    yield engine
    engine.dispose()


def test_a_database_of_the_first_schema_is_upgraded_with_all_that_it_holds(first: Engine) -> None:
    upgrade = check_schema(first)
    assert upgrade is not None
    assert upgrade.before == "0001"
    with reading(first) as connection:
        source = connection.execute(select(tables.Source.__table__)).one()
        validator = connection.execute(select(tables.Validator.__table__)).one()
    assert (source.runs_total, source.first_page, source.unchanged_in_row, source.due_reason, source.edits_at) == (
        5, 3, 0, "", None,
    )  # fmt: skip
    assert (validator.etag, validator.last_modified, validator.digest) == ('"1"', "then", "")

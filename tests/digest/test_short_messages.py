"""Messages that show some items and say how many more there are; what is stored and what programs get is whole."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from digest.compose import compose, load
from digest.deliver import deliver_all
from digest.due import DueDigests
from digest.formats import Format, render
from digest.layout import sections
from digest.model import Digest
from digest.targets.letters import Mailbox, letter_of
from digest.targets.target import Carriage
from storage import reader_tables
from storage.engine import writing
from storage.quiet_hours import end_of_quiet
from storage.subscribing import Rhythm, add, edit
from storage.subscriptions import DigestFilter, WhenEmpty
from storage.targets import TargetPlan
from tests.digest.logs import START, Log
from tests.digest.receiver import Does, Receiver
from tests.storage.outbox import FOLDER

COMMAND = "`tidings digest --subscription 'town hall' --number 1` shows all 12"
TEXT_LIKE = (Format.TEXT, Format.MARKDOWN, Format.HTML)


@pytest.fixture
def twelve(log: Log) -> Digest:
    log.source("a", language="en")
    log.source("b", language="en")
    add(log.engine, "town hall", filter=DigestFilter(), target=FOLDER, max_items=3, now=START)
    for number in range(11):
        log.published("ab"[number % 2], f"https://news.example/{number}", f"Title {number}", language="en")
    log.published("a", "https://news.example/last", "The last one", language="en")
    found = compose(log.engine, "town hall", now=START)
    assert found is not None
    assert len(found.items) == 12
    return found


def titles(text: str) -> set[str]:
    return set(re.findall(r"Title \d+|The last one", text))


@pytest.mark.parametrize("format", TEXT_LIKE)
def test_a_message_shows_the_newest_items_and_says_how_many_more(twelve: Digest, format: Format) -> None:  # noqa: A002
    whole = render(twelve, format)
    assert (len(titles(whole)), "more" in whole) == (12, False)
    text = render(replace(twelve, shown=3), format)
    assert titles(text) == {"The last one", "Title 10", "Title 9"}
    plain = " ".join(text.replace("\\", "").replace("&#39;", "'").split())
    assert f"and 9 more: {COMMAND}" in plain
    assert re.search(r"12 new|New \(12\)|<b>12</b> new", plain)
    paged = render(replace(twelve, shown=3, page="https://news.example/digests/town%20hall/1"), format)
    assert "https://news.example/digests/town%20hall/1" in paged


@pytest.mark.parametrize("shown", [12, 13, None])
def test_nothing_is_said_where_nothing_is_left_out(twelve: Digest, shown: int | None) -> None:
    for each in TEXT_LIKE:
        assert render(replace(twelve, shown=shown, page="https://x.example/"), each) == render(twelve, each)


@pytest.mark.parametrize("format", sorted(set(Format) - set(TEXT_LIKE)))
def test_programs_are_told_all_of_it(twelve: Digest, format: Format) -> None:  # noqa: A002
    short = replace(twelve, shown=3, page="https://news.example/digests/desk/1")
    assert render(short, format) == render(twelve, format)
    if format is Format.CSV:
        assert len(list(csv.DictReader(io.StringIO(render(short, format))))) == 12


def test_a_mail_is_short_in_both_of_its_forms_and_counts_all_in_its_subject(twelve: Digest) -> None:
    box = Mailbox(address="a@b.example")
    letter = letter_of(replace(twelve, shown=3), key="tdg_1", sender=box, to=box).decode()
    assert letter.count("and 9 more") == 2
    assert "The last one, and 11 more" in letter


def test_what_is_brought_is_short_for_people_and_whole_for_programs(
    log: Log, tmp_path: Path, twelve: Digest
) -> None:
    folder = TargetPlan(kind="file", options={"folder": str(tmp_path), "format": "text"})
    edit(log.engine, "town hall", target=folder, now=START)
    public = Carriage(public_url="https://news.example")
    assert [str(each.state) for each in deliver_all(log.engine, public, owner="me")] == ["sent"]
    [file] = tmp_path.glob("*.txt")
    text = file.read_text()
    assert titles(text) == {"The last one", "Title 10", "Title 9"}
    assert "https://news.example/digests/town%20hall/1\n" in text
    assert load(log.engine, "town hall", 1) == twelve
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with Receiver(Does(status=204)) as receiver:
        options = {"url": receiver.url(), "allow_private": True}
        edit(
            log.engine,
            "town hall",
            target=TargetPlan(kind="webhook", options=options, secret=secret),
            now=START,
        )
        log.published("a", "https://news.example/next", "Title 99", language="en")
        for number in range(5):
            log.published("a", f"https://news.example/more-{number}", f"Title 9{number}", language="en")
        assert compose(log.engine, "town hall", now=START) is not None
        assert [str(each.state) for each in deliver_all(log.engine, public, owner="me")] == ["sent"]
    assert len(json.loads(receiver.came[0].body)["data"]["changes"]) == 6


@pytest.fixture
def sourced(sqlite_log: Log) -> Log:
    sqlite_log.source("a", language="en")
    return sqlite_log


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_promise_2_over_random_days_each_change_stands_in_exactly_one_digest(
    sourced: Log, data: st.DataObject
) -> None:
    """With quiet hours, short messages, records and times at which nobody looked."""
    log = sourced
    with writing(log.engine) as connection:
        for table in (
            reader_tables.Delivery,
            reader_tables.Digest,
            reader_tables.Target,
            reader_tables.Subscription,
        ):
            connection.execute(delete(table))
    schedule = data.draw(st.sampled_from(["", "1h", "7h", "0 6 * * *", "30 2 * * *"]))
    kinds = ["silent", "record", "send"] if schedule else ["silent"]
    zone = data.draw(st.sampled_from(["Europe/Paris", "Africa/Casablanca", "Australia/Lord_Howe", "UTC"]))
    hours = data.draw(st.sampled_from(["", "22:00-07:00", "02:15-02:45", "00:00-23:00"]))
    rhythm = Rhythm(
        schedule=schedule,
        time_zone=zone,
        quiet_hours=hours,
        when_empty=WhenEmpty(data.draw(st.sampled_from(kinds))),
    )
    start = datetime(2026, *data.draw(st.sampled_from([(3, 28), (10, 24), (2, 14), (6, 1)])), 12, tzinfo=UTC)
    most = data.draw(st.integers(1, 3))
    add(log.engine, "desk", filter=DigestFilter(), target=FOLDER, rhythm=rhythm, max_items=most, now=start)
    due, at, wanted, told = DueDigests(log.engine), start, [], []
    for step in data.draw(st.lists(st.integers(5, 2_000), min_size=3, max_size=40)):
        at += timedelta(minutes=step)
        for _ in range(data.draw(st.integers(0, 4))):
            article = log.published(
                "a", f"https://n.example/{log.now:%s}", f"Title {log.now:%s}", language="en"
            )
            wanted.append(article)
        for digest in due.compose(now=at):
            assert hours == "" or not quiet(hours, zone, at)
            told += [item.change.article_id for item in digest.items]
            short = replace(digest, shown=most)
            groups = [group for section in sections(short) for group in section.groups]
            assert sum(len(group.items) for group in groups) == min(most, len(digest.items))
    for hour in range(60):
        for digest in due.compose(now=at + timedelta(hours=hour)):
            told += [item.change.article_id for item in digest.items]
    assert told == wanted


def quiet(hours: str, zone: str, at: datetime) -> bool:
    return end_of_quiet(hours, zone, at) is not None

"""Alerts: once a change of state, no flicker, an end only of what was told, and through the outbox as all else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update

from digest.compose import compose, load, preview_next
from digest.content import digest_from, stored_form
from digest.deliver import deliver_all
from digest.due import ALERTS_SECONDS, DueDigests
from digest.formats import Format, render
from digest.targets.letters import Mailbox, letter_of
from digest.targets.target import Carriage
from news.alerts import Ailment, Watched, noticed
from news.run import Trouble
from storage.alert_tables import AlertState
from storage.claims import claim_due, mark_failed, mark_sent
from storage.deliveries import DeliveryState, retry
from storage.engine import reading, writing
from storage.reader_tables import Delivery
from storage.retrying import Failure
from storage.subscribing import Rhythm, add, edit, pause, remove, resume
from storage.subscriptions import DigestFilter
from storage.tables import Source
from storage.targets import TargetPlan
from tests.digest.ailing import AFTER, NOW, breaks, composed, falls_silent, mends, removed, told, watch
from tests.digest.logs import Log
from tests.digest.receiver import Does, Receiver
from tests.storage.outbox import FOLDER, deliveries

MINUTE, QUARTER = timedelta(minutes=1), timedelta(seconds=AFTER)
DEAD = Failure(reason="422 of the receiver", permanent=True)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def duty(log: Log) -> Engine:
    """A database with two sources that are well, and a subscription of alerts."""
    log.source("a", title="The Alpha", language="en")
    log.source("b", language="en")
    watch(log.engine)
    return log.engine


def states(duty: Engine) -> int:
    with reading(duty) as connection:
        return int(connection.execute(select(func.count()).select_from(AlertState)).scalar_one())


def kills(duty: Engine, name: str, at: datetime) -> int:
    """Make a digest of a subscription and let its delivery be given up; return the delivery's number."""
    [claim] = [each for each in claim_due(duty, owner="me", limit=9, now=at) if each.subscription == name]
    assert mark_failed(duty, claim, DEAD, now=at) is DeliveryState.DEAD
    return claim.delivery_id


def test_a_source_that_breaks_is_told_once_and_once_that_it_is_read_again(duty: Engine) -> None:
    assert told(duty, NOW) == []
    breaks(duty, "a", NOW)
    assert told(duty, NOW + MINUTE) == []
    assert told(duty, NOW + QUARTER) == [("a", "broken")]
    breaks(duty, "a", NOW + timedelta(hours=1))
    assert told(duty, NOW + timedelta(hours=1)) == []
    mends(duty, "a")
    later = NOW + timedelta(hours=2)
    assert told(duty, later) == []
    assert told(duty, later + QUARTER) == [("a", "recovered")]
    assert told(duty, later + timedelta(days=9)) == []
    assert (states(duty), len(deliveries(duty))) == (0, 2)
    [alert] = load(duty, "duty", 2).alerts
    assert (alert.before, alert.since, alert.title) == ("broken", later, "The Alpha")


def test_a_trouble_is_as_old_as_it_is_and_not_as_its_first_look(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=3))
    [digest] = composed(duty, NOW)
    assert digest.alerts[0].since == NOW - timedelta(hours=3)


def test_what_comes_and_goes_within_the_time_is_not_told(duty: Engine) -> None:
    for number in range(12):
        at = NOW + number * timedelta(minutes=10)
        breaks(duty, "a", at) if number % 2 == 0 else mends(duty, "a")
        assert told(duty, at) == []
        assert told(duty, at + 9 * MINUTE) == []
    assert states(duty) == 0


def test_an_end_that_does_not_last_is_not_told_and_neither_is_what_follows(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1))
    assert told(duty, NOW) == [("a", "broken")]
    for number in range(6):
        at = NOW + number * timedelta(minutes=10)
        mends(duty, "a")
        assert told(duty, at) == []
        breaks(duty, "a", at + 5 * MINUTE)
        assert told(duty, at + 5 * MINUTE) == []
    assert told(duty, NOW + timedelta(days=1)) == []


def test_several_at_once_are_one_message(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1))
    breaks(duty, "b", NOW - timedelta(hours=1), trouble=Trouble.STATUS, status=403)
    [digest] = composed(duty, NOW)
    assert [(alert.source, alert.state) for alert in digest.alerts] == [("a", "broken"), ("b", "blocked")]
    assert (digest.number, digest.after_seq, digest.upto_seq) == (1, 0, 2)


@pytest.mark.parametrize(
    ("trouble", "status", "state"),
    [
        (Trouble.NETWORK, 0, "broken"),
        (Trouble.STATUS, 500, "broken"),
        (Trouble.STATUS, 403, "blocked"),
        (Trouble.RETRY_LATER, 429, "blocked"),
        (Trouble.BLOCKED, 200, "blocked"),
        (Trouble.ROBOTS, 0, "blocked"),
    ],
)
def test_who_does_not_let_us_in_blocks(duty: Engine, trouble: Trouble, status: int, state: str) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1), trouble=trouble, status=status)
    assert told(duty, NOW) == [("a", state)]


def test_one_trouble_in_the_place_of_another_is_told(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1))
    assert told(duty, NOW) == [("a", "broken")]
    breaks(duty, "a", NOW, trouble=Trouble.BLOCKED)
    assert told(duty, NOW + MINUTE) == []
    assert told(duty, NOW + MINUTE + QUARTER) == [("a", "blocked")]


def test_a_source_that_falls_silent_is_told_and_that_it_publishes_again(duty: Engine) -> None:
    falls_silent(duty, "a", NOW)
    [digest] = composed(duty, NOW)
    assert [(alert.state, alert.since.date().isoformat()) for alert in digest.alerts] == [
        ("quiet", "2026-10-28")
    ]
    mends(duty, "a", last_ok_at=NOW - timedelta(days=20))
    told(duty, NOW)
    assert told(duty, NOW + QUARTER) == [("a", "recovered")]


def test_of_a_source_that_a_person_paused_nothing_is_said(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1), paused=True)
    assert told(duty, NOW) == []
    mends(duty, "a", paused=False)
    breaks(duty, "b", NOW - timedelta(hours=1))
    assert told(duty, NOW) == [("b", "broken")]
    mends(duty, "b", paused=True)
    assert [told(duty, NOW + number * QUARTER) for number in (1, 2, 3)] == [[], [], []]
    mends(duty, "b", paused=False)
    told(duty, NOW + 4 * QUARTER)
    assert told(duty, NOW + 5 * QUARTER) == [("b", "recovered")]


def test_a_listing_that_is_gone_for_good_is_told_although_that_pauses_its_source(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1), trouble=Trouble.GONE, status=410, paused=True)
    assert told(duty, NOW) == [("a", "broken")]


def test_of_a_source_that_was_removed_nothing_is_said_and_nothing_left(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1))
    assert told(duty, NOW) == [("a", "broken")]
    removed(duty, "a")
    assert told(duty, NOW + QUARTER) == []
    assert states(duty) == 0


def test_only_the_sources_that_are_asked_for_are_told(duty: Engine) -> None:
    watch(duty, "of b", sources=("b",), after=0)
    breaks(duty, "a", NOW - timedelta(hours=1))
    breaks(duty, "b", NOW)
    found = {digest.subscription: [alert.source for alert in digest.alerts] for digest in composed(duty, NOW)}
    assert found == {"duty": ["a"], "of b": ["b"]}


def test_a_delivery_that_is_given_up_is_told_and_that_it_was_brought_after_all(
    log: Log, duty: Engine
) -> None:
    add(duty, "desk", filter=DigestFilter(), target=FOLDER, now=NOW)
    log.published("a", "https://news.example/x", "X", language="en")
    assert compose(duty, "desk", now=NOW) is not None
    number = kills(duty, "desk", NOW)
    [digest] = composed(duty, NOW)
    [alert] = digest.alerts
    assert (alert.state, alert.delivery, alert.subscription, alert.number) == ("dead", number, "desk", 1)
    assert alert.reason == DEAD.reason
    retry(duty, [number])
    assert told(duty, NOW + timedelta(hours=1)) == []  # it is neither here nor there
    kills(duty, "desk", NOW + timedelta(hours=1))
    assert told(duty, NOW + timedelta(hours=2)) == []  # it is as dead as was told
    retry(duty, [number])
    [claim] = [each for each in claim_due(duty, owner="me", limit=9, now=NOW) if each.subscription == "desk"]
    mark_sent(duty, claim, now=NOW)
    assert told(duty, NOW + timedelta(hours=3)) == [(f"delivery {number}", "recovered")]
    assert states(duty) == 0


def test_what_was_given_up_before_anybody_asked_is_not_told(log: Log) -> None:
    log.source("a", language="en")
    add(log.engine, "desk", filter=DigestFilter(), target=FOLDER, now=NOW)
    log.published("a", "https://news.example/x", "X", language="en")
    compose(log.engine, "desk", now=NOW)
    kills(log.engine, "desk", NOW - timedelta(days=30))
    watch(log.engine)
    assert told(log.engine, NOW) == []


def test_alerts_that_are_given_up_make_no_alerts(duty: Engine) -> None:
    watch(duty, "second")
    breaks(duty, "a", NOW - timedelta(hours=1))
    assert len(composed(duty, NOW)) == 2
    for claim in claim_due(duty, owner="me", limit=9, now=NOW):
        assert mark_failed(duty, claim, DEAD, now=NOW) is DeliveryState.DEAD
    for number in range(5):
        assert composed(duty, NOW + number * timedelta(days=1)) == []
    assert [str(each.state) for each in deliveries(duty)] == ["dead", "dead"]


def test_alerts_wait_for_the_end_of_quiet_hours_and_tell_what_is_true_then(duty: Engine) -> None:
    edit(duty, "duty", rhythm=Rhythm(quiet_hours="22:00-07:00", time_zone="UTC"), now=NOW)
    night, morning = NOW.replace(hour=23), NOW.replace(hour=7) + timedelta(days=1)
    breaks(duty, "a", night)
    breaks(duty, "b", night)
    assert told(duty, night + timedelta(hours=1)) == []
    mends(duty, "b")
    assert told(duty, morning - MINUTE) == []
    assert told(duty, morning) == [("a", "broken")]


def test_nothing_is_told_while_paused_and_what_is_true_afterwards(duty: Engine) -> None:
    pause(duty, "duty")
    breaks(duty, "a", NOW - timedelta(hours=1))
    assert told(duty, NOW) == []
    resume(duty, "duty")
    assert told(duty, NOW) == [("a", "broken")]


def test_one_process_looks_twice_a_minute_at_most(duty: Engine) -> None:
    due = DueDigests(duty)
    breaks(duty, "a", NOW - timedelta(hours=1))
    assert len(due.compose(now=NOW)) == 1
    breaks(duty, "b", NOW - timedelta(hours=1))
    assert due.compose(now=NOW + timedelta(seconds=ALERTS_SECONDS - 1)) == []
    assert len(due.compose(now=NOW + timedelta(seconds=ALERTS_SECONDS))) == 1


def test_looking_tells_nothing_and_an_end_leaves_no_trace(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1))
    looked = preview_next(duty, "duty", now=NOW)
    assert (looked.number, [alert.source for alert in looked.alerts]) == (None, ["a"])
    assert states(duty) == 0
    assert told(duty, NOW) == [("a", "broken")]
    remove(duty, "duty", with_digests=True)
    assert states(duty) == 0


def test_an_alert_is_stored_and_told_in_every_format(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1), reason="<b>no</b> answer")
    breaks(duty, "b", NOW - timedelta(hours=1), trouble=Trouble.BLOCKED)
    [digest] = composed(duty, NOW)
    assert digest_from(stored_form(digest)) == digest == load(duty, "duty", 1)
    text = render(digest, Format.TEXT)
    assert "1 broken, 1 blocked (alerts 1 to 2)" in text
    assert "! The Alpha (a): broken\n  not read since 20 November 2026, 08:00 UTC: <b>no</b> answer\n" in text
    assert "  tidings sources show a\n" in text
    html = render(digest, Format.HTML)
    assert "&lt;b&gt;no&lt;/b&gt; answer" in html
    assert "<b>no</b>" not in html
    assert r"\<b\>no\</b\> answer" in render(digest, Format.MARKDOWN)
    told = json.loads(render(digest, Format.JSON))["alerts"]
    assert [(each["source"], each["state"], each["before"]) for each in told] == [
        ("a", "broken", None),
        ("b", "blocked", None),
    ]
    assert ",broken," in render(digest, Format.CSV)
    box = Mailbox(address="duty@site.example")
    letter = letter_of(digest, key="tdg_1", sender=box, to=box).decode()
    assert "Subject: duty 1: The Alpha (a): broken, and 1 more" in letter


def test_a_webhook_gets_them_as_events_in_order_and_after_a_failure_too(duty: Engine) -> None:
    with Receiver(Does(status=500)) as receiver:
        options = {"url": receiver.url(), "allow_private": True}
        edit(duty, "duty", target=TargetPlan(kind="webhook", options=options, secret=SECRET), now=NOW)
        breaks(duty, "a", NOW - timedelta(hours=1))
        composed(duty, NOW)
        breaks(duty, "b", NOW - timedelta(hours=1))
        composed(duty, NOW)
        for _ in range(2):
            list(deliver_all(duty, Carriage(), owner="me"))
            resume(duty, "duty")
            with writing(duty) as connection:
                connection.execute(update(Delivery).values(next_attempt_at=None))
    bodies = [json.loads(came.body) for came in receiver.came]
    assert [body["type"] for body in bodies] == ["alerts.composed"] * 3
    assert [body["data"]["alerts"][0]["source"] for body in bodies] == ["a", "a", "b"]


@pytest.fixture
def sqlite_sources(sqlite_log: Log) -> Log:
    sqlite_log.source("a", language="en")
    return sqlite_log


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["broken", "blocked", "well", "look"]), st.integers(1, 40)), max_size=25
    )
)
def test_whatever_a_source_does_no_state_is_told_twice_running_and_the_last_word_is_true(
    sqlite_sources: Log, steps: list[tuple[str, int]]
) -> None:
    duty = sqlite_sources.engine
    mends(duty, "a")
    watch(duty)
    at, said = NOW, ["recovered"]
    for what, minutes in steps:
        match what:
            case "well":
                mends(duty, "a")
            case "broken" | "blocked":
                trouble = Trouble.BLOCKED if what == "blocked" else Trouble.NETWORK
                breaks(duty, "a", at, trouble=trouble)
        said += [state for _, state in told(duty, at)]
        at += minutes * MINUTE
    for _ in range(2):
        at += QUARTER
        said += [state for _, state in told(duty, at)]
    last = next((what for what, _ in reversed(steps) if what != "look"), "well")
    assert said[-1] == ("recovered" if last == "well" else last)
    assert all(one != other for one, other in pairwise(said))
    remove(duty, "duty", with_digests=True)


def test_a_clock_that_steps_back_tells_nothing_twice() -> None:
    before = Watched(ailment=Ailment.BROKEN, since=NOW, told=Ailment.BROKEN, told_at=NOW)
    seen = noticed(before, Ailment.BROKEN, since=NOW, now=NOW - timedelta(hours=1), least=QUARTER)
    assert seen.tell is None
    assert seen.watched == before
    assert noticed(before, Ailment.NONE, now=NOW - MINUTE, least=QUARTER).watched == before
    assert noticed(None, Ailment.BROKEN, since=NOW, now=NOW - MINUTE, least=QUARTER).tell is None


def test_sources_are_known_by_their_row_and_not_by_their_name(duty: Engine) -> None:
    breaks(duty, "a", NOW - timedelta(hours=1))
    assert told(duty, NOW) == [("a", "broken")]
    with writing(duty) as connection:
        connection.execute(update(Source).where(Source.name == "a").values(name="renamed"))
    assert told(duty, NOW + QUARTER) == []


@pytest.mark.parametrize("format", [Format.TEXT, Format.MARKDOWN, Format.HTML, Format.CSV])
def test_what_a_site_says_of_itself_is_text_in_an_alert(log: Log, format: Format) -> None:  # noqa: A002
    hostile = "\x1b[31m\u202eevil\r\nBcc: x <script>alert(1)</script>"
    log.source("a", title=hostile, language="en")
    watch(log.engine)
    breaks(log.engine, "a", NOW - timedelta(hours=1), reason=hostile)
    [digest] = composed(log.engine, NOW)
    told = render(digest, format)
    assert not set(told) & {"\x1b", "\u202e"}
    assert "\nBcc:" not in told
    if format is Format.HTML:
        assert "<script>" not in told
    box = Mailbox(address="duty@site.example")
    head = letter_of(digest, key="tdg_1", sender=box, to=box).partition(b"\n\n")[0]
    assert b"\nBcc:" not in head

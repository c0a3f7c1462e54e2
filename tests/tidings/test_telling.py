"""When and how subscriptions are told, as people type it: quiet hours, short messages, nothing new, and alerts."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.targets.webhooks import new_secret
from tests.digest.receiver import Receiver
from tests.tidings.conftest import Tidings, shown
from tests.tidings.documented import faults


def breaks(file: Path, since: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "UPDATE sources SET verdict = 'failed', reason = 'no answer', failing_since = ?", (since,)
        )
        connection.commit()


def mends(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE sources SET verdict = 'ok', reason = '', failing_since = NULL")
        connection.commit()


def test_quiet_hours_are_said_kept_shown_and_taken_back(tidings: Tidings, folder: Path) -> None:
    now = datetime.now(UTC)
    begin, end = now - timedelta(hours=1), now + timedelta(hours=2)
    hours = f"{begin:%H:%M}-{end:%H:%M}"
    added = tidings("subscriptions", "add", "desk", "--folder", folder, "--quiet", hours, "--from-start")
    assert added.code == 0, added.err
    one = shown(tidings, "subscriptions", "show", "desk")
    assert faults(one, "subscription") == []
    assert (one["quiet_hours"], one["due_at"]) == (hours, f"{end:%Y-%m-%dT%H:%M}:00Z")
    text = tidings("subscriptions", "show", "desk").out
    assert f"  quiet hours      {hours} (UTC)\n" in text
    assert f"{end:%H:%M} UTC (in " in text
    assert tidings("deliveries", "run").out == "Nothing is due.\n"
    tidings("subscriptions", "edit", "desk", "--quiet", "none")
    assert shown(tidings, "subscriptions", "show", "desk")["quiet_hours"] is None
    assert tidings("deliveries", "run").out == "desk: digest 1 sent\n"


def test_a_short_message_says_where_the_rest_is(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "desk", "--folder", folder, "--max-items", 1, "--from-start")
    assert tidings("deliveries", "run").out == "desk: digest 1 sent\n"
    [file] = folder.iterdir()
    whole = tidings("digest", "--subscription", "desk", "--number", 1)
    items = len(
        json.loads(tidings("digest", "--subscription", "desk", "--number", 1, "--json").out)["changes"]
    )
    assert items > 1
    said = f"... and {items - 1} more: `tidings digest --subscription desk --number 1` shows all {items}"
    assert said in " ".join(file.read_text().split())
    assert "more:" not in whole.out
    assert "1 item at most" in tidings("subscriptions", "show", "desk").out
    tidings("subscriptions", "edit", "desk", "--max-items", 0)
    assert shown(tidings, "subscriptions", "show", "desk")["max_items"] is None


def test_a_time_with_nothing_to_tell_is_recorded_as_chosen(
    tidings: Tidings, folder: Path, known: Path
) -> None:
    tidings("subscriptions", "add", "desk", "--folder", folder, "--schedule", "1h", "--empty", "record")
    assert "a digest without items is kept, and not brought" in tidings("subscriptions", "show", "desk").out
    for empty, waits in (("record", 0), ("send", 1), ("silent", 0)):
        tidings("subscriptions", "edit", "desk", "--empty", empty)
        with closing(sqlite3.connect(known)) as connection:
            connection.execute("UPDATE subscriptions SET due_at = created_at")
            connection.commit()
        assert tidings("deliveries", "run").out == ("desk: digest 2 sent\n" if waits else "Nothing is due.\n")
    assert shown(tidings, "subscriptions", "show", "desk")["digests"] == 2
    text = tidings("digest", "--subscription", "desk", "--number", 1).out
    assert "desk: digest 1" in text
    assert "Nothing new" in text


def test_alerts_are_a_subscription_of_their_own(tidings: Tidings, known: Path) -> None:
    secret = known.with_name("secret")
    secret.write_text(new_secret())
    with Receiver() as receiver:
        hook = ("--webhook", receiver.url(), "--allow-private", "--secret-file", secret)
        added = tidings("subscriptions", "add", "duty", "--alerts", *hook)
        assert added.out.startswith("duty: added; when something has been wrong for 15m, brought to")
        assert tidings("deliveries", "run").out == "Nothing is due.\n"
        breaks(known, "2026-01-02 08:00:00.000000")
        assert shown(tidings, "digest", "--subscription", "duty", "--peek")["alerts"][0]["state"] == "broken"
        assert tidings("deliveries", "run").out == "duty: digest 1 sent\n"
        assert tidings("deliveries", "run").out == "Nothing is due.\n"
        tidings("subscriptions", "edit", "duty", "--after", "0m")
        mends(known)
        assert tidings("deliveries", "run").out == "duty: digest 2 sent\n"
    bodies = [json.loads(came.body) for came in receiver.came]
    assert [body["type"] for body in bodies] == ["alerts.composed"] * 2
    assert [body["data"]["alerts"][0]["state"] for body in bodies] == ["broken", "recovered"]
    stored = shown(tidings, "digest", "--subscription", "duty", "--number", 1)
    assert faults(stored, "digest") == []
    assert stored == bodies[0]["data"]
    assert "not read since 2 January 2026" in tidings("digest", "--subscription", "duty", "--number", 1).out
    one = shown(tidings, "subscriptions", "show", "duty")
    assert (faults(one, "subscription"), one["alert_after_seconds"], one["cursor"]) == ([], 0, one["cursor"])
    assert tidings("db", "check").code == 0


def test_alerts_composed_by_hand_are_about_this_moment(tidings: Tidings, known: Path) -> None:
    tidings("subscriptions", "add", "duty", "--alerts", "--after", "1h")
    assert "Nothing new for duty" in tidings("digest", "--subscription", "duty").out
    breaks(known, "2026-01-02 08:00:00.000000")
    assert "broken" in tidings("digest", "--subscription", "duty").out
    assert "Nothing new for duty" in tidings("digest", "--subscription", "duty").out


def test_a_subscription_of_alerts_is_listed_as_such_and_makes_no_feed(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "duty", "--alerts", "--folder", folder)
    assert " alerts " in tidings("subscriptions", "list").out
    refused = tidings(
        "feeds", "write", folder, "--base-url", "https://news.example/", "--subscription", "duty"
    )
    assert (refused.code, "which make no feed" in " ".join(refused.err.split())) == (1, True), refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "x", "--folder", ".", "--quiet", "night"), 1, "quiet hours 'night'"),
        (("add", "x", "--folder", ".", "--quiet", "07:00-07:00"), 1, "never end"),
        (("add", "x", "--folder", ".", "--empty", "record"), 1, "goes with a --schedule"),
        (("add", "x", "--folder", ".", "--empty", "loud"), 2, "--empty"),
        (("add", "x", "--folder", ".", "--max-items", "-1"), 2, "--max-items"),
        (("add", "x", "--folder", ".", "--after", "1h"), 2, "it goes with --alerts"),
        (("add", "x", "--folder", ".", "--alerts", "--after", "soon"), 2, "0m to 7d"),
        (("add", "x", "--folder", ".", "--alerts", "--language", "fr"), 2, "no such choice"),
        (("add", "x", "--folder", ".", "--alerts", "--from-start"), 2, "no such choice"),
        (("add", "x", "--folder", ".", "--alerts", "--schedule", "1h"), 2, "no such choice"),
        (("add", "x", "--folder", ".", "--alerts", "--max-items", "3"), 2, "no such choice"),
        (("add", "x", "--folder", ".", "--alerts", "--format", "atom"), 2, "make no feed"),
    ],
)
def test_what_is_meant_for_nothing_is_refused(
    tidings: Tidings, known: Path, arguments: tuple[object, ...], code: int, said: str
) -> None:
    ended = tidings("subscriptions", *arguments)
    assert (ended.code, said in " ".join(ended.err.split())) == (code, True), ended.err


def test_alerts_take_no_words(tidings: Tidings) -> None:
    for option in ("--include", "--exclude"):
        ended = tidings("subscriptions", "add", "duty", "--alerts", option, "water")
        assert (ended.code, "alerts have no such choice" in ended.err) == (2, True)

"""Delivering from the outbox to real targets: accepted, failed, refused, and a fault of our own."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from digest.compose import compose, load
from digest.deliver import Attempt, deliver, deliver_all
from digest.targets import files
from digest.targets.target import Carriage
from digest.targets.webhooks import new_secret
from storage.claims import claim_due
from storage.deliveries import DeliveryState
from storage.engine import writing
from storage.reader_tables import Digest as DigestTable
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.targets import TargetPlan
from tests.digest.logs import START, Log
from tests.digest.receiver import Does, Receiver
from tests.storage.outbox import deliveries, set_target, target

QUICK = Carriage(timeout_seconds=0.5, limit_seconds=2.0)


def subscribe(log: Log, plan: TargetPlan, *, digests: int = 1) -> None:
    log.source("a", language="en")
    add(log.engine, "desk", filter=DigestFilter(), target=plan, now=START)
    for number in range(digests):
        log.published("a", f"https://news.example/{number}", f"Title {number}", language="en")
        assert compose(log.engine, "desk", now=START) is not None


def hook(receiver: Receiver) -> TargetPlan:
    options = {"url": receiver.url(), "allow_private": True}
    return TargetPlan(kind="webhook", options=options, secret=new_secret())


def brought(engine: Engine) -> list[tuple[int, str]]:
    return [(each.claim.number, str(each.state)) for each in deliver_all(engine, QUICK, owner="me")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "news"
    made.mkdir()
    return made


def test_all_that_waits_is_brought_in_order_and_once(log: Log, folder: Path) -> None:
    subscribe(log, TargetPlan(kind="file", options={"folder": str(folder), "format": "json"}), digests=3)
    assert brought(log.engine) == [(1, "sent"), (2, "sent"), (3, "sent")]
    assert brought(log.engine) == []
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == [f"desk-00000{number}.json" for number in (1, 2, 3)]
    for number, path in enumerate(files, 1):
        assert json.loads(path.read_text())["hash"] == load(log.engine, "desk", number).hash


def test_a_receiver_that_fails_gets_it_again_under_the_same_id(log: Log) -> None:
    with Receiver(Does(status=503), Does(hangs=True), Does(status=0)) as receiver:
        subscribe(log, hook(receiver))
        for attempt in range(4):
            set_target(log.engine, "desk", not_before=None)
            make_due(log.engine)
            assert brought(log.engine) == [(1, "sent" if attempt == 3 else "waiting")]
    assert len(receiver.came) == 4
    assert len({came.headers["webhook-id"] for came in receiver.came}) == 1
    assert len({came.body for came in receiver.came}) == 1
    [found] = deliveries(log.engine)
    assert (found.state, found.attempts, found.last_error) == (DeliveryState.SENT, 4, "")
    assert target(log.engine, "desk").failures == 0


def make_due(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE deliveries SET next_attempt_at = NULL")


def test_410_gives_up_disables_the_target_and_leaves_the_rest_waiting(log: Log) -> None:
    with Receiver(Does(status=410)) as receiver:
        subscribe(log, hook(receiver), digests=2)
        assert brought(log.engine) == [(1, "dead")]
    assert len(receiver.came) == 1
    assert target(log.engine, "desk").disabled_at is not None
    assert [str(each.state) for each in deliveries(log.engine)] == ["dead", "waiting"]


def test_what_one_target_asks_for_is_kept(log: Log) -> None:
    with Receiver(Does(status=429, headers={"Retry-After": "7200"})) as receiver:
        subscribe(log, hook(receiver), digests=2)
        assert brought(log.engine) == [(1, "waiting")]
    peace = target(log.engine, "desk").not_before
    [first, _] = deliveries(log.engine)
    assert peace is not None
    assert first.last_attempt_at is not None
    assert peace - first.last_attempt_at >= timedelta(hours=2)


def test_a_digest_that_was_altered_is_not_brought(log: Log, folder: Path) -> None:
    subscribe(log, TargetPlan(kind="file", options={"folder": str(folder), "format": "text"}))
    with writing(log.engine) as connection:
        connection.execute(update(DigestTable).values(hash="0" * 64))
    assert brought(log.engine) == [(1, "waiting")]
    assert list(folder.iterdir()) == []
    assert "altered" in deliveries(log.engine)[0].last_error


def test_a_fault_of_our_own_counts_as_an_attempt(
    log: Log, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(log, TargetPlan(kind="file", options={"folder": str(folder), "format": "text"}))

    def wrong(*_: object) -> str:
        raise LookupError("no such thing")

    monkeypatch.setattr(files, "render", wrong)
    with caplog.at_level(logging.CRITICAL, logger="digest.deliver"):
        assert brought(log.engine) == [(1, "waiting")]
    assert deliveries(log.engine)[0].last_error == "unexpected: LookupError; see the log"


def test_a_target_that_nobody_knows_is_told(log: Log) -> None:
    subscribe(log, TargetPlan(kind="pigeon", options={}))
    assert brought(log.engine) == [(1, "waiting")]
    assert "no kind 'pigeon'" in deliveries(log.engine)[0].last_error


def test_a_sender_that_is_asked_to_stop_claims_nothing_more(log: Log, folder: Path) -> None:
    subscribe(log, TargetPlan(kind="file", options={"folder": str(folder), "format": "text"}), digests=3)
    made: list[Attempt] = []
    made.extend(deliver_all(log.engine, QUICK, owner="me", stopping=lambda: len(made) == 2))
    assert [str(each.state) for each in deliveries(log.engine)] == ["sent", "sent", "waiting"]


def test_what_has_passed_to_somebody_else_is_left_to_him(log: Log) -> None:
    with Receiver(then=Does(status=500)) as receiver:
        subscribe(log, hook(receiver))
        [claim] = claim_due(log.engine, owner="slow", limit=1, seconds=0.001)
        [_] = eventually_claimed(log.engine)
        assert deliver(log.engine, claim, QUICK).state is None
    assert str(deliveries(log.engine)[0].state) == "claimed"


def eventually_claimed(engine: Engine) -> tuple[object, ...]:
    while not (claims := claim_due(engine, owner="another", limit=1)):
        pass
    return claims

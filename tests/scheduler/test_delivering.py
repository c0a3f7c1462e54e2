"""Ticks that compose and bring: from a crawl to a file, with several targets at once, and an orderly end."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from digest.targets.webhooks import new_secret
from scheduler.delivering import LocalSender
from scheduler.service import Scheduler
from storage.deliveries import DeliveryState
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.targets import TargetPlan
from tests.digest.logs import START, Log
from tests.digest.receiver import Does, Receiver
from tests.scheduler.test_scheduling import reports_of, stopped_afterwards
from tests.scheduler.world import World, eventually, listing
from tests.storage.outbox import deliveries


def hook(receiver: Receiver) -> TargetPlan:
    options = {"url": receiver.url(), "allow_private": True}
    return TargetPlan(kind="webhook", options=options, secret=new_secret())


def subscribed(world: World, **plans: TargetPlan) -> Log:
    log = Log(world.engine)
    log.source("a", language="en")
    for name, plan in plans.items():
        add(world.engine, name, filter=DigestFilter(), target=plan, now=START)
    log.published("a", "https://news.example/x", "Title of x", language="en")
    return log


def states(world: World) -> dict[str, str]:
    return {each.subscription: str(each.state) for each in deliveries(world.engine)}


def test_what_a_crawl_finds_is_brought_to_a_folder(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    world.declare("a")
    plan = TargetPlan(kind="file", options={"folder": str(folder), "format": "text"})
    add(world.engine, "desk", filter=DigestFilter(), target=plan)
    scheduler = Scheduler(world.engine, world.settings(), world.report)
    scheduler.start()
    try:
        eventually(reports_of(world, 1), "the baseline is taken")
        world.sites["a"].page("/a/", listing(6, 5, 4, 3, 2, 1, prefix="a"))
        world.make_due("a")
        eventually(lambda: list(folder.glob("*.txt")), "the digest is brought")
    finally:
        scheduler.stop()
    [file] = folder.iterdir()
    assert file.name == "desk-000001.txt"
    assert "Item 6 of the as" in file.read_text()
    [found] = deliveries(world.engine)
    assert found.state is DeliveryState.SENT


def test_a_receiver_that_hangs_keeps_nobody_else_waiting(world: World) -> None:
    with Receiver(then=Does(hangs=True)) as hanging, Receiver() as quick:
        subscribed(world, hanging=hook(hanging), quick=hook(quick))
        sender = LocalSender(world.engine, world.settings(senders=2), owner="me")
        sender.tell_due()
        eventually(lambda: hanging.came and quick.came, "both are asked")
        eventually(lambda: states(world) == {"hanging": "claimed", "quick": "sent"}, "one has accepted")
        sender.tell_due()  # nothing is left to be done, and a tick does not wait for the one that hangs
        assert len(hanging.came) == 1
        sender.ask_to_stop()
    sender.stop()
    assert states(world) == {"hanging": "waiting", "quick": "sent"}


def test_what_is_being_brought_is_brought_to_its_end_and_nothing_new_is_begun(world: World) -> None:
    asked, answered = threading.Event(), threading.Event()

    def wait(_came: object) -> None:
        asked.set()
        assert answered.wait(30)

    with Receiver(Does(before=wait)) as receiver:
        log = subscribed(world, desk=hook(receiver))
        sender = LocalSender(world.engine, world.settings(), owner="me")
        sender.tell_due()
        assert asked.wait(30)
        sender.ask_to_stop()
        log.published("a", "https://news.example/y", "Title of y", language="en")
        sender.tell_due()
        answered.set()
        sender.stop()
        assert [str(each.state) for each in deliveries(world.engine)] == ["sent", "waiting"]
        assert len(receiver.came) == 1


def test_the_log_says_what_a_person_has_to_know_and_no_secret(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with Receiver(then=Does(status=410)) as receiver:
        plan = hook(receiver)
        subscribed(sqlite_world, desk=plan)
        sender = LocalSender(sqlite_world.engine, sqlite_world.settings(), owner="me")
        with caplog.at_level(logging.INFO):
            sender.tell_due()
            eventually(lambda: states(sqlite_world) == {"desk": "dead"}, "it is refused")
            sender.stop()
    assert "desk: digest 1 composed, 1 item" in caplog.text
    assert "desk: digest 1 (delivery 1): given up after attempt 1" in caplog.text
    assert "`tidings deliveries retry 1` tries it again" in caplog.text
    assert plan.secret.removeprefix("whsec_") not in caplog.text
    assert "/hook" not in caplog.text


def test_a_crawl_that_fails_is_told_to_operators_once_and_so_is_its_end(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "alerts"
    folder.mkdir()
    world.declare("a")
    plan = TargetPlan(kind="file", options={"folder": str(folder), "format": "text"})
    add(world.engine, "duty", filter=DigestFilter(), target=plan, alert_after_seconds=0)
    senders = (LocalSender(world.engine, world.settings(), owner=f"sender {number}") for number in range(9))

    def look(files: int) -> None:
        sender = next(senders)  # each has just begun, and so looks at once
        sender.tell_due()
        eventually(lambda: len(list(folder.iterdir())) >= files, "what is to be told is brought")
        sender.stop()
        assert len(list(folder.iterdir())) == files

    with stopped_afterwards(world) as scheduler:
        for number, status, files in ((1, 200, 0), (2, 500, 1), (3, 500, 1), (4, 200, 2)):
            world.sites["a"].page("/a/", listing(5, 4, 3, 2, 1, prefix="a"), status=status, etag=False)
            world.make_due("a")
            scheduler.dispatch_due()
            eventually(reports_of(world, number), f"crawl {number} is settled")
            look(files)
    first, second = sorted(folder.iterdir())
    assert "! a: broken\n" in first.read_text()
    assert "* a: recovered\n" in second.read_text()

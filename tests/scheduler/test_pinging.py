"""The dead man's switch: a real receiver is called while all is well, and whatever it does delays nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from news.errors import ConfigError, StorageError
from news.health import Checkup, Kind
from scheduler import pinging
from scheduler.pinging import Pinger
from scheduler.service import Scheduler
from storage.engine import open_engine
from storage.settings import Settings
from tests.digest.receiver import Does, Receiver
from tests.scheduler.world import eventually

PATH = "/ping/3f0c2d1e-secret"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def found(**counts: int) -> Checkup:
    return Checkup(at=AT, complaints=(), counts=Counter({Kind(kind): n for kind, n in counts.items()}))


def settings(receiver: Receiver, **more: Any) -> Settings:
    wanted = {"ping_url": receiver.url(PATH), "ping_private": True, "ping_seconds": 0.05, **more}
    return Settings(**wanted)


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    opened = open_engine(sqlite_url)
    yield opened
    opened.dispose()


def came(receiver: Receiver) -> list[tuple[str, str, bytes]]:
    return [(each.method, each.path, each.body) for each in receiver.came]


def test_it_calls_while_all_is_well_and_is_silent_when_not(engine: Engine) -> None:
    with Receiver() as receiver:
        Pinger(engine, settings(receiver), look=found).ping()
        Pinger(engine, settings(receiver), look=lambda: found(overdue=2)).ping()
        Pinger(engine, settings(receiver), look=away).ping()
    assert came(receiver) == [("GET", PATH, b"")]


def away() -> Checkup:
    raise StorageError("the database is away")


def test_with_suffixes_it_says_at_once_that_something_is_wrong_and_names_nobody(engine: Engine) -> None:
    with Receiver() as receiver:
        wanted = settings(receiver, ping_suffixes=True, ping_url=receiver.url(f"{PATH}/?rid=1"))
        Pinger(engine, wanted, look=lambda: found(overdue=2, disk=1)).ping()
        Pinger(engine, wanted, look=away).ping()
        Pinger(engine, wanted, look=found).ping()
    assert came(receiver) == [
        ("POST", f"{PATH}/fail?rid=1", b"2 overdue, 1 disk"),
        ("POST", f"{PATH}/fail?rid=1", b"1 database"),
        ("GET", f"{PATH}/?rid=1", b""),
    ]


def test_a_call_that_fails_is_told_once_and_its_end_once_and_the_address_never(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "scheduler.pinging")
    with Receiver(Does(status=500), Does(status=302), Does(status=0), then=Does()) as receiver:
        pinger = Pinger(engine, settings(receiver), look=found)
        for _ in range(5):
            pinger.ping()
    place = f"http://127.0.0.1:{receiver.port}/…"
    assert caplog.messages == [
        f"ping: {place} answers 500; it is tried again every 0.05 seconds",
        f"ping: {place} answers again",
    ]
    assert len(receiver.came) == 5


def test_nobody_private_is_called_unless_that_is_meant(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with Receiver() as receiver:
        Pinger(engine, settings(receiver, ping_private=False), look=found).ping()
    assert receiver.came == []
    [message] = caplog.messages
    assert "loopback" in message
    assert "set ping_private = true" in message


@pytest.mark.parametrize("url", ["ftp://a.example/", "https://user:word@a.example/", "nonsense"])
def test_an_address_that_may_not_be_asked_is_refused_at_once_and_not_repeated(
    engine: Engine, url: str
) -> None:
    with pytest.raises(ConfigError, match="ping_url") as refused:
        Pinger(engine, Settings(ping_url=url))
    assert url not in str(refused.value)
    assert url not in repr(Settings(ping_url=url))


def test_a_server_that_drips_for_ever_holds_up_no_tick_and_no_end(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "STOP_SECONDS", 0.1)
    with Receiver(then=Does(drips=True)) as receiver:
        scheduler = Scheduler(engine, settings(receiver, tick_seconds=0.05, disk_free_bytes=0))
        begun = time.monotonic()
        scheduler.start()
        started = time.monotonic() - begun
        eventually(lambda: receiver.came, "the call")
        beats = threading.Event()
        monkeypatch.setattr("scheduler.service.beat", lambda *_, **__: beats.set())
        assert beats.wait(30), "a tick while the call is on its way"
        begun = time.monotonic()
        scheduler.stop()
        assert started < pinging.LIMIT_SECONDS / 2
        assert time.monotonic() - begun < pinging.LIMIT_SECONDS / 2
    assert len(receiver.came) == 1


def test_a_call_ends_in_time_however_slowly_a_server_drips(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pinging, "LIMIT_SECONDS", 0.3)
    with Receiver(then=Does(drips=True)) as receiver:
        Pinger(engine, settings(receiver), look=found).ping()
    assert "no whole answer within 0.3 seconds" in caplog.text


def test_the_service_calls_by_itself_again_and_again(engine: Engine) -> None:
    with Receiver() as receiver:
        scheduler = Scheduler(engine, settings(receiver, ping_suffixes=True, disk_free_bytes=0))
        scheduler.start()
        eventually(lambda: len(receiver.came) >= 3, "three calls")
        scheduler.stop()
        told = came(receiver)
    assert told[:3] == [("GET", f"{PATH}/start", b""), ("GET", PATH, b""), ("GET", PATH, b"")]

"""``/health``: what fails it, who is told the names, what a monitor reads, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from news.health import Kind
from storage.engine import open_engine
from storage.heartbeat import SCHEDULER, beat
from storage.settings import Settings
from storage.tokens import add_token
from storage.users import add_user
from tests.serving.content import filled
from tests.serving.serving import Site, serving
from tidings.serving.checkups import KEPT_SECONDS, Checkups
from tidings.serving.doors import Doors
from tidings.serving.secrets import TOKEN_PREFIX, hash_password, secret_hash

TOKEN = f"{TOKEN_PREFIX}{'a' * 43}"
WELL: dict[str, Any] = {"overdue_seconds": 0, "unread_seconds": 0, "waiting_seconds": 0, "disk_free_bytes": 0}
"""Nothing but the heartbeat is complained of."""


@pytest.fixture
def exposed(engine: Engine) -> Iterator[Site]:
    filled(engine)
    add_user(engine, "amal", password_hash=hash_password("correct horse battery"))
    add_token(engine, "monitor", hash=secret_hash(TOKEN), may_write=False)
    beyond = Doors(host="127.0.0.1", port=0, names=None, exposed=True)
    with serving(engine, doors=beyond, **WELL) as site:
        yield site


def silent_since_long(engine: Engine) -> None:
    from datetime import UTC, datetime

    at = datetime.now(UTC) - timedelta(minutes=3)
    beat(engine, SCHEDULER, owner="tidings run on web1", started_at=at, now=at)


def test_it_is_well_until_something_is_complained_of(engine: Engine, exposed: Site) -> None:
    answer = exposed.ask("/health")
    assert (answer.status, answer.json["status"], answer.json["counts"]) == (200, "ok", {})
    assert answer.headers["cache-control"] == "no-store"


def test_whoever_is_not_known_is_told_how_much_and_never_of_whom(engine: Engine, exposed: Site) -> None:
    silent_since_long(engine)
    answer = exposed.ask("/health")
    assert answer.status == 503
    assert answer.json["counts"] == {"heartbeat": 1}
    assert answer.json.keys() == {"schema", "status", "at", "counts"}
    assert b"web1" not in answer.body
    text = exposed.ask("/health", headers={"Accept": "text/plain"})
    assert (text.status, text.body) == (503, b"failing\nheartbeat: 1\n")


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": f"Bearer {TOKEN_PREFIX}{'0' * 43}"}, {"Cookie": "tidings=x"}]
)
def test_a_secret_that_is_none_tells_no_names(engine: Engine, exposed: Site, header: dict[str, str]) -> None:
    silent_since_long(engine)
    assert "complaints" not in exposed.ask("/health", headers=header).json


def test_with_a_token_each_reason_is_named(engine: Engine, exposed: Site) -> None:
    silent_since_long(engine)
    known = {"Authorization": f"Bearer {TOKEN}"}
    answer = exposed.ask("/health", headers=known)
    [complaint] = answer.json["complaints"]
    assert answer.status == 503
    assert (complaint["kind"], complaint["subject"]) == ("heartbeat", "tidings run on web1")
    text = exposed.ask("/health", headers={**known, "Accept": "text/plain"}).body.decode()
    assert text.startswith("failing\nheartbeat: scheduler tidings run on web1, since ")


def test_a_monitor_may_ask_for_the_head_alone_and_nobody_may_change_anything(exposed: Site) -> None:
    assert (exposed.ask("/health", method="HEAD").status, exposed.ask("/health", method="HEAD").body) == (
        200,
        b"",
    )
    assert exposed.ask("/health", method="POST").status == 405
    assert exposed.ask("/health/live").json == {"status": "ok"}
    for path in ("/health/", "/health/x", "//health", "/health/live/x"):
        assert exposed.ask(path).status == 401, path


def test_at_this_machine_s_own_address_names_are_told(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    filled(engine)
    with serving(engine, overdue_seconds=1, disk_free_bytes=0) as site:
        told = site.ask("/health").json
    assert told["counts"]["overdue"] == len(
        [each for each in told["complaints"] if each["kind"] == "overdue"]
    )
    assert {each["subject"] for each in told["complaints"]} >= {"one"}


def test_a_database_that_is_away_is_a_reason_and_no_error(tmp_path: Path, sqlite_template: Path) -> None:
    import shutil

    file = tmp_path / "tidings.db"
    shutil.copyfile(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    with serving(engine, **WELL) as site:
        engine.dispose()
        file.write_bytes(b"no database at all" * 100)
        answer, live = site.ask("/health"), site.ask("/health/live")
    assert (answer.status, answer.json["counts"]) == (503, {"database": 1})
    assert str(tmp_path) not in answer.body.decode()
    assert live.status == 503


def test_however_many_ask_the_database_is_looked_at_once_in_a_while(sqlite_url: str) -> None:
    engine, now = open_engine(sqlite_url), [0.0]
    checkups = Checkups(engine, Settings(**WELL), clock=lambda: now[0])
    first = checkups.latest()
    silent_since_long(engine)
    now[0] = KEPT_SECONDS - 0.1
    assert checkups.latest() is first
    now[0] = KEPT_SECONDS
    assert checkups.latest().counts == {Kind.HEARTBEAT: 1}


def test_the_answer_is_what_the_documents_say(engine: Engine, exposed: Site) -> None:
    from tests.tidings.documented import faults

    silent_since_long(engine)
    told = exposed.ask("/health", headers={"Authorization": f"Bearer {TOKEN}"})
    assert faults(json.loads(told.body), "health") == []

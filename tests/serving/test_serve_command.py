"""``tidings serve`` and ``tidings run --serve`` as processes: how they start, refuse to, and end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from storage.engine import open_engine
from tests.storage.desk import Desk

READERS = 8
ROOT = Path(__file__).resolve().parents[2]


def environment(url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIDINGS_")}
    return {**kept, "TIDINGS_DATABASE_URL": url, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": "/nonexistent"}


@contextmanager
def running(folder: Path, url: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a command that serves, and yield it with its address once it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tidings", *arguments],
        cwd=folder,
        env=environment(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert "http://127.0.0.1:" in ready, process.communicate(timeout=20)
        yield process, ready[ready.index("http://") :].partition(";")[0].strip().rstrip("/")
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def ended(folder: Path, url: str, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tidings", *arguments],
        cwd=folder,
        env=environment(url),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        **more,
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_seconds_also_with_readers_that_wait(
    tmp_path: Path, sqlite_url: str, number: signal.Signals
) -> None:
    with running(tmp_path, sqlite_url, "serve", "--port", "0") as (process, address):
        readers = [HTTPConnection(address.removeprefix("http://"), timeout=60) for _ in range(READERS)]
        for each in readers:
            each.request("GET", "/health/live")
            with each.getresponse() as answer:
                assert answer.read()
            each.request("GET", "/api/v1/changes?wait=60")
        time.sleep(3)  # they wait by now; if one did not, it would be refused and the test fail
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(50) == 0
        assert time.monotonic() - began < 45  # on a machine under load; they would have waited a minute
        came = []
        for each in readers:
            with closing(each), each.getresponse() as answer:
                came.append(json.load(answer))
    assert came == [{"schema": 1, "changes": [], "cursor": 0, "more": False}] * READERS


def test_it_makes_an_empty_database_where_there_is_none(tmp_path: Path) -> None:
    with (
        running(tmp_path, "sqlite:///new.db", "serve", "--port", "0") as (_, address),
        urlopen(f"{address}/api/v1/sources", timeout=60) as answer,
    ):
        assert json.load(answer)["sources"] == []
    assert (tmp_path / "new.db").exists()


@pytest.mark.parametrize("command", [["serve"], ["run", "--serve"]], ids=" ".join)
def test_a_port_that_is_taken_is_told_at_once(tmp_path: Path, sqlite_url: str, command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ended(tmp_path, sqlite_url, *command, "--port", str(port))
    assert done.returncode == 1
    assert f"127.0.0.1:{port}: something else listens there already" in done.stderr
    assert "Traceback" not in done.stderr


def test_beyond_this_machine_it_does_not_start_before_somebody_can_sign_in(
    tmp_path: Path, sqlite_url: str
) -> None:
    refused = ended(tmp_path, sqlite_url, "serve", "--host", "0.0.0.0", "--port", "0")
    assert (refused.returncode, "tidings users add" in refused.stderr) == (1, True)


def test_the_scheduler_serves_too_and_both_end_together(tmp_path: Path, sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    Desk(engine)
    engine.dispose()
    assert ended(tmp_path, sqlite_url, "sources", "pause", "one").returncode == 0
    with running(tmp_path, sqlite_url, "run", "--serve", "--port", "0") as (process, address):
        with urlopen(f"{address}/api/v1/status", timeout=60) as answer:
            assert "tidings run" in json.load(answer)["scheduler"]["owner"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_passwords_and_tokens_are_made_by_hand_and_a_token_is_shown_once(
    tmp_path: Path, sqlite_url: str
) -> None:
    def tidings(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return ended(tmp_path, sqlite_url, *arguments, input=typed)

    assert tidings("users", "add", "amal", typed="correct horse battery\n").stdout == "amal: may sign in\n"
    assert "exists" in (twice := tidings("users", "add", "amal", typed="correct horse battery\n")).stderr or (
        "there is one of this name" in twice.stderr
    )
    assert "12 to 1000 characters" in tidings("users", "add", "basma", typed="short\n").stderr
    made = json.loads(tidings("tokens", "create", "archive", "--json").stdout)
    assert (made["name"], made["may_write"], made["token"][:4]) == ("archive", False, "tdt_")
    listed = tidings("tokens", "list", "--json").stdout + tidings("users", "list", "--json").stdout
    assert made["token"] not in listed
    assert "hash" not in listed
    assert tidings("tokens", "revoke", "archive").returncode == 0
    assert tidings("tokens", "revoke", "archive").returncode == 1
    assert tidings("users", "remove", "amal").returncode == 0

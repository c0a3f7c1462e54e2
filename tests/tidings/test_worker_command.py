"""`tidings worker` and `tidings db queue`: what they refuse, and what they say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.tidings.conftest import Tidings

POSTGRESQL = "postgresql://tidings@db.example.org/tidings"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDINGS_DISPATCHER", "Cluster")


def test_a_worker_whose_schedulers_would_queue_nothing_is_refused(tidings: Tidings) -> None:
    ended = tidings("worker", "--database", POSTGRESQL)
    assert (ended.code, ended.out) == (1, "")
    assert 'set dispatcher = "cluster" (TIDINGS_DISPATCHER=cluster)' in ended.err


@pytest.mark.parametrize("command", [("worker",), ("run",), ("db", "queue")], ids=" ".join)
def test_sqlite_is_refused_and_no_file_is_made(
    cluster: None, tidings: Tidings, tmp_path: Path, command: tuple[str, ...]
) -> None:
    ended = tidings(*command)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: database sqlite:///tidings.db: workers need a PostgreSQL database")
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("command", [("worker",), ("run",), ("db", "queue")], ids=" ".join)
def test_a_missing_extra_is_named(
    cluster: None, tidings: Tidings, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    ended = tidings(*command, "--database", POSTGRESQL)
    assert (ended.code, ended.out) == (1, "")
    assert "install it with `pip install 'tidings[cluster]'`" in ended.err


def test_the_queue_is_made_by_a_command_and_missed_before(
    cluster: None, tidings: Tidings, postgres_url: str
) -> None:
    ended = tidings("worker", "--database", postgres_url)
    assert ended.code == 1
    assert "its queue of jobs has not been made; make it with `tidings db queue`" in ended.err
    made = tidings("db", "queue", "--database", postgres_url)
    assert (made.code, made.err) == (0, "")
    assert made.out.endswith(": the queue is ready\n")
    again = tidings("db", "queue", "--database", postgres_url)
    assert again.out.endswith(": the queue was ready, nothing to do\n")
    assert tidings("db", "check", "--database", postgres_url).code == 0


def test_without_a_database_a_worker_says_so(
    cluster: None, tidings: Tidings, empty_postgres_url: str
) -> None:
    ended = tidings("worker", "--database", empty_postgres_url)
    assert ended.code == 1
    assert "it holds nothing of tidings yet" in ended.err

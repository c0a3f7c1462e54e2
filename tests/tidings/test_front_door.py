"""The door itself: help, late imports, colours, pipes, and errors that nobody expected."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.tidings.conftest import Tidings
from tests.tidings.documented import PAGE, faults, shapes
from tidings import health
from tidings.cli import app

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"scrapy", "twisted", "apscheduler", "alembic", "jinja2", "parsel", "lxml"}


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    group = group or typer.main.get_command(app)
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())


def started(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = ["-c", code, *arguments] if code else ["-m", "tidings", *arguments]
    return subprocess.run([sys.executable, *program], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example_and_knows_the_common_options(
    tidings: Tidings, path: tuple[str, ...]
) -> None:
    ended = tidings(*path, "--help")
    assert ended.code == 0
    assert f"tidings {' '.join(path)}" in ended.out.partition("Example")[2]
    for option in ("--database", "--config", "--debug"):
        assert option in ended.out


def test_every_command_of_the_design_is_there() -> None:
    firsts = {path[0] for path in ALL}
    assert firsts == {
        "watch", "discover", "runs", "subscriptions", "deliveries", "feeds",
        "crawl", "replay", "record", "digest", "run", "status", "sources", "articles", "recordings", "db",
        "serve", "users", "tokens", "worker", "doctor",
    }  # fmt: skip


def test_every_command_that_knows_json_is_documented() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## What you can rely on")[0]
    named = {tuple(each.split()) for each in re.findall(r"`tidings ([a-z ]+) --json`", table)}
    knowing = {path for path, command in ALL.items() if "as_json" in {each.name for each in command.params}}
    assert named == knowing


def test_every_documented_object_says_which_version_it_follows() -> None:
    parts = {
        "span",
        "place",
        "candidate",
        "item",
        "elsewhere",
        "finding",
        "retelling",
        "matched",
    }  # of a change, of a proposal, of an article; they have no life of their own
    assert {name for name, fields in shapes().items() if "schema" not in fields} == parts


def test_the_checker_of_shapes_sees_what_is_wrong() -> None:
    good = {"schema": 1, "source": "a", "wrapper": None, "changes": []}
    assert faults(good, "approval") == []
    for bad in (
        {**good, "source": 1},
        {**good, "more": 1},
        {"schema": 1, "source": "a"},
        {**good, "changes": [{}]},
    ):
        assert faults(bad, "approval") != []


@pytest.mark.parametrize("arguments", [["--help"], ["crawl", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(arguments) & (HEAVY | {"sqlalchemy", "rich"}) == set()


def test_status_imports_nothing_of_crawling_and_scheduling(known: Path) -> None:
    assert loaded(["status"]) & HEAVY == set()


def loaded(arguments: list[str]) -> set[str]:
    code = (
        "import sys\nfrom tidings.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code, ended.code\n"
        "print('loaded', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = started(*arguments, code=code)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded")[2].split())


def test_the_version_is_that_of_the_project(tidings: Tidings) -> None:
    declared = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert declared
    assert tidings("--version").out == f"tidings {declared[1]}\n"


def test_an_error_that_nobody_expected_is_short_and_has_its_traceback_on_demand(
    tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of course")

    monkeypatch.setattr(health, "health_of", broken)
    ended = tidings("status")
    assert ended.code == 1
    assert "ZeroDivisionError: of course" in ended.err
    assert "--debug" in ended.err
    with pytest.raises(ZeroDivisionError):
        tidings("status", "--debug")


def test_a_message_cannot_give_orders_to_the_terminal(tidings: Tidings, known: Path) -> None:
    ended = tidings("sources", "show", "\x1b[2Jharbour\x07")
    assert ended.code == 1
    assert "\x1b" not in ended.err
    assert "\x07" not in ended.err


def test_an_option_in_front_of_the_command_is_sent_to_its_place(tidings: Tidings) -> None:
    ended = tidings("--database", "sqlite:///a.db", "status")
    assert ended.code == 2
    assert "tidings COMMAND --database" in ended.err


def test_a_reader_that_has_gone_ends_the_command_quietly(known: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "tidings", "articles", "list", "--json"],
            env=os.environ, stdout=gone, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, "")


def test_without_a_terminal_there_are_no_colours_and_nothing_is_cut(known: Path) -> None:
    done = started("sources", "list")
    assert "\x1b" not in done.stdout
    assert "https://harbour.example/notices/" in done.stdout
    assert "…" not in done.stdout


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_it_does_not_want_them(
    known: Path, variables: dict[str, str], coloured: bool
) -> None:
    shown = on_a_terminal("status", variables | {"TERM": "xterm-256color", "COLUMNS": "40"})
    assert "harbour" in shown
    assert ("\x1b[32m" in shown) is coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    table = plain.partition("\n\n")[2].partition("To be looked after")[0]
    assert max(len(line) for line in table.splitlines()) <= 40


def on_a_terminal(command: str, variables: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    environment = os.environ | variables
    process = subprocess.Popen(
        [sys.executable, "-m", "tidings", command],
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65_536):
            shown += part
    except OSError:  # Linux says so when the other side has closed
        pass
    finally:
        os.close(ours)
        process.wait(30)
    return shown.decode().replace("\r\n", "\n")


def test_the_scheduler_says_when_it_is_ready_and_ends_gracefully(known: Path, tidings: Tidings) -> None:
    tidings("sources", "pause", "harbour")  # nothing is asked for
    process = subprocess.Popen(
        [sys.executable, "-m", "tidings", "run"],
        env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("tidings is running: 0 sources")
    running = json.loads(tidings("status", "--json").out)
    assert faults(running, "status") == []
    assert running["scheduler"]["owner"].startswith("tidings run on ")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, ""), err
    assert "paused" in err
    shown = json.loads(tidings("status", "--json").out)
    assert shown["scheduler"] is None


def test_ctrl_c_ends_with_130(tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(health, "health_of", interrupted)
    assert tidings("status").code == 130

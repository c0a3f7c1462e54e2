"""The real command in this process, a database after the small site's first two days, and a clean environment."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.tidings.small_site import write_series
from tidings.cli import main


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


ROOT = str(Path(__file__).resolve().parents[2])

Tidings = Callable[..., Ended]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests, and a working directory of the test's own."""
    for name in [name for name in os.environ if name.startswith("TIDINGS_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    # The server that crawl processes are forked from is started afresh, wherever the command stands.
    monkeypatch.setenv("PYTHONPATH", ROOT)
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


@pytest.fixture
def tidings(capsys: pytest.CaptureFixture[str]) -> Tidings:
    """Run the command as a shell would, and say how it ended."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        code: Any = ended.value.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ended(code=code or 0, out=out, err=err)

    return run


@pytest.fixture(scope="session")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small site's recordings, each a directory."""
    return write_series(tmp_path_factory.mktemp("series"))


@pytest.fixture(scope="session")
def two_days(series: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file into which the first two recordings were replayed."""
    file = tmp_path_factory.mktemp("two-days") / "tidings.db"
    for step in ("1-baseline", "2-news"):
        with pytest.raises(SystemExit) as ended:
            main(["replay", str(series / step), "--database", f"sqlite:///{file}"])
        assert not ended.value.code
    return file


@pytest.fixture
def known(two_days: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This test's own copy of it, which commands use without being told."""
    return use_copy(two_days, tmp_path / "known.db", monkeypatch)


def use_copy(of: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for suffix in ("", "-wal"):
        if (source := of.with_name(of.name + suffix)).exists():
            shutil.copyfile(source, file.with_name(file.name + suffix))
    monkeypatch.setenv("TIDINGS_DATABASE_URL", f"sqlite:///{file}")
    return file


@pytest.fixture
def folder(tmp_path: Path, known: Path) -> Path:
    """A folder that digests are brought to, beside a database with news in it."""
    made = tmp_path / "news"
    made.mkdir()
    return made


def shown(tidings: Tidings, *command: object) -> Any:
    """Return what a command prints as JSON; it must end well."""
    ended = tidings(*command, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)

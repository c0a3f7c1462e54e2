"""Two empty databases of a kind: one for the undisturbed series, one for the series that is killed again and again."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def two_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two migrated databases; the test runs once on each kind."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        first, second = (shutil.copyfile(template, tmp_path / f"{name}.db") for name in ("calm", "killed"))
        yield f"sqlite:///{first}", f"sqlite:///{second}"
        return
    server = request.getfixturevalue("postgres_server")
    with fresh_database(*server) as calm, fresh_database(*server) as killed:
        yield calm, killed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures of the crash test at the end, for each kind of database."""
    sums: dict[str, Counter[str]] = {}
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "crash":
                assert isinstance(value, dict)
                figures = dict(value)
                sums.setdefault(figures.pop("database"), Counter()).update(figures | {"series": 1})
    for database, figures in sorted(sums.items()):
        terminalreporter.write_line(
            f"{database}: " + ", ".join(f"{figures[name]} {name}" for name in figures)
        )

"""The doctor's other looks: tables of what is found and what it means, and a real database of each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from news.errors import StorageError
from news.source import RequestRules, Source
from storage.engine import open_engine, writing
from storage.examining import examine
from storage.schema import VERSION_TABLE
from storage.settings import Settings
from tests.crawler.crawling import source
from tests.test_house import PYPROJECT
from tidings.doctor import clock, configuration, database, disk, installation
from tidings.doctor.findings import Finding, State

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
GIGABYTE = 1024**3


def states(findings: list[Finding]) -> list[str]:
    return [f"{each.name} {each.state}" for each in findings]


# ----------------------------------------------------------------------------------------- installation


def versions(**found: str) -> Callable[[str], str]:
    def version(name: str) -> str:
        if (known := found.get(name, "fits")) == "none":
            raise PackageNotFoundError(name)
        lower = installation.NEEDED.get(name, installation.POSTGRES[1]).partition(",")[0]
        return lower.removeprefix(">=") if known == "fits" else known

    return version


def test_this_installation_is_well() -> None:
    assert {each.state for each in installation.look(Settings(), [])} == {State.OK}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, ["python ok", "libraries ok"]),
        ({"scrapy": "2.20.0"}, ["python ok", "scrapy failed"]),
        ({"scrapy": "2.18.2"}, ["python ok", "scrapy failed"]),
        ({"lxml": "none"}, ["python ok", "lxml failed"]),
        ({"scrapy": "2.19.7", "lxml": "7.0"}, ["python ok", "libraries ok"]),
    ],
)
def test_a_library_in_a_version_that_does_not_fit_is_told(found: dict[str, str], told: list[str]) -> None:
    assert (
        states(list(installation.look(Settings(), [], installed=versions(**found), python=(3, 12)))) == told
    )


def test_a_python_that_is_too_old_or_too_new_is_told() -> None:
    for python in ((3, 10), (3, 15)):
        first = next(iter(installation.look(Settings(), [], installed=versions(), python=python)))
        assert first.state is State.FAILED


def test_the_driver_of_postgresql_is_wanted_where_the_database_is_one() -> None:
    settings = Settings(database_url="postgresql://tidings@db/tidings")
    told = list(installation.look(settings, [], installed=versions(psycopg="none"), python=(3, 12)))
    assert states(told) == ["python ok", "psycopg failed"]


def test_the_ranges_are_those_of_the_project() -> None:
    declared = {line.partition(">=")[0]: line for line in PYPROJECT["project"]["dependencies"]}
    for name, allowed in installation.NEEDED.items():
        assert declared[name].partition(">=")[2] == allowed.removeprefix(">="), name
    assert (
        f"psycopg[binary]{installation.POSTGRES[1]}"
        in PYPROJECT["project"]["optional-dependencies"]["postgres"]
    )
    low, high = (".".join(map(str, bound)) for bound in installation.PYTHON)
    assert PYPROJECT["project"]["requires-python"] == f">={low},<{high}"


def test_a_browser_is_looked_for_where_a_source_wants_one() -> None:
    wants = source("https://a.example/", "drawn", request=RequestRules(browser=True))
    settings = Settings(browser_path="/nowhere/chromium", browser_sandbox=False)
    *_, last = installation.look(settings, [wants], installed=versions(), python=(3, 12))
    assert (last.name, last.state) == ("browser", State.FAILED)
    assert "drawn" in last.seen
    assert last.advice


# ---------------------------------------------------------------------------------------- configuration


def configured(settings: Settings, *sources: Source, config: Path | None = None) -> list[str]:
    return states(list(configuration.look(settings, sources, config=config, environ={})))


def test_files_with_secrets_that_others_may_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "tidings.toml"
    file.write_text("")
    settings = Settings(contact="a@b.example", database_url="postgresql://tidings:secret@db/tidings")
    told = {}
    for mode in (0o600, 0o640, 0o644, 0o666):
        file.chmod(mode)
        told[mode] = configured(settings, config=file)[1:]
    assert told == {0o600: [], **{mode: ["permissions warning"] for mode in (0o640, 0o644, 0o666)}}
    file.chmod(0o644)
    assert configured(Settings(contact="a@b.example"), config=file)[1:] == []  # nothing in it is a secret


def test_a_database_file_that_is_open_to_all_is_told(tmp_path: Path) -> None:
    file = tmp_path / "t.db"
    file.touch()
    settings = Settings(contact="a@b.example", database_url=f"sqlite:///{file}")
    file.chmod(0o640)
    assert configured(settings)[1:] == []
    file.chmod(0o644)
    assert configured(settings)[1:] == ["permissions warning"]


def test_a_missing_contact_address_and_a_variable_that_is_not_set_are_told() -> None:
    needs = source("https://a.example/", "keyed", request=RequestRules(headers=(("X-Key", "env:NO_SUCH"),)))
    assert configured(Settings(), needs)[1:] == ["contact warning", "keyed failed"]


def test_a_server_for_others_without_an_address_is_told() -> None:
    settings = Settings(contact="a@b.example", serve=True, serve_host="0.0.0.0")
    assert configured(settings)[1:] == ["public_url warning"]


# ------------------------------------------------------------------------------------------------ clock


@pytest.mark.parametrize(
    ("server", "others", "last", "told"),
    [
        (0.2, [], None, ["database ok"]),
        (-8, [], None, ["database warning"]),
        (90, [], None, ["database failed"]),
        (None, [0.4, -0.3, 4000], None, ["servers ok"]),  # one server's own clock may be wrong
        (None, [70, 71, 72], None, ["servers failed"]),
        (None, [], None, ["servers skipped"]),
        (0, [], -3600, ["database ok"]),
        (0, [], 3600, ["database ok", "step warning"]),
    ],
)
def test_a_clock_is_compared_with_all_there_is(
    server: float | None, others: list[float], last: float | None, told: list[str]
) -> None:
    found = clock.look(
        NOW,
        database_now=None if server is None else NOW + timedelta(seconds=server),
        last_run_at=None if last is None else NOW + timedelta(seconds=last),
        servers=[timedelta(seconds=each) for each in others],
    )
    assert states(list(found)) == told


# ------------------------------------------------------------------------------------------------- disk


@dataclass(frozen=True)
class Room:
    total: int
    free: int


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [
        (100, 50, State.OK),
        (100, 4, State.WARNING),
        (2, 0.9, State.WARNING),
        (100, 0.1, State.FAILED),
        (0, 0, State.FAILED),
    ],
)
def test_a_disk_that_is_full_or_nearly_is_told(
    tmp_path: Path, total: float, free: float, state: State
) -> None:
    room = Room(total=int(total * GIGABYTE), free=int(free * GIGABYTE))
    found = list(disk.look(tmp_path / "t.db", usage=lambda _: room))
    assert [each.state for each in found] == [state, state]


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    [first, _] = disk.look(tmp_path / "gone" / "t.db")
    assert first.state is State.FAILED


# --------------------------------------------------------------------------------------------- database


def test_a_database_is_looked_at_and_left_as_it_was(engine: Engine) -> None:
    found = examine(engine)
    assert found.server.startswith(("SQLite 3", "PostgreSQL 1"))
    assert abs(found.now - datetime.now(UTC)) < timedelta(minutes=1)
    assert states(list(database.look(found))) == ["reached ok", "schema ok", "written ok", "sound ok"]


def test_a_log_that_is_ahead_of_its_counter_is_told(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM counters WHERE name = 'changes'"))
    told = list(database.look(examine(engine)))
    assert states(told)[-1] == "sound failed"
    assert "restore a backup" in told[-1].advice


@pytest.mark.parametrize(
    ("revision", "state"), [("0001", State.WARNING), ("9999", State.FAILED), ("odd", State.FAILED)]
)
def test_a_schema_of_another_version_is_told(engine: Engine, revision: str, state: State) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = :new"), {"new": revision})
    assert list(database.look(examine(engine)))[1].state is state


def test_an_empty_database_is_told(empty_database_url: str) -> None:
    opened = open_engine(empty_database_url)
    try:
        assert states(list(database.look(examine(opened)))) == ["reached ok", "schema warning"]
    finally:
        opened.dispose()


def test_a_database_that_cannot_be_written_is_refused_by_name(sqlite_url: str) -> None:
    opened = open_engine(sqlite_url)
    holder = open_engine(sqlite_url)
    try:
        with opened.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        with writing(holder), pytest.raises(StorageError):
            examine(opened)
    finally:
        opened.dispose()
        holder.dispose()


def test_the_permissions_of_a_file_that_is_gone_are_no_matter(tmp_path: Path) -> None:
    assert configuration.exposed(tmp_path / "gone", secret=True) is None

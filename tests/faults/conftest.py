"""Stages on both kinds of database, shared by all tests of a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.faults.stages import PostgresOriginals, SqliteOriginals, Stages


@pytest.fixture(scope="session")
def sqlite_stages(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return Stages(SqliteOriginals(sqlite_template, tmp_path_factory.mktemp("stages")))


@pytest.fixture(scope="session")
def postgresql_stages(postgres_server: tuple[URL, str]) -> Iterator[Stages]:
    originals = PostgresOriginals(*postgres_server)
    yield Stages(originals)
    originals.close()


@pytest.fixture
def stages(kind: str, request: pytest.FixtureRequest) -> Stages:
    """Stages on the kind of database that the test is parametrised with."""
    found = request.getfixturevalue(f"{kind}_stages")
    assert isinstance(found, Stages)
    return found

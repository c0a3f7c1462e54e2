"""A database of the schema before adaptive schedules: its sources keep theirs, and go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from storage import tables
from storage.engine import open_engine, reading
from storage.schema import check_schema
from storage.sources import load_source
from tests.storage.desk import Desk, entry
from tests.storage.earlier import Columns, Rows, made_as_of, rows_of

BEFORE = "0014"
SEEN = (entry("b", hour=-4), entry("a", hour=-5))


@pytest.fixture
def old(
    request: pytest.FixtureRequest, engine: Engine, tmp_path: Path
) -> Iterator[tuple[Engine, Columns, Rows]]:
    """A source that is read every 30 minutes, with its baseline and one article since."""
    desk = Desk(engine)
    desk.run(*SEEN)
    desk.later(hours=1)
    desk.run(entry("c", hour=1), *SEEN)
    fixture = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[engine.dialect.name]
    there = str(request.getfixturevalue(fixture))
    columns, rows = made_as_of(BEFORE, there, engine, tmp_path)
    earlier = open_engine(there)
    yield earlier, columns, rows
    earlier.dispose()


def test_sources_keep_their_schedule_and_are_read_on(old: tuple[Engine, Columns, Rows]) -> None:
    engine, columns, rows = old
    upgrade = check_schema(engine)
    assert upgrade is not None
    assert upgrade.before == BEFORE
    assert rows_of(engine, columns) == rows
    source = load_source(engine, "one")
    assert source.schedule == "30m"
    desk = Desk(engine, replace(source, schedule=""))
    assert load_source(engine, "one").schedule == "30m"
    desk.later(hours=2)
    desk.run(entry("c", hour=1), *SEEN)
    assert (desk.row().pace, desk.row().due_reason) == (None, "")
    with reading(engine) as connection:
        assert connection.execute(select(tables.Host.requests_of_day)).scalar_one() == 1

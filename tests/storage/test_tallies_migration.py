"""A database of the schema before tallies: the totals begin with what it knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.claims import mark_sent
from storage.engine import open_engine, reading
from storage.schema import check_schema
from storage.tallies import BYTES, read_tallies
from tests.serving.content import filled
from tests.storage.earlier import made_as_of, rows_of
from tests.storage.outbox import NOW, subscription, take

BEFORE = "0012"


def test_the_totals_begin_with_what_is_known(
    request: pytest.FixtureRequest, engine: Engine, tmp_path: Path
) -> None:
    desk = filled(engine)
    desk.run(not_modified=True, looks=(), requests=1, not_modified_count=1)
    subscription(engine, "team", 1)
    [claim] = [each for each in take(engine) if each.subscription == "team"]
    mark_sent(engine, claim, now=NOW)
    with reading(engine) as connection:
        counted = read_tallies(connection)
    fixture = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[engine.dialect.name]
    there = str(request.getfixturevalue(fixture))
    columns, rows = made_as_of(BEFORE, there, engine, tmp_path)
    earlier = open_engine(there)
    try:
        upgrade = check_schema(earlier)
        assert upgrade is not None
        assert rows_of(earlier, columns) == rows
        with reading(earlier) as connection:
            known = read_tallies(connection)
    finally:
        earlier.dispose()
    assert counted["runs.not_modified"] == counted["requests.not_modified"] == 1
    assert counted["deliveries.sent"] >= 1
    gone = {BYTES, "deliveries.attempts_failed"}
    assert known == {name: value for name, value in counted.items() if name not in gone}

"""Random worlds with two schedulers on one database: no host is leased twice, nothing is told twice or lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation import pair, seeds

ON_SQLITE = range(60, 62)
ON_POSTGRESQL = range(61, 65)


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[seeds.Fresh]:
    """Databases of the kind that the test is parametrised with."""
    if request.param == "sqlite":
        made = seeds.sqlite_databases(tmp_path)
    else:
        made = seeds.postgresql_databases(request.getfixturevalue("postgres_url"))
    yield made
    made().dispose()


@pytest.mark.parametrize(
    ("fresh", "number"),
    [("sqlite", number) for number in ON_SQLITE] + [("postgresql", number) for number in ON_POSTGRESQL],
    indirect=["fresh"],
)
def test_two_schedulers_break_no_promise_in_any_world(fresh: seeds.Fresh, number: int) -> None:
    said: list[str] = []
    tally, races = pair.play_all([number], fresh, said.append)
    assert not tally.failed, "\n".join(said)
    assert tally.operations > 0
    assert races > 0

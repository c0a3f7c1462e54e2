"""Random worlds against the real code: nothing is told twice, nothing is lost, nothing is invented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation import seeds
from tests.simulation.drive import schedule

ON_SQLITE = [range(first, first + 5) for first in range(0, 25, 5)]
ON_POSTGRESQL = (30, 31, 34, 35)


@pytest.fixture
def sqlite_seeds(tmp_path: Path) -> Iterator[seeds.Fresh]:
    fresh = seeds.sqlite_databases(tmp_path)
    yield fresh
    fresh().dispose()


@pytest.fixture
def postgresql_seeds(postgres_url: str) -> Iterator[seeds.Fresh]:
    fresh = seeds.postgresql_databases(postgres_url)
    yield fresh
    fresh().dispose()


@pytest.mark.parametrize("numbers", ON_SQLITE, ids=lambda numbers: f"{numbers[0]}-{numbers[-1]}")
def test_no_world_breaks_a_promise_on_sqlite(sqlite_seeds: seeds.Fresh, numbers: range) -> None:
    expect_peace(numbers, sqlite_seeds)


@pytest.mark.parametrize("number", ON_POSTGRESQL)
def test_no_world_breaks_a_promise_on_postgresql(postgresql_seeds: seeds.Fresh, number: int) -> None:
    expect_peace(range(number, number + 1), postgresql_seeds)


def expect_peace(numbers: range, fresh: seeds.Fresh) -> None:
    tally = seeds.play_all(numbers, fresh)
    assert tally.operations > 0
    for seed, law in tally.failed.items():
        pytest.fail(f"seed {seed}\n{seeds.story(seeds.shrink(seed, law, fresh, seconds=40))}")


def test_a_seed_is_the_same_story_every_time(sqlite_seeds: seeds.Fresh) -> None:
    operations = schedule(7)
    first, second = (seeds.story(seeds.play(7, operations, sqlite_seeds)) for _ in range(2))
    assert first == second


def test_a_broken_promise_is_noticed_and_shrunk(
    sqlite_seeds: seeds.Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the horizon whatever an undated reader had not seen would be news; the simulation must say so."""
    from news import decide
    from news.run import Rank

    monkeypatch.setattr(decide, "rank_of", lambda *_args, **_more: Rank.ABOVE)
    tally = seeds.play_all(range(4), sqlite_seeds)
    assert "baseline" in tally.broken
    seed = next(seed for seed, law in tally.failed.items() if law == "baseline")
    shrunk = seeds.shrink(seed, "baseline", sqlite_seeds, seconds=30)
    assert len(shrunk.operations) < len(schedule(seed))
    assert "baseline: a" in seeds.story(shrunk)

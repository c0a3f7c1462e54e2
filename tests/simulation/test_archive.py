"""An archive of five sources that lives through everything at once, against the real code: the log says what happened.

Few seeds and fewer events; `make simulate` plays 200 on SQLite, 20 on PostgreSQL, 5 through real crawl processes
and 5 with two schedulers (`test_archive_two_schedulers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.archive import seeds
from tests.simulation.seeds import Fresh, postgresql_databases, sqlite_databases

EVENTS = 60
pytestmark = pytest.mark.timeout(300)  # half a minute a test on a quiet machine would be long


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Fresh]:
    fresh = sqlite_databases(tmp_path)
    yield fresh
    fresh().dispose()


@pytest.fixture
def on_postgresql(postgres_url: str) -> Iterator[Fresh]:
    fresh = postgresql_databases(postgres_url)
    yield fresh
    fresh().dispose()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_log_of_an_archive_on_sqlite_is_what_happened(on_sqlite: Fresh, seed: int) -> None:
    expect_peace(seed, on_sqlite)


def test_the_log_of_an_archive_on_postgresql_is_what_happened(on_postgresql: Fresh) -> None:
    expect_peace(2, on_postgresql)


def test_the_log_of_an_archive_read_by_real_crawl_processes_is_what_happened(on_sqlite: Fresh) -> None:
    expect_peace(3, on_sqlite, events=8, play=seeds.play_served)


def expect_peace(seed: int, fresh: Fresh, *, events: int = EVENTS, play: seeds.PlaySeed = seeds.play) -> None:
    tally = seeds.play_all([seed], fresh, events=events, play=play)
    assert tally.counts["changes"] > 0
    for law in tally.failed.values():
        told = seeds.shrink(seed, law, fresh, events=events, seconds=40, play=play)
        pytest.fail(f"seed {seed}\n{seeds.story(told)}")


def test_a_seed_of_the_archive_is_the_same_story_every_time(on_sqlite: Fresh) -> None:
    operations = seeds.schedule(5, 10)
    first, second = (seeds.story(seeds.play(5, operations, on_sqlite)) for _ in range(2))
    assert first == second

"""An archive of five sources that lives through everything at once, against the real code: the log says what happened.

Few seeds and fewer events; `make simulate` plays 200 on SQLite, 20 on PostgreSQL, 5 through real crawl processes
and 5 with two schedulers (`test_archive_two_schedulers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.archive import drive, seeds
from tests.simulation.archive.jobs import Job, lost_job
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


def test_an_exception_is_a_violation_of_its_seed_and_the_others_are_played(
    on_sqlite: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = iter([LookupError("no such run")])

    def look_after(play: drive.Play, *, at_once: bool = False) -> None:
        for trouble in troubles:
            raise trouble

    monkeypatch.setattr(drive, "look_after", look_after)
    lines: list[str] = []
    tally = seeds.play_all([0, 1], on_sqlite, lines.append, events=1)
    assert (tally.seeds, tally.failed, tally.broken) == (2, {0: drive.RAISES}, {drive.RAISES: 1})
    assert lines[0] == "seed 0: nothing raises: LookupError: no such run"


def test_what_ends_a_job_is_a_violation_of_its_seed() -> None:
    job = Job(kind="spider", seeds=(3,), events=1)
    tally, lines = lost_job(job, OSError("no port is free"))
    assert (tally.seeds, tally.failed) == (1, {3: drive.RAISES})
    assert lines == ["spider seed 3: nothing raises: OSError: no port is free"]


def test_of_a_run_that_came_late_nothing_is_held(on_sqlite: Fresh) -> None:
    """What a person approves is what is held, not what was dropped because its lease had passed on."""
    made = drive.Play(0, on_sqlite())
    noted: list[object] = []
    made._note_health = lambda *run: noted.append(run)  # type: ignore[method-assign]
    read, served = object(), object()
    made._judge_runs([(read, served)], stale=True)  # type: ignore[list-item]
    assert not noted

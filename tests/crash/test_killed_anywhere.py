"""Promise 2, nothing lost: SIGKILL at any moment of a replay, on both databases; then the log holds every change once.

The recorded ICESCO series is replayed step by step. Within each step the process is killed at points spread over all
its statements, one attempt a point, each begun on what the one before left behind. After a kill before the settling's
commit the database must know what it knew before the step; after a kill behind it, as after a replay that is left in
peace, what it knows after an undisturbed series: every change, once, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from crawler.catalogue import load_catalogue
from crawler.recordings.find import find_recordings, open_recording
from news.run import Lease
from storage.changes import changes_after
from storage.engine import open_engine, reading, writing
from storage.leases import release_dead
from storage.sources import save_sources
from storage.tables import Host, Source
from tests.crash.killing import replay
from tests.faults.killed import Attempt
from tests.faults.knowledge import Knowledge, knowledge

SERIES = Path("fixtures/icesco/en")
PARTS = 6
"""Points are dealt out to so many tests, on each database."""
ALWAYS = 3
"""Parts that every run of the tests plays, more than 200 points on each database; `make crash` plays all."""
EVERY_TIME = 3
"""How often each part kills every step before the commit; every third step also right before and once behind it."""
AFTER_COMMIT = 3
"""Which commit from the end is the settling's: the leases are ended after it, by the crawl and by its parent."""

Recorder = Callable[[str, object], None]


@dataclass(frozen=True)
class Step:
    """One recording, how an undisturbed replay of it went, and what was known after that."""

    recording: Path
    clock: datetime
    undisturbed: Attempt
    after: Knowledge


@pytest.fixture
def engines(two_databases: tuple[str, str]) -> Iterator[tuple[Engine, Engine]]:
    calm, killed = (open_engine(url) for url in two_databases)
    yield calm, killed
    calm.dispose()
    killed.dispose()


def declare(engine: Engine) -> None:
    """Declare the sources, as the first replay would: so that no attempt passes other points than another."""
    opened = open_recording(find_recordings([SERIES])[0])
    catalogue = load_catalogue()
    sources = [catalogue[name] for name in opened.sources]
    save_sources(engine, sources, origin="catalogue", now=opened.clock)


def undisturbed(url: str, engine: Engine) -> list[Step]:
    declare(engine)
    steps = []
    for recording in find_recordings([SERIES]):
        attempt = replay(url, recording)
        assert all(not settled.not_recorded for settled in attempt.brought)
        steps.append(Step(recording, open_recording(recording).clock, attempt, knowledge(engine)))
    return steps


def points_of(step: Step, number: int, part: int) -> list[int]:
    """Return where to kill one step: evenly over what comes before the settling's commit, and sometimes behind it.

    The last moment before the commit is among them: a settling in two transactions would not survive it.
    """
    committed = step.undisturbed.commits[-AFTER_COMMIT]
    points = [1 + int((committed - 2) * (turn + part / PARTS) / EVERY_TIME) for turn in range(EVERY_TIME)]
    if number % EVERY_TIME == (part + 1) % EVERY_TIME:
        points.append(committed - 1)
    if number % EVERY_TIME == part % EVERY_TIME:
        behind = step.undisturbed.points - committed + 1
        points.append(committed + (number + part * 5) // EVERY_TIME % behind)
    return points


def end_lease(engine: Engine, now: datetime, *, tell: bool) -> None:
    """Deal with what a killed process holds: as its supervisor does, or by letting the lease's time pass."""
    with reading(engine) as connection:
        sources = tuple(connection.execute(select(Source.id)).scalars())
        hosts = connection.execute(select(Host.__table__).where(Host.lease_until.is_not(None))).all()
    for host in hosts:
        if not tell:
            with writing(engine) as connection:
                connection.execute(update(Host).values(lease_until=now))
            continue
        lease = Lease(
            host=host.name,
            token=host.lease_token,
            owner=host.lease_owner,
            leased_at=host.leased_at,
            until=host.lease_until,
        )
        assert release_dead(engine, lease, sources, "ended by SIGKILL", now=now)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=[pytest.mark.heavy] if part >= ALWAYS else []) for part in range(PARTS)],
)
def test_promise_2_a_crawl_killed_at_any_statement_loses_nothing_and_repeats_nothing(
    two_databases: tuple[str, str], engines: tuple[Engine, Engine], part: int, record_property: Recorder
) -> None:
    steps = undisturbed(two_databases[0], engines[0])
    url, engine = two_databases[1], engines[1]
    points = kills = 0
    declare(engine)
    before = knowledge(engine)
    for number, step in enumerate(steps):
        settled = False
        for turn, point in enumerate(points_of(step, number, part)):
            points += 1
            kills += replay(url, step.recording, kill_at=point).killed
            settled = point >= step.undisturbed.commits[-AFTER_COMMIT]
            where = f"{step.recording.name}, killed at point {point} of {step.undisturbed.points}"
            assert knowledge(engine) == (step.after if settled else before), where
            end_lease(engine, step.clock, tell=turn % 2 == 0)
        if not settled:
            assert not replay(url, step.recording).killed
            assert knowledge(engine) == step.after, f"{step.recording.name}, left in peace"
        before = step.after
    assert not replay(url, steps[-1].recording).killed
    with reading(engine) as connection:
        assert [(c.kind, c.url) for c in changes_after(connection, 0)] == [
            (row["kind"], row["url"]) for row in before["changes"]
        ]
    log = [(row["kind"], row["url"], row["source_id"], row["revision"]) for row in before["changes"]]
    repeats = len(log) - len(set(log))
    assert kills == points
    assert repeats == 0
    figures = {"points": points, "kills": kills, "changes": len(log), "repeats": repeats}
    record_property("crash", {"database": engine.dialect.name, **figures})


@pytest.mark.parametrize("point", [3, 17, 31])
def test_promise_2_a_replay_killed_while_it_declares_its_sources_declares_all_or_none(
    two_databases: tuple[str, str], engines: tuple[Engine, Engine], point: int
) -> None:
    first = find_recordings([SERIES])[0]
    assert replay(two_databases[0], first, kill_at=point).killed
    assert knowledge(engines[0])["sources"] == []
    declare(engines[1])
    assert not replay(two_databases[0], first).killed
    assert not replay(two_databases[1], first).killed
    assert knowledge(engines[0]) == knowledge(engines[1])

"""Seeds that are played in a process of their own: a pool's worker can only import them from a module like this one."""

from __future__ import annotations

import logging
import tempfile
import traceback
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from tests.conftest import administration, shown
from tests.simulation.archive import seeds
from tests.simulation.archive.drive import RAISES
from tests.simulation.archive.seeds import Tally
from tests.simulation.seeds import Fresh, postgresql_databases, sqlite_databases


@dataclass(frozen=True, kw_only=True)
class Job:
    """Some seeds of one kind for one process. ``server`` is PostgreSQL's address, empty for SQLite."""

    kind: str
    seeds: tuple[int, ...]
    events: int
    server: str = ""
    show: bool = False


def play_job(job: Job) -> tuple[Tally, list[str]]:
    """Play one job in a process of its own."""
    logging.disable(logging.CRITICAL)
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        fresh = _fresh(job, Path(folder), stack)
        play = seeds.PLAYS[job.kind]
        whole = job.show and job.kind == "pair"  # it may not fail again
        tally = seeds.play_all(job.seeds, fresh, lines.append, events=job.events, play=play, whole=whole)
        if job.show and not whole:
            for seed, law in tally.failed.items():
                told = seeds.shrink(seed, law, fresh, events=job.events, play=play)
                lines.append(f"\n=== {job.kind} seed {seed}, shrunk\n{seeds.story(told)}")
        fresh().dispose()
    return tally, [f"{job.kind} {line}" for line in lines]


def lost_job(job: Job, error: BaseException) -> tuple[Tally, list[str]]:
    """Return what is to be said of a job that ended with an exception: each of its seeds is violated by it."""
    what = traceback.format_exception_only(error)[-1].strip()
    lost = Tally(seeds=len(job.seeds), broken=Counter({RAISES: len(job.seeds)}))
    lost.failed = dict.fromkeys(job.seeds, RAISES)
    return lost, [f"{job.kind} seed {seed}: {RAISES}: {what}" for seed in job.seeds]


def _fresh(job: Job, folder: Path, stack: ExitStack) -> Fresh:
    if not job.server:
        return sqlite_databases(folder)
    url, name = make_url(job.server), f"{job.kind}_{job.seeds[0]}"
    run = stack.enter_context(administration(url))
    run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    stack.callback(partial(run, f"DROP DATABASE {name} WITH (FORCE)"))
    return postgresql_databases(shown(url, name))

"""Plays a recorded series into a fresh database, once a session, and keeps what came of every step.

Replays take a process each, so everything that is checked of a series is taken down in one go, in a file that all
workers of the session share: each step is replayed twice in a row, a reader's digest is composed between the two, and
at the end the whole series may be replayed once more, long after.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from crawler.recordings.find import find_recordings, open_recording
from digest.compose import compose
from digest.formats import RENDERERS, render
from news.change import ChangeKind
from news.redline import EditClass
from news.run import Settled
from news.urls import canonical_url
from scheduler.crawling import replay_now
from storage.engine import open_engine, reading
from storage.settings import Settings
from storage.subscriptions import DigestFilter, subscribe
from storage.tables import Gap, Source
from tests.conftest import SHARED, fresh_database, locked

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
SERIES = sorted(path.parent for path in FIXTURES.rglob("expected.json"))
"""The folders that hold recordings in time order and what is expected of them."""

Step = dict[str, Any]
"""What came of one step: ``step``, ``first`` and ``again`` (runs with their changes), and its ``digests`` by format."""
EVERYTHING = DigestFilter(kinds=tuple(ChangeKind), min_edit_class=EditClass.COSMETIC)
Player = Callable[..., list[Step]]


def name_of(series: Path) -> str:
    return "-".join(series.relative_to(FIXTURES).parts)


@pytest.fixture(scope="session")
def played(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Player:
    """Give a function that plays a series, or says what came of it when it was played before in this session."""
    folder = pytestconfig.stash[SHARED] / "series"
    folder.mkdir(exist_ok=True)

    def play(
        series: Path, database: str, *, recordings: Sequence[Path] = (), form: str = "directory"
    ) -> list[Step]:
        kept = folder / f"{name_of(series)}-{database}-{form}.json"
        with locked(kept.with_suffix(".lock")):
            if not kept.exists():
                with _fresh(request, database, tmp_path_factory) as url:
                    steps = _play(url, recordings or find_recordings([series]))
                draft = kept.with_suffix(".part")
                draft.write_text(json.dumps(steps), encoding="utf-8")
                draft.rename(kept)
        read: list[Step] = json.loads(kept.read_text(encoding="utf-8"))
        return read

    return play


def _fresh(
    request: pytest.FixtureRequest, database: str, folders: pytest.TempPathFactory
) -> AbstractContextManager[str]:
    if database == "postgresql":
        return fresh_database(*request.getfixturevalue("postgres_server"))
    return _fresh_file(request.getfixturevalue("sqlite_template"), folders.mktemp("series"))


@contextmanager
def _fresh_file(template: Path, folder: Path) -> Any:
    yield f"sqlite:///{shutil.copyfile(template, folder / 'tidings.db')}"


def _play(database_url: str, recordings: Sequence[Path]) -> list[Step]:
    settings = Settings(database_url=database_url, log_level="error")
    engine = open_engine(database_url)
    try:
        clocks = [open_recording(recording).clock for recording in recordings]
        subscribe(engine, "reader", filter=EVERYTHING, now=clocks[0], from_start=True)
        steps: list[Step] = []
        for recording, clock in zip(recordings, clocks, strict=True):
            first = [taken_down(run) for run in replay_now(settings, recording)]
            digest = compose(engine, "reader", now=clock, empty=True)
            assert digest is not None
            digests = {str(form): render(digest, form) for form in RENDERERS}
            again = [taken_down(run) for run in replay_now(settings, recording)]
            name = recording.name.partition(".")[0]
            steps.append({"step": name, "first": first, "again": again, "digests": digests})
        before = _standing(engine)
        for step, recording in zip(steps, recordings, strict=True):
            step["late"] = [taken_down(run) for run in replay_now(settings, recording)]
        steps[-1]["standing"] = [before, _standing(engine)]
        return steps
    finally:
        engine.dispose()


def _standing(engine: Engine) -> list[str]:
    """Return where each source stands: what an old recording must not move."""
    columns = (
        Source.name,
        Source.frontier,
        Source.first_page,
        Source.last_ok_at,
        Source.last_run_at,
        Source.verdict,
        Source.failing_since,
    )
    with reading(engine) as connection:
        sources = [repr(tuple(row)) for row in connection.execute(select(*columns).order_by(Source.name))]
        gaps = connection.execute(select(Gap.source_id, Gap.state, Gap.lower).order_by(Gap.id))
        return sources + [repr(tuple(row)) for row in gaps]


def taken_down(run: Settled) -> dict[str, Any]:
    return {
        "source": run.source,
        "verdict": run.verdict.value,
        "reason": run.reason,
        "not_recorded": list(run.not_recorded),
        "changes": [
            {
                "kind": change.kind.value,
                "source": change.source,
                "url": canonical_url(change.url),
                "title": change.title,
                "edit_class": change.edit_class.value if change.kind.value == "edited" else "",
            }
            for change in run.changes
        ],
    }

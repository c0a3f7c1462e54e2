"""Every site of the catalogue against its recorded series: step by step exactly the expected changes, and no others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.catalogue import load_site_file
from crawler.recordings.find import find_recordings, open_recording, pack
from digest.formats import Format
from news.urls import canonical_url
from tests.series import FIXTURES, ROOT, SERIES, Player, Step, name_of, played

__all__ = ["played"]

SITES = sorted((ROOT / "crawler" / "sites").glob("*.toml"))
DATABASES = ("sqlite", "postgresql")
each_series = pytest.mark.parametrize("series", SERIES, ids=name_of)
on_each_database = pytest.mark.parametrize("database", DATABASES)
pytestmark = pytest.mark.timeout(300)  # whoever asks first for a series waits until it is played


def expected(series: Path) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = json.loads((series / "expected.json").read_text(encoding="utf-8"))
    return steps


def told(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [change for run in runs for change in run["changes"]]


def verdicts(runs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(run["source"], run["verdict"]) for run in runs]


# ---------------------------------------------------------------------------------------------- fixtures


@pytest.mark.parametrize("site", SITES, ids=lambda path: path.stem)
def test_every_site_of_the_catalogue_has_a_series_that_names_it(site: Path) -> None:
    declared = {source.name for source in load_site_file(site)}
    named = {
        name
        for series in SERIES
        for each in find_recordings([series])
        for name in open_recording(each).sources
    }
    assert declared & named, f"{site.name} has no recording under fixtures/: docs say how to add one"


def test_every_recording_belongs_to_a_series_with_expectations() -> None:
    for recording in find_recordings([FIXTURES]):
        assert recording.parent in SERIES, f"{recording} stands in no series with an expected.json"


@each_series
def test_a_series_expects_something_of_each_of_its_steps_in_time_order(series: Path) -> None:
    recordings = find_recordings([series])
    assert [step["step"] for step in expected(series)] == [recording.name for recording in recordings]
    clocks = [open_recording(recording).clock for recording in recordings]
    assert clocks == sorted(set(clocks))


@pytest.mark.parametrize("writer", sorted(FIXTURES.glob("*/write.py")), ids=lambda path: path.parent.name)
def test_the_fixtures_are_as_their_script_writes_them(writer: Path) -> None:
    done = subprocess.run([sys.executable, writer, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ----------------------------------------------------------------------------------------------- replays


@on_each_database
@each_series
def test_a_series_gives_exactly_the_expected_changes_step_by_step(
    series: Path, database: str, played: Player
) -> None:
    steps = played(series, database)
    for wanted, step in zip(expected(series), steps, strict=True):
        runs = step["first"]
        assert [run["not_recorded"] for run in runs] == [[] for _ in runs], step["step"]
        assert (step["step"], verdicts(runs)) == (
            wanted["step"],
            [(run["source"], run["verdict"]) for run in wanted["runs"]],
        ), [run["reason"] for run in runs]
        assert (step["step"], told(runs)) == (wanted["step"], wanted["changes"])


@on_each_database
@each_series
def test_replaying_any_step_twice_adds_nothing(series: Path, database: str, played: Player) -> None:
    for step in played(series, database):
        assert (step["step"], told(step["again"])) == (step["step"], [])
        assert [run["not_recorded"] for run in step["again"]] == [[] for _ in step["again"]]
        assert [run["source"] for run in step["again"]] == [run["source"] for run in step["first"]]


@on_each_database
@each_series
def test_replaying_a_whole_series_long_after_adds_nothing(
    series: Path, database: str, played: Player
) -> None:
    steps = played(series, database)
    for step in steps:
        assert (step["step"], told(step["late"])) == (step["step"], [])
    before, after = steps[-1]["standing"]
    assert after == before  # nor does it set the source back to where it stood then


@each_series
def test_a_series_from_two_empty_databases_gives_byte_equal_digests_in_every_format(
    series: Path, played: Player
) -> None:
    one, other = (played(series, database) for database in DATABASES)
    for step, same in zip(one, other, strict=True):
        assert set(step["digests"]) == {str(form) for form in Format}
        assert (step["step"], step["digests"]) == (same["step"], same["digests"])


@each_series
def test_the_digests_of_a_series_tell_each_change_once(series: Path, played: Player) -> None:
    digests = [json.loads(step["digests"]["json"]) for step in played(series, "sqlite")]
    titles = [
        (change["kind"], change["source"], canonical_url(change["url"]))
        for each in digests
        for change in each["changes"]
    ]
    wanted = [(c["kind"], c["source"], c["url"]) for step in expected(series) for c in step["changes"]]
    assert len(titles) == len(wanted)
    for digest, step in zip(digests, expected(series), strict=True):
        unread = {each["source"] for each in digest["unread"]}
        assert unread == {run["source"] for run in step["runs"] if run["verdict"] in ("suspect", "failed")}
        assert len(digest["changes"]) == len(step["changes"])


def test_packed_recordings_replay_the_same(played: Player, tmp_path: Path) -> None:
    series = min(SERIES, key=lambda path: (len(find_recordings([path])), path))
    packed = []
    for recording in find_recordings([series]):
        packed.append(tmp_path / f"{recording.name}.warc.gz")
        pack(recording, packed[-1])
    for step, same in zip(
        played(series, "sqlite"), played(series, "sqlite", recordings=packed, form="warc"), strict=True
    ):
        assert_same(step, same)


def assert_same(step: Step, other: Step) -> None:
    """Compare two plays of a step; where a reason names a recording, that is named after its own file."""
    assert step["step"] == other["step"]
    for part in ("first", "again"):
        assert verdicts(step[part]) == verdicts(other[part])
        assert told(step[part]) == told(other[part])
    assert step["digests"] == other["digests"]

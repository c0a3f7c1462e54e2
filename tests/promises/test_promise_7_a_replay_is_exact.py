"""Promise 7: a replay is exact, fails loudly where something was not recorded, and opens no socket."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from digest.compose import preview
from digest.formats import RENDERERS, render
from news.run import Verdict
from storage.engine import open_engine
from tests.crawler.site import LocalSite
from tests.promises.archive import Archive, Item, prose, source, whole
from tests.promises.conftest import NewArchive

NEWS, MORE, OTHER = "https://news.example/", "https://more.example/", "https://news.example/other/"


def digests(database_url: str, archive: Archive) -> dict[str, str]:
    engine = open_engine(database_url)
    try:
        digest = preview(engine, now=archive.clock)
        return {str(form): render(digest, form) for form in RENDERERS}
    finally:
        engine.dispose()


def test_promise_7_a_replay_is_exact_for_several_sources_of_several_hosts(
    database_url: str, sqlite_template: Path, tmp_path: Path
) -> None:
    # The recording is made once and replayed into two databases, the second an empty SQLite file.
    archive = Archive(
        database_url, tmp_path, source(NEWS, "news"), source(MORE, "more"), source(OTHER, "other")
    )
    recordings = []
    for step in range(3):
        fresh = [f"n{step}-{number}" for number in range(step * 2)]
        for url in (NEWS, MORE, OTHER):
            shared = Item("https://news.example/shared", "Shared", prose("shared"))
            archive.listing(url, *([shared] if step else []), *whole(*fresh, "old-one", "old-two", base=url))
        recordings.append(archive.recording())
    second = f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'second.db')}"
    for recording in recordings:
        archive.replay_again(recording)
    once = digests(database_url, archive)
    archive.settings = archive.settings.model_copy(update={"database_url": second})
    for recording in recordings:
        archive.replay_again(recording)
    assert digests(second, archive) == once
    assert json.loads(once["json"])["changes"]


def test_promise_7_a_request_that_is_not_recorded_fails_the_run_loudly(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.listing(NEWS, *whole("old-one", "old-two"))
    archive.replay()
    archive.listing(NEWS, Item("/new", "Title of new"), *whole("old-one", "old-two"))
    missing = archive.replay()
    run = missing.runs["news"]
    assert (run.verdict, run.changes) == (Verdict.FAILED, ())
    assert "https://news.example/new was never asked for" in run.reason
    assert run.not_recorded == ("https://news.example/new",)


def test_promise_7_a_request_that_is_not_recorded_sets_the_exit_code(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.listing(NEWS, *whole("old-one"), next_url="/page/2")
    recording = archive.recording()
    sites = archive.settings.sites[0]
    config = recording.parent / "tidings.toml"
    config.write_text(f"sites = [{json.dumps(str(sites))}]\n", encoding="utf-8")
    archive.declare(source(NEWS, "news", baseline_pages=2))
    command = [sys.executable, "-m", "tidings", "replay", str(recording), "--json", "--config", str(config)]
    done = subprocess.run(
        [*command, "--database", archive.database_url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert [run["verdict"] for run in json.loads(done.stdout)["runs"]] == ["failed"]
    assert "not in the recording" in done.stderr
    assert "Traceback" not in done.stderr


def test_promise_7_a_replay_opens_no_socket_not_even_to_a_site_that_is_there(
    database_url: str, tmp_path: Path
) -> None:
    with LocalSite() as site:
        site.page("/news/", "<ul><li class=item><a class=title href=/a>Title of a</a></li></ul>")
        archive = Archive(database_url, tmp_path, source(site.url("/news/"), "news"))
        archive.listing(site.url("/news/"), Item("/a", "Title of a"))
        replayed = archive.replay()
        assert replayed.verdicts == {Verdict.FAILED}
        assert site.log == []

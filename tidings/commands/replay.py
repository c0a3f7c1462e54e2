"""``tidings replay``: the same as a crawl, offline, from recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.commands.crawl import Latest
from tidings.exits import FAILED, news_code
from tidings.options import AsJson, Config, Database, Debug, ExitCode, settings_from

if TYPE_CHECKING:
    from datetime import datetime

    from news.run import Settled
    from storage.settings import Settings

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Recordings, or folders that hold some.", show_default=False),
]


def replay(
    paths: Paths,
    announce_latest: Latest = 0,
    as_json: AsJson = False,
    exit_code: ExitCode = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Do the same offline, from recordings.

    Each is replayed under its own clock. A recording is a WARC file, or a directory with a recording.toml; those in a
    folder are replayed in the order of their names. A request that was not recorded fails its run, and the command.
    A recorded discovery is replayed alone, and prints what it found.
    """
    settings = settings_from(config, database)
    if (discovery := _discovery(paths)) is not None:
        from tidings.commands.discover import show_replayed

        show_replayed(settings, discovery, as_json=as_json)
    runs = replay_all(settings, paths, announce_latest=announce_latest, as_json=as_json)
    missing = sum(len(run.not_recorded) for run in runs)
    if as_json:
        from tidings.json_output import crawl_json, print_json

        print_json(crawl_json(runs))
    if missing:
        asked = "request was" if missing == 1 else "requests were"
        show.error(
            f"{missing} {asked} not in the recordings; record the site again, or add the answers by hand"
        )
    if missing or any(_fell_over(run) for run in runs):
        raise typer.Exit(FAILED)
    if exit_code:
        raise typer.Exit(news_code([run.verdict for run in runs], news=any(run.changes for run in runs)))


def _discovery(paths: Sequence[Path]) -> Path | None:
    """Return the one recording that is of a discovery, None if all are of crawls.

    Raises:
        RecordingError: there are others beside it: a proposal and runs are no one result.
    """
    from crawler.recordings.find import find_recordings, open_recording
    from news.errors import RecordingError

    found = find_recordings(paths)
    discoveries = [path for path in found if open_recording(path).discovery is not None]
    if not discoveries:
        return None
    if len(found) > 1:
        raise RecordingError(
            f"recording {discoveries[0]}: it is of a discovery, which is replayed alone: "
            f"tidings replay {discoveries[0]}"
        )
    return discoveries[0]


def replay_all(
    settings: Settings, paths: Sequence[Path], *, announce_latest: int = 0, as_json: bool = False
) -> list[Settled]:
    """Replay what is under the paths, in order; every recording is read and checked before the first is replayed.

    Raises:
        RecordingError: for a recording that is missing or damaged; nothing is written then.
    """
    from crawler.recordings.find import find_recordings, open_recording
    from scheduler.crawling import replay_now
    from tidings.commands.crawl import quieter
    from tidings.opening import database
    from tidings.progress import watching

    found = find_recordings(paths)
    clocks = [open_recording(recording).clock for recording in found]
    with database(settings, create=True):
        pass  # only so that it is there, and up to date
    runs: list[Settled] = []
    for recording, clock in zip(found, clocks, strict=True):
        with watching([str(recording)], verb="replaying") as watcher:
            brought = replay_now(
                quieter(settings), recording, announce_latest=announce_latest, report=watcher
            )
        runs += brought
        if not as_json:
            _print(settings, recording, clock, brought, alone=len(found) == 1)
    return runs


def _print(
    settings: Settings, recording: Path, clock: datetime, runs: Sequence[Settled], *, alone: bool
) -> None:
    from digest.wording import moment
    from tidings.declared import paused_among
    from tidings.show_runs import result_lines

    if not alone:
        show.say(show.styled((f"{recording.name} ({moment(clock)})", "underline")))
    show.say(*result_lines(runs, width=show.width(), paused=paused_among(settings, runs)))
    if not alone:
        show.say("")


def _fell_over(run: Settled) -> bool:
    """Return whether it was not the recorded site that failed, but the replay."""
    from news.run import Verdict

    # A run that failed by what the site said has a row of its own; what a dead process left has none.
    return run.stale or (run.verdict is Verdict.FAILED and run.run_id is None)

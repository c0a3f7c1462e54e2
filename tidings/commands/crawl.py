"""``tidings crawl`` and ``tidings record``: crawl now, and say what is new."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import RecordingError
from tidings import show
from tidings.exits import DONE, FAILED, news_code
from tidings.options import AsJson, Config, Database, Debug, ExitCode, settings_from

if TYPE_CHECKING:
    from news.run import Settled
    from storage.settings import Settings

WARC = (".warc.gz", ".warc")

Sources = Annotated[
    list[str] | None, typer.Argument(metavar="SOURCE", help="Names of sources.", show_default=False)
]
Recorded = Annotated[
    list[str], typer.Argument(metavar="SOURCE", help="Names of sources.", show_default=False)
]
SiteFile = Annotated[
    Path | None,
    typer.Option("--file", metavar="SITE.toml", help="Add or update the sources of this site file first."),
]
Latest = Annotated[
    int,
    typer.Option("--announce-latest", metavar="N", min=0, help="Announce the N newest items of a baseline."),
]
Record = Annotated[
    Path | None,
    typer.Option(
        "--record", metavar="FILE.warc.gz", help="Keep everything asked and answered as a recording."
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FILE.warc.gz", help="The recording to write.", show_default=False
    ),
]


def crawl(
    sources: Sources = None,
    announce_latest: Latest = 0,
    record: Record = None,
    file: SiteFile = None,
    as_json: AsJson = False,
    exit_code: ExitCode = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Crawl sources now and print what is new.

    A name may stand in the database or in the catalogue that comes with tidings; without names all sources are crawled
    that are not paused. The first good crawl of a source takes its baseline and announces nothing.
    """
    settings = settings_from(config, database)
    runs = crawl_sources(settings, sources or (), record=record, file=file, announce_latest=announce_latest)
    _print(settings, runs, as_json=as_json)
    raise typer.Exit(crawl_code(runs, exit_code=exit_code))


def record(
    sources: Recorded,
    output: Output,
    file: SiteFile = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Crawl sources now and keep a recording.

    `tidings replay` plays it back offline. Cookies and credentials are left out of it.
    """
    settings = settings_from(config, database)
    runs = crawl_sources(settings, sources, record=output, file=file)
    _print(settings, runs, as_json=as_json)
    show.note(f"recorded in {output}; play it back with: tidings replay {output}")
    raise typer.Exit(crawl_code(runs, exit_code=False))


def crawl_sources(
    settings: Settings,
    names: Sequence[str],
    *,
    record: Path | None = None,
    file: Path | None = None,
    announce_latest: int = 0,
) -> tuple[Settled, ...]:
    """Crawl the named sources, adding those that only the file or the catalogue knows.

    Raises:
        TidingsError: for a name, a file or a recording that cannot be; nothing is written then. When somebody else is
            crawling one of the hosts.
    """
    from tidings.declared import ready_sources

    if record is not None:
        check_target(record)
    wanted = ready_sources(settings, names, file=file)
    if record is not None:
        _check_definitions(settings, wanted)
    from scheduler.crawling import crawl_now
    from tidings.progress import watching

    with watching(wanted) as watcher:
        runs = crawl_now(
            quieter(settings), wanted, record=record, announce_latest=announce_latest, report=watcher
        )
    if record is not None and not record.exists() and any(run.requests for run in runs):
        raise RecordingError(
            f"recording {record}: it could not be written; what was crawled is in the database"
        )
    order = {name: number for number, name in enumerate(wanted)}
    return tuple(sorted(runs, key=lambda run: order.get(run.source, len(order))))


def crawl_code(runs: Sequence[Settled], *, exit_code: bool) -> int:
    """Return the exit status of a crawl: 1 if a source failed, more with ``--exit-code``."""
    from news.run import Verdict

    if exit_code:
        return news_code([run.verdict for run in runs], news=any(run.changes for run in runs))
    return FAILED if any(run.verdict is Verdict.FAILED or run.stale for run in runs) else DONE


def quieter(settings: Settings) -> Settings:
    """Return the settings for somebody who looks on: only warnings are logged, unless a level was asked for."""
    if "log_level" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"log_level": "warning"})


def _print(settings: Settings, runs: Sequence[Settled], *, as_json: bool) -> None:
    if as_json:
        from tidings.json_output import crawl_json, print_json

        print_json(crawl_json(runs))
        return
    from tidings.declared import paused_among
    from tidings.show_runs import result_lines

    show.say(*result_lines(runs, width=show.width(), paused=paused_among(settings, runs)))


def check_target(record: Path) -> None:
    """Refuse a recording that could not be written, before anything is asked.

    Raises:
        RecordingError: its name, its directory, or a file that is there already.
    """
    if not record.name.endswith(WARC):
        raise RecordingError(f"recording {record}: the name of a WARC file ends in {' or '.join(WARC)}")
    if not record.parent.is_dir():
        raise RecordingError(f"recording {record}: there is no directory {record.parent}; create it first")
    if record.exists():
        raise RecordingError(
            f"recording {record}: a file of this name exists; recordings are never overwritten"
        )


def _check_definitions(settings: Settings, names: Sequence[str]) -> None:
    """Refuse sources of several sites before anything is asked: a recording carries one site file."""
    from crawler.site_export import dump_site
    from storage.sources import load_sources
    from tidings.opening import database

    with database(settings) as engine:
        dump_site(load_sources(engine, names))

"""``tidings recordings``: look into recordings, and turn one form into the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from

if TYPE_CHECKING:
    from crawler.recordings.model import Recording

app = typer.Typer(
    help="Look into recordings, pack and unpack them.", no_args_is_help=True, rich_markup_mode=None
)

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="A recording as a directory.", show_default=False)
]
Warc = Annotated[
    Path, typer.Argument(metavar="FILE.warc.gz", help="A recording as a WARC file.", show_default=False)
]
Unfinished = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.part", help="What a killed crawl left of its recording.", show_default=False
    ),
]
AnyForm = Annotated[
    Path, typer.Argument(metavar="PATH", help="A recording in either form.", show_default=False)
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a file of this name.")]


@app.command("pack", epilog=examples("tidings recordings pack my-site/01-baseline my-site.warc.gz"))
def pack(
    directory: Folder,
    file: Warc,
    overwrite: Overwrite = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Turn a directory into a WARC file that replays the same."""
    settings_from(config, database)
    from crawler.recordings.find import pack as pack_recording

    packed = pack_recording(directory, file, overwrite=overwrite)
    show.say(f"{directory} packed into {file}: {_answers(len(packed.answers))}")


@app.command("unpack", epilog=examples("tidings recordings unpack my-site.warc.gz my-site"))
def unpack(
    file: Warc, directory: Folder, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """Turn a WARC file into a directory that replays the same."""
    settings_from(config, database)
    from crawler.recordings.find import unpack as unpack_recording

    unpacked = unpack_recording(file, directory)
    show.say(f"{file} unpacked into {directory}: {_answers(len(unpacked.answers))}")


@app.command("salvage", epilog=examples("tidings recordings salvage visit.warc.gz.part visit.warc.gz"))
def salvage(
    unfinished: Unfinished,
    file: Warc,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Make a recording of what a killed crawl left; the unfinished file stays."""
    settings_from(config, database)
    from crawler.recordings.spool import salvage as salvage_recording

    saved = salvage_recording(unfinished, file)
    show.say(f"{_answers(saved)} of {unfinished} saved in {file}")


@app.command("show", epilog=examples("tidings recordings show my-site.warc.gz"))
def show_(
    path: AnyForm,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show what a recording holds."""
    settings_from(config, database)
    from collections import Counter

    from crawler.recordings.find import open_recording
    from digest.wording import long_moment
    from tidings.show_table import table

    recording = open_recording(path)
    if as_json:
        from tidings.json_output import print_json, recording_json

        statuses = Counter(answer.error or str(answer.status) for answer in recording.answers)
        print_json(recording_json(str(path), recording, statuses))
        return
    show.say(
        show.styled((str(path), "bold")),
        f"  clock    {long_moment(recording.clock)}",
        *_subject(recording),
        "",
    )
    rows = [
        [
            str(number),
            answer.error or str(answer.status),
            f"{len(answer.body):,}",
            answer.method,
            show.plain(answer.url),
        ]
        for number, answer in enumerate(recording.answers, 1)
    ]
    table(["#NO", "STATUS", "#BYTES", "METHOD", "URL"], rows, flexible="URL")


def _subject(recording: Recording) -> list[str]:
    """Return what was recorded: sources, or a discovery."""
    if recording.discovery is not None:
        asked = recording.discovery
        return [
            f"  discovery of {show.plain(asked.url)}",
            f"  channels {', '.join(asked.channels) or 'all'}",
        ]
    return [
        f"  sources  {', '.join(recording.sources) or 'none'}",
        f"  sites    {'declared inside' if recording.definitions else 'from the catalogue'}",
    ]


def _answers(number: int) -> str:
    from digest.wording import count

    return count(number, "answer", "answers")

"""``tidings discover``: how a page can be read, without writing anything."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tidings import show
from tidings.commands.crawl import check_target, quieter
from tidings.exits import DONE, FAILED
from tidings.options import AsJson, Config, Database, Debug, settings_from
from tidings.watching import address_from, language_from

if TYPE_CHECKING:
    from crawler.discovery.proposal import Proposal
    from news.source import Channel
    from storage.settings import Settings

"""What is no host without a scheme: ``localhost:8000`` is one, ``mailto:…`` and a mistyped ``https//`` are not."""

CHANNELS = ("feed", "wordpress", "sitemap", "listing")
"""As `news.source.Channel` names them."""

Page = Annotated[str, typer.Argument(metavar="URL", help="The address of a news page.", show_default=False)]
MaybePage = Annotated[
    str | None, typer.Argument(metavar="URL", help="The address of a news page.", show_default=False)
]
Channels = Annotated[
    list[str] | None,
    typer.Option(
        "--channel",
        metavar="CHANNEL",
        help="Ask and propose only this: feed, wordpress, sitemap or listing. May be given more than once.",
    ),
]
Private = Annotated[
    bool,
    typer.Option(
        "--allow-private", help="Ask the page's host even if its address is private or this machine's."
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--language", metavar="TAG", help="The page's language (en, fr, ar), if you know it better."
    ),
]
Record = Annotated[
    Path | None,
    typer.Option(
        "--record", metavar="FILE.warc.gz", help="Keep everything asked and answered as a recording."
    ),
]
Replay = Annotated[
    Path | None,
    typer.Option("--replay", metavar="FILE", help="Make a recorded discovery again, offline."),
]


def discover(
    url: MaybePage = None,
    channels: Channels = None,
    language: Language = None,
    allow_private: Private = False,
    record: Record = None,
    replay: Replay = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Find out how a news page can be read, and show it.

    Feeds, WordPress's interface, sitemaps and the page itself are all tried, also when one of them is sure, and
    compared with what the page shows. Nothing is written; `tidings watch` does the same and keeps the source. Ends
    with 1 if nothing can be proposed.
    """
    settings = settings_from(config, database)
    if (url is None) == (replay is None):
        raise typer.BadParameter("name a page, or a recording with --replay", param_hint="URL")
    if replay is not None:
        if channels or language or allow_private or record is not None:
            raise typer.BadParameter("a recording knows by itself what was asked", param_hint="--replay")
        show_replayed(settings, replay, as_json=as_json)
    proposal = look(
        settings,
        url or "",
        channels=channels,
        language=language,
        allow_private=allow_private,
        record=record,
    )
    print_proposal(proposal, as_json=as_json)
    if record is not None:
        show.note(f"recorded in {record}; play it back with: tidings replay {record}")
    raise typer.Exit(code_of(proposal))


def look(
    settings: Settings,
    url: str,
    *,
    channels: list[str] | None = None,
    language: str | None = None,
    allow_private: bool = False,
    record: Path | None = None,
    keep_patience: bool = False,
) -> Proposal:
    """Make a discovery for somebody who waits, with a word of what is being done.

    ``keep_patience`` as in `scheduler.discovering.discover_now`.

    Raises:
        typer.BadParameter: for an address, a channel or a language that is none.
        TidingsError: as `scheduler.discovering.discover_now`.
    """
    address = address_from(url)
    wanted = channels_from(channels)
    tag = language_from(language)
    if record is not None:
        check_target(record)
    from scheduler.discovering import discover_now

    show.note(f"looking at {show.plain(address)}")
    return discover_now(
        quieter(settings),
        address,
        channels=wanted,
        language=tag,
        allow_private=allow_private,
        record=record,
        keep_patience=keep_patience,
    )


def show_replayed(settings: Settings, recording: Path, *, as_json: bool) -> NoReturn:
    """Make a recorded discovery again, print it, and end with its status.

    Raises:
        typer.Exit: always.
        RecordingError: as `scheduler.discovering.replay_discovery`.
    """
    from crawler.recordings.find import open_recording
    from scheduler.discovering import replay_discovery

    clock = open_recording(recording).clock
    show.note(f"replaying {recording}")
    proposal = replay_discovery(quieter(settings), recording)
    print_proposal(proposal, as_json=as_json, now=clock)
    raise typer.Exit(code_of(proposal))


def print_proposal(proposal: Proposal, *, as_json: bool, now: datetime | None = None) -> None:
    """Print a proposal for people or for programs."""
    if as_json:
        from tidings.discovery_json import proposal_json
        from tidings.json_output import print_json

        print_json(proposal_json(proposal))
        return
    from tidings.show_discovery import show_proposal

    show_proposal(proposal, now=now or datetime.now(UTC))


def code_of(proposal: Proposal) -> int:
    """Return the exit status of a discovery: 1 if nothing can be proposed."""
    return DONE if proposal.chosen is not None else FAILED


def channels_from(names: list[str] | None) -> tuple[Channel, ...]:
    """Return the channels that options name.

    Raises:
        typer.BadParameter: for a name that is none.
    """
    from news.source import Channel

    wrong = [name for name in names or () if name not in CHANNELS]
    if wrong:
        raise typer.BadParameter(
            f"{wrong[0]!r} is no channel; there are {', '.join(CHANNELS)}", param_hint="--channel"
        )
    return tuple(dict.fromkeys(Channel(name) for name in names or ()))

"""``tidings watch``: from an address to a source that is read from now on."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import ConfigError, SourceError
from tidings import show
from tidings.commands.crawl import crawl_code, quieter
from tidings.commands.discover import (
    Channels,
    Language,
    Page,
    Private,
    channels_from,
    look,
    print_proposal,
)
from tidings.exits import FAILED
from tidings.options import AsJson, Config, Database, Debug, settings_from
from tidings.watching import (
    address_from,
    confidence_of,
    language_from,
    names_taken,
    source_from,
    watched_as,
)

if TYPE_CHECKING:
    from crawler.discovery.proposal import Proposal
    from news.run import Settled
    from news.source import Source
    from storage.settings import Settings

Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="The source's name; made of the address otherwise."),
]
Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Take what is proposed without asking; what is refused stays refused."),
]
Schedule = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        metavar="WHEN",
        help="How often: adaptive, 15m, 2h, or a cron line. [default: adaptive]",
        show_default=False,
    ),
]
Latest = Annotated[
    int,
    typer.Option(
        "--announce-latest", metavar="N", min=0, help="Announce the N newest items of the baseline."
    ),
]
Pages = Annotated[
    int,
    typer.Option(
        "--pages", metavar="N", min=1, max=100, help="Pages of the listing that the baseline takes."
    ),
]


def watch(
    url: Page,
    name: Name = None,
    yes: Yes = False,
    channels: Channels = None,
    language: Language = None,
    schedule: Schedule = None,
    announce_latest: Latest = 0,
    pages: Pages = 1,
    allow_private: Private = False,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Watch a news page from now on.

    Finds out how it can be read, shows what would be stored, saves the source and takes its baseline. When it is not
    sure it asks; without a terminal to ask on it refuses, unless --yes is given. `tidings crawl NAME` then prints what
    is new.
    """
    settings = settings_from(config, database)
    address = address_from(url)
    channels_from(channels)
    language_from(language)
    _check(name, schedule)
    if known := watched_as(settings, address):
        _tell_known(known, as_json=as_json)
        return
    taken = names_taken(settings)
    if name is not None and name in taken:
        raise SourceError(f"source {name}: there is one of this name already; choose another with --name")
    proposal = look(
        settings,
        address,
        channels=channels,
        language=language,
        allow_private=allow_private,
        keep_patience=True,
    )
    read = as_json or show.reaches_its_reader(lambda: print_proposal(proposal, as_json=False))
    if not read:
        show.note("nobody reads the output any more; going on without it")
    if known := watched_as(settings, proposal.url, *_chosen_url(proposal)):
        _tell_known(known, as_json=as_json, proposal=proposal)
        return
    _agree(proposal, yes=yes, as_json=as_json)
    source = source_from(
        settings,
        proposal,
        name=name,
        schedule=schedule,
        pages=pages,
        allow_private=allow_private,
        taken=taken,
    )
    runs = _save_and_crawl(settings, source, confidence_of(proposal), announce_latest=announce_latest)
    if (
        not show.reaches_its_reader(lambda: _print(settings, source, proposal, runs, as_json=as_json))
        or not read
    ):
        show.note(f"saved as {source.name}")
    raise typer.Exit(FAILED if _baseline(runs) is None else crawl_code(runs, exit_code=False))


def _check(name: str | None, schedule: str | None) -> None:
    import re

    from storage.adaptive import check_source_schedule

    if name is not None and not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        raise typer.BadParameter(
            f"{name!r} is no name: use lower-case letters, digits, '-' and '_', at most 63",
            param_hint="--name",
        )
    if schedule is not None:
        try:
            check_source_schedule(schedule, "UTC")
        except ConfigError as error:
            raise typer.BadParameter(str(error), param_hint="--schedule") from None


def _chosen_url(proposal: Proposal) -> tuple[str, ...]:
    return () if proposal.chosen is None else (proposal.candidates[proposal.chosen].url,)


def _agree(proposal: Proposal, *, yes: bool, as_json: bool) -> None:
    """Return if the proposal may be taken, asking a person where it is not sure.

    Raises:
        typer.Exit: it is refused, or the person does not want it, or nobody can be asked.
    """
    from crawler.discovery.proposal import Decision

    if proposal.decision is Decision.AUTO or (yes and proposal.decision is Decision.ASK):
        return
    if proposal.decision is Decision.ASK and sys.stdin.isatty() and not as_json:
        if _is_wanted():
            return
        others = len({candidate.channel for candidate in proposal.candidates}) > 1
        show.note("nothing was saved" + ("; --channel proposes another of these ways" if others else ""))
        raise typer.Exit(FAILED)
    if proposal.decision is Decision.ASK:
        show.error(
            "it is not sure enough to be taken unasked, and nothing was saved; look at it, and add --yes to take it "
            "as it is"
        )
    else:
        show.error("it is not watched; nothing was saved")
    if as_json:
        from tidings.discovery_json import watch_json
        from tidings.json_output import print_json

        print_json(watch_json("", known=False, proposal=proposal))
    raise typer.Exit(FAILED)


def _is_wanted() -> bool:
    """Ask whether the proposal is to be taken; nobody who leaves the question is left without an answer."""
    try:
        return typer.confirm("Watch it like this?", default=False, err=True)
    except typer.Abort:
        show.note("", "nothing was saved")
        raise


def _save_and_crawl(
    settings: Settings, source: Source, confidence: float | None, *, announce_latest: int
) -> tuple[Settled, ...]:
    from scheduler.crawling import crawl_now
    from storage.sources import save_sources
    from tidings.opening import database
    from tidings.progress import watching

    with database(settings, create=True) as engine:
        save_sources(engine, [source], origin="discovery", now=datetime.now(UTC), confidence=confidence)
    with watching([source.name]) as watcher:
        return crawl_now(quieter(settings), [source.name], announce_latest=announce_latest, report=watcher)


def _print(
    settings: Settings, source: Source, proposal: Proposal, runs: tuple[Settled, ...], *, as_json: bool
) -> None:
    if as_json:
        from tidings.discovery_json import watch_json
        from tidings.json_output import print_json

        print_json(watch_json(source.name, known=False, proposal=proposal, runs=runs))
        return
    from tidings.declared import paused_among
    from tidings.show_runs import result_lines

    show.say("", show.styled("Saved as ", (source.name, "bold")))
    show.say(*result_lines(runs, width=show.width(), paused=paused_among(settings, runs)))
    if _baseline(runs) is None:
        show.say(f"its baseline is still to be taken: `tidings crawl {source.name}` tries again")
    else:
        show.say(f"`tidings crawl {source.name}` prints what is new from now on")


def _baseline(runs: tuple[Settled, ...]) -> int | None:
    """Return how many items the baseline took, None where there is none yet."""
    return next((run.baseline for run in runs if run.baseline is not None), None)


def _tell_known(name: str, *, as_json: bool, proposal: Proposal | None = None) -> None:
    if as_json:
        from tidings.discovery_json import watch_json
        from tidings.json_output import print_json

        print_json(watch_json(name, known=True, proposal=proposal))
        return
    show.say(f"{name}: it is watched already; `tidings sources show {name}` says how it fares")

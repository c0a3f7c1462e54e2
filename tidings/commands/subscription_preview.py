"""``tidings subscriptions preview``: what the stored history would have given a subscription, and why each thing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.filter_options import (
    Exclude,
    FilterChoice,
    Include,
    LeastEdits,
    OfKind,
    OfLanguage,
    OfSection,
    OfSource,
    refuse_unknown_sources,
)
from tidings.options import AsJson, Config, Database, Debug, moment_from, settings_from

if TYPE_CHECKING:
    from digest.model import Digest, DigestItem

SINCE = "30d"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The subscription's name.", show_default=False)]
Since = Annotated[str, typer.Option("--since", metavar="WHEN", help="From a date on, or of an age (7d).")]


def preview(
    name: Name,
    since: Since = SINCE,
    source: OfSource = None,
    language: OfLanguage = None,
    section: OfSection = None,
    kind: OfKind = None,
    edits: LeastEdits = None,
    include: Include = None,
    exclude: Exclude = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show what the stored history would have given a subscription, and which of its words each thing is told for.

    Nothing is composed and no cursor moves. With another filter it shows what that would give.
    """
    at = moment_from(since, now=datetime.now(UTC))
    settings = settings_from(config, database)
    from digest.compose import preview as looked_at
    from storage.engine import reading
    from storage.subscriptions import load
    from tidings.opening import database as opened

    with opened(settings) as engine:
        with reading(engine) as connection:
            known = load(connection, name).filter
        of = FilterChoice(
            source=source,
            language=language,
            section=section,
            kind=kind,
            edits=edits,
            include=include,
            exclude=exclude,
        )
        wanted = of.filter(known) or known
        refuse_unknown_sources(engine, wanted)
        found = looked_at(engine, since=at, filter=wanted, now=datetime.now(UTC))
    if as_json:
        from digest.json import render_json

        show.write(render_json(found))
        return
    _say(name, found, since)


def _say(name: str, found: Digest, since: str) -> None:
    from digest.wording import remaining_of
    from tidings.show_table import table

    items = [each for item in found.items for each in (item, *item.retold)]
    if not items:
        show.say(
            f"{show.plain(name)}: nothing of what is stored since {show.plain(since)} would have been told"
        )
        return
    rows = [[f"{item.change.at:%d %b %Y}", str(item.change.kind), _why(item), _title(item)] for item in items]
    table(["SEEN", "WHAT", "WHY", "TITLE"], rows, flexible="TITLE")
    if found.remaining:
        show.note(remaining_of(found))


def _why(item: DigestItem) -> str:
    from digest.text import shown
    from digest.wording import line

    return "-" if item.matched is None else f"{shown(line(item.matched.words))} in {item.matched.part}"


def _title(item: DigestItem) -> str:
    from digest.text import shown
    from digest.wording import title_of
    from news.text import direction

    return shown(title_of(item.change), direction(item.change.language))

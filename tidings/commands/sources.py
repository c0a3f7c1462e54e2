"""``tidings sources``: which listings are watched, and what to do with one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import TidingsError
from tidings import show
from tidings.commands import opml, wrappers
from tidings.options import AsJson, Config, Database, Debug, SourceName, examples, settings_from
from tidings.show_due import next_crawl

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.source_status import SourceStatus

app = typer.Typer(
    help="List, add, pause and look after the sources.", no_args_is_help=True, rich_markup_mode=None
)

Names = Annotated[list[str], typer.Argument(metavar="SOURCE", help="Names of sources.", show_default=False)]
SiteFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A site file (TOML), or a list of feeds (OPML).", show_default=False),
]
Target = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Where to write it; stdout if it is left out.")
]
OneOrAll = Annotated[
    str | None,
    typer.Argument(metavar="SOURCE", help="The name of a source; all, for a list.", show_default=False),
]
Opml = Annotated[
    bool, typer.Option("--opml", help="As a list of feeds (OPML 2.0), of all sources or of one.")
]
Sections = Annotated[bool, typer.Option("--sections", help="With all sections of the site.")]


@app.command("list", epilog=examples("tidings sources list", "tidings sources list --json"))
def list_(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """List the sources with their state."""
    settings = settings_from(config, database)
    from storage.source_status import list_sources
    from tidings.opening import database as opened

    with opened(settings) as engine:
        found = list_sources(engine)
    if as_json:
        from tidings.json_output import print_json, source_json, with_schema

        print_json(with_schema(sources=[source_json(status) for status in found]))
        return
    from tidings.declared import HOW_TO_ADD
    from tidings.show_sources import source_table

    if found:
        source_table(found, now=datetime.now(UTC))
    else:
        show.say(f"There are no sources yet; {HOW_TO_ADD}.")


@app.command("show", epilog=examples("tidings sources show icesco-en"))
def show_(
    name: SourceName,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show how a source fares and how it is read."""
    settings = settings_from(config, database)
    from storage.coverage import coverage_of
    from storage.politeness import politeness_of
    from storage.source_status import list_sources
    from storage.sources import load_source
    from storage.wrappers import wrapper_versions
    from tidings.opening import database as opened

    with opened(settings) as engine:
        [status] = list_sources(engine, [name])
        source = load_source(engine, name)
        coverage = coverage_of(engine, name)
        polite = politeness_of(engine, name, has_contact=settings.has_contact)
        proposed = [each.version for each in wrapper_versions(engine, name) if each.is_proposal]
    if as_json:
        from tidings.json_output import print_json, source_json
        from tidings.runs_json import coverage_json
        from tidings.show_politeness import politeness_json

        more = {"coverage": coverage_json(coverage), "politeness": politeness_json(polite)}
        print_json({**source_json(status, source), **more})
        return
    from tidings.show_sources import source_lines

    now = datetime.now(UTC)
    show.say(*source_lines(status, source, now=now, proposed=proposed, coverage=coverage, polite=polite))


@app.command(
    "add", epilog=examples("tidings sources add icesco-en", "tidings sources add icesco-en --sections")
)
def add(
    names: Names,
    sections: Sections = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Add sources from the catalogue.

    `tidings sources catalogue` shows what stands there.
    """
    settings = settings_from(config, database)
    from crawler.catalogue import load_catalogue
    from storage.source_status import list_sources
    from storage.sources import save_sources
    from tidings.declared import catalogue_sources
    from tidings.opening import database as opened

    wanted = catalogue_sources(settings, names)
    if sections:
        sites = {source.site for source in wanted}
        wanted = [source for source in load_catalogue(*settings.sites).values() if source.site in sites]
    with opened(settings, create=True) as engine:
        saved = save_sources(engine, wanted, origin="catalogue", now=datetime.now(UTC))
        found = list_sources(engine, [source.name for source in wanted])
        _say_saved(engine, found, saved, origin="catalogue")


@app.command(
    "import", epilog=examples("tidings sources import example.toml", "tidings sources import feeds.opml")
)
def import_(file: SiteFile, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Add or update the sources of a site file or a list of feeds, all or none.

    Each feed of a list becomes a source; what is watched already stays as it is.
    """
    settings = settings_from(config, database)
    from crawler.catalogue import load_site_file
    from storage.source_status import list_sources
    from storage.sources import save_sources
    from tidings.opening import database as opened

    declared = opml.declared(settings, file) if opml.is_opml(file) else load_site_file(file)
    if not declared:
        return
    with opened(settings, create=True) as engine:
        saved = save_sources(engine, declared, origin="file", now=datetime.now(UTC))
        found = list_sources(engine, [source.name for source in declared])
        _say_saved(engine, found, saved, origin="file")


@app.command(
    "export",
    epilog=examples(
        "tidings sources export icesco-en",
        "tidings sources export icesco-en icesco.toml",
        "tidings sources export --opml > sources.opml",
    ),
)
def export(
    name: OneOrAll = None,
    file: Target = None,
    as_opml: Opml = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Write a source as a site file, or sources as a list of feeds.

    A site's own listing comes with its sections.
    """
    settings = settings_from(config, database)
    if name is None and not as_opml:
        raise typer.BadParameter("name one, or write a list of all with --opml", param_hint="SOURCE")
    from crawler.site_export import dump_site
    from storage.sources import load_sources
    from tidings.opening import database as opened

    with opened(settings) as engine:
        found = load_sources(engine, None if name is None else [name])
        if found and found[0].site == name:
            found += [each for each in load_sources(engine) if each.site == name != each.name]
    text = opml.text_of(found) if as_opml else dump_site(found)
    if file is None:
        show.write(text)
        return
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise TidingsError(
            f"file {file}: it cannot be written ({error.strerror}); choose another name"
        ) from error
    show.note(f"{name} written to {file}")


@app.command("pause", epilog=examples("tidings sources pause icesco-en"))
def pause(names: Names, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Stop crawling sources; what is known of them stays."""
    settings = settings_from(config, database)
    from storage.source_status import list_sources
    from storage.sources import pause as pause_one
    from tidings.opening import database as opened

    with opened(settings) as engine:
        list_sources(engine, names)  # all names or none
        for name in names:
            pause_one(engine, name)
            show.say(f"{name}: paused; `tidings sources resume {name}` takes it up again")


@app.command("resume", epilog=examples("tidings sources resume icesco-en"))
def resume(names: Names, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Crawl paused sources again: once now, then by their schedule."""
    settings = settings_from(config, database)
    from storage.source_status import list_sources
    from storage.sources import resume as resume_one
    from tidings.opening import database as opened

    with opened(settings) as engine:
        list_sources(engine, names)
        for name in names:
            resume_one(engine, name)
            show.say(f"{name}: due now")


app.command(
    "wrappers",
    epilog=examples("tidings sources wrappers icesco-en", "tidings sources wrappers icesco-en --json"),
)(wrappers.wrappers)
app.command("diff", epilog=examples("tidings sources diff icesco-en", "tidings sources diff icesco-en 3"))(
    wrappers.diff
)
app.command(
    "rollback", epilog=examples("tidings sources rollback icesco-en", "tidings sources rollback icesco-en 2")
)(wrappers.rollback)


app.command(
    "approve",
    epilog=examples("tidings sources approve icesco-en", "tidings sources approve icesco-en --wrapper 3"),
)(wrappers.approve)
app.command("reject", epilog=examples("tidings sources reject icesco-en"))(wrappers.reject)


@app.command("remove", epilog=examples("tidings sources remove icesco-en"))
def remove(name: SourceName, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Forget a source that never announced anything.

    One that has can only be paused, since the log is for good.
    """
    settings = settings_from(config, database)
    from storage.sources import remove as remove_one
    from tidings.opening import database as opened

    with opened(settings) as engine:
        remove_one(engine, name)
    show.say(f"{name}: removed; its articles stay")


@app.command("catalogue", epilog=examples("tidings sources catalogue"))
def catalogue(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """List the sites that can be added.

    They come with tidings, or stand in the directories that the setting `sites` names.
    """
    settings = settings_from(config, database)
    from crawler.catalogue import load_catalogue
    from tidings.show_table import table

    found = load_catalogue(*settings.sites)
    if as_json:
        from tidings.json_output import definition_json, print_json, with_schema

        print_json(with_schema(sources=[definition_json(source) for source in found.values()]))
        return
    rows = [
        [source.name, source.language or "-", source.title or "-", source.url] for source in found.values()
    ]
    table(["NAME", "LANGUAGE", "TITLE", "URL"], rows, flexible="URL")


def _say_saved(engine: Engine, found: Sequence[SourceStatus], saved: Sequence[str], *, origin: str) -> None:
    for status in found:
        name = status.name
        if name not in saved:
            show.say(
                f"{name}: nothing to do, it is declared just so already{_set_aside(engine, status, origin)}"
            )
        elif status.paused:
            show.say(f"{name}: saved; {next_crawl(status)}")
        elif status.has_baseline:
            show.say(f"{name}: saved and due now")
        else:
            show.say(f"{name}: saved and due now; `tidings crawl {name}` takes its baseline at once")


def _set_aside(engine: Engine, status: SourceStatus, origin: str) -> str:
    """Return which command puts the declared selectors in use again, where others are."""
    from storage.wrappers import wrapper_versions

    declared = next((each for each in wrapper_versions(engine, status.name) if each.origin == origin), None)
    if declared is None or declared.in_use:
        return ""
    return (
        f". Version {status.wrapper} of its selectors is in use; `tidings sources rollback {status.name} "
        f"{declared.version}` puts the declared ones back"
    )

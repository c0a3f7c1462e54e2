"""``tidings runs``: what each crawl of a source did, and a person's word on what is held."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from tidings import show
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from
from tidings.show_due import next_crawl

app = typer.Typer(
    help="See what the crawls did, and decide on what is held.", no_args_is_help=True, rich_markup_mode=None
)

Sources = Annotated[
    list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only of these sources.", show_default=False)
]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The number of a run, or the name of a source for its newest held run.",
        show_default=False,
    ),
]
Held = Annotated[bool, typer.Option("--held", help="Only runs that wait for a person.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many runs at most, the newest first.")]


@app.command(
    "list",
    epilog=examples(
        "tidings runs list", "tidings runs list icesco-en --limit 100", "tidings runs list --held"
    ),
)
def list_(
    names: Sources = None,
    held: Held = False,
    limit: Limit = 30,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """List the latest runs: what they are worth, and what they covered.

    Runs that found the listing unchanged are only counted (`tidings sources show`).
    """
    settings = settings_from(config, database)
    from storage.runs import list_runs
    from tidings.opening import database as opened

    with opened(settings) as engine:
        found = list_runs(engine, sources=names or (), held=held, limit=limit)
    if as_json:
        from tidings.json_output import print_json, with_schema
        from tidings.runs_json import stored_run_json

        print_json(with_schema(runs=[stored_run_json(run) for run in found]))
        return
    from tidings.show_history import run_table

    if found:
        run_table(found, now=datetime.now(UTC))
    else:
        show.say("No run is held." if held else "No run has told anything yet.")


@app.command("show", epilog=examples("tidings runs show 17", "tidings runs show icesco-en --json"))
def show_(
    run: Run,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show what a run saw, from where to where it is complete, and what approving it would announce."""
    settings = settings_from(config, database)
    from storage.approving import held_of
    from storage.runs import load_run, newest_run, run_named
    from tidings.opening import database as opened

    with opened(settings) as engine:
        name, number = run_named(engine, run)
        row = load_run(engine, newest_run(engine, name) if number is None else number)
        entries = held_of(engine, row.id) if row.held else ()
    if as_json:
        from tidings.json_output import print_json
        from tidings.runs_json import run_detail_json

        print_json(run_detail_json(row, entries))
        return
    from tidings.show_history import run_lines

    show.say(*run_lines(row, entries))


@app.command("approve", epilog=examples("tidings runs approve 17", "tidings runs approve icesco-en --json"))
def approve(
    run: Run,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Take what a suspect run saw as it is, and end the suspicion.

    It announces what is new, and never edits; before the baseline it only lifts the suspicion. `tidings runs show`
    says before what that will be.
    """
    settings = settings_from(config, database)
    from storage.approving import approve as approve_held
    from storage.runs import run_named
    from storage.source_status import list_sources
    from tidings.opening import database as opened

    with opened(settings) as engine:
        name, number = run_named(engine, run)
        changes = approve_held(engine, name, run_id=number)
        [status] = list_sources(engine, [name])
    if as_json:
        from tidings.json_output import approval_json, print_json

        print_json(approval_json(name, changes))
        return
    from tidings.show_runs import change_lines

    show.say(f"{name}: approved, {len(changes)} announced; {next_crawl(status)}")
    show.say(*change_lines(changes, width=show.width()))


@app.command("reject", epilog=examples("tidings runs reject 17", "tidings runs reject icesco-en"))
def reject(
    run: Run,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Turn down what a suspect run saw, and ask its source again at once.

    By the name of a source all its held runs are turned down. The source stays suspect until a good run.
    """
    settings = settings_from(config, database)
    from storage.approving import reject as reject_held
    from storage.runs import run_named
    from storage.source_status import list_sources
    from tidings.opening import database as opened

    with opened(settings) as engine:
        name, number = run_named(engine, run)
        runs = reject_held(engine, name, run_id=number)
        [status] = list_sources(engine, [name])
    show.say(f"{name}: {runs} held run{'s' if runs != 1 else ''} dropped; {next_crawl(status)}")

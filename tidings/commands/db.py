"""``tidings db``: the database itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from news.errors import SchemaError, StorageError
from tidings import show
from tidings.commands import db_care
from tidings.exits import FAILED
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from

if TYPE_CHECKING:
    from storage.settings import Settings

app = typer.Typer(
    help="Look after the database: version, backup, soundness, retention.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Backup = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.", show_default=False)]
Target = Annotated[Path, typer.Argument(metavar="FILE", help="Where to put the copy.", show_default=False)]


@app.command("status", epilog=examples("tidings db status"))
def status(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """Show the database's version and how much it holds."""
    settings = settings_from(config, database)
    found = _describe(settings)
    if as_json:
        from tidings.json_output import print_json

        print_json(found)
        return
    from digest.wording import count

    show.say(
        found["database"], f"schema {found['schema_revision'] or 'none'}, {_advice(found['schema_revision'])}"
    )
    if found["bytes"] is not None:
        show.say(f"{found['bytes']:,} bytes")
    if found["rows"] is not None:
        show.say(", ".join(count(number, name[:-1], name) for name, number in found["rows"].items()))


@app.command("migrate", epilog=examples("tidings db migrate"))
def migrate(database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Make the database, or bring it up to date.

    A SQLite file of an older version is copied first. Other commands do the same when they need to.
    """
    settings = settings_from(config, database)
    from storage.engine import open_engine
    from storage.failures import shown_url
    from storage.schema import REVISIONS, check_schema

    engine = open_engine(settings.database_url)
    try:
        upgrade = check_schema(engine)
        where = shown_url(engine)
    finally:
        engine.dispose()
    if upgrade is None:
        show.say(f"{where}: schema {REVISIONS[-1]}, nothing to do")
        return
    show.say(f"{where}: {'upgraded to' if upgrade.before else 'made, with'} schema {upgrade.after}")
    if upgrade.backup is not None:
        show.say(f"the old state is kept in {upgrade.backup}")


@app.command("queue", epilog=examples("tidings db queue --database postgresql://tidings@db/tidings"))
def queue(database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Make the queue by which workers are told what to crawl, or bring it up to date.

    Only for PostgreSQL, and only where `tidings worker` is used. Stop workers before you bring it up to date.
    """
    settings = settings_from(config, database)
    from scheduler.cluster import need_cluster
    from storage.failures import shown_url
    from tidings.opening import database as opened

    need_cluster(settings.database_url)
    from scheduler.jobs import make_queue

    with opened(settings, create=True) as engine:
        made, where = make_queue(engine), shown_url(engine)
    show.say(f"{where}: {'the queue is ready' if made else 'the queue was ready, nothing to do'}")


@app.command("backup", epilog=examples("tidings db backup tidings-2026-11-22.db"))
def backup(file: Target, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Copy a SQLite database that may be in use.

    The copy is whole, or not there.
    """
    settings = settings_from(config, database)
    from storage.backup import back_up_file
    from storage.engine import open_engine, sqlite_file

    engine = open_engine(settings.database_url, create=False)
    try:
        source = sqlite_file(engine)
    finally:
        engine.dispose()
    if source is None:
        raise StorageError(
            f"backup {file}: PostgreSQL brings its own tool: pg_dump --format=custom --file={file} and the database's "
            "URL; pg_restore plays it back"
        )
    back_up_file(source, file)
    show.say(f"{source} copied to {file} ({file.stat().st_size:,} bytes)")


@app.command("restore", epilog=examples("tidings db restore tidings-2026-11-22.db"))
def restore(file: Backup, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Put a backup in the place of a SQLite database that nothing uses.

    The backup is checked first, and brought up to date if it is of an older version. The former file is kept beside
    the database.
    """
    settings = settings_from(config, database)
    from datetime import UTC, datetime

    from storage.engine import file_of
    from storage.restoring import restore_file
    from storage.schema import REVISIONS
    from tidings.soundness import faults_of

    target = file_of(settings.database_url)
    if target is None:
        raise StorageError(
            f"restore {file}: PostgreSQL brings its own tool: stop `tidings run`, then pg_restore --clean --if-exists "
            f"--dbname=URL {file}, with the database's URL"
        )
    restored = restore_file(file, target, find_faults=faults_of, now=datetime.now(UTC))
    show.say(f"{restored.file} restored from {file}, schema {REVISIONS[-1]}, sound")
    if restored.revision != REVISIONS[-1]:
        show.say(f"the backup was of schema {restored.revision}; it stays as it is")
    if restored.former is not None:
        show.say(f"the former file is kept in {restored.former}")


app.command("transfer", epilog=db_care.TRANSFER_EXAMPLES)(db_care.transfer)
app.command("prune", epilog=db_care.PRUNE_EXAMPLES)(db_care.prune)
app.command("compact", epilog=db_care.COMPACT_EXAMPLES)(db_care.compact)


@app.command("reindex", epilog=examples("tidings db reindex"))
def reindex(database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Make the index of words anew, by which `tidings articles search` finds articles.

    Crawling may go on meanwhile. It takes about two minutes for 100,000 articles.
    """
    settings = settings_from(config, database)
    from digest.wording import count
    from storage.searching import reindex as made_anew
    from tidings.opening import database as opened

    with opened(settings) as engine:
        number = made_anew(engine)
    show.say(f"{count(number, 'article', 'articles')} can be searched")


@app.command("check", epilog=examples("tidings db check", "tidings db check --json"))
def check(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """Check that the database is sound.

    That is the file, its references, our own records, and every stored digest. Ends with 1 if something is wrong.
    """
    settings = settings_from(config, database)
    faults = _faults(settings)
    if as_json:
        from tidings.json_output import print_json, with_schema

        print_json(with_schema(sound=not faults, faults=faults))
    elif faults:
        show.say(*(show.plain(fault) for fault in faults))
    else:
        show.say("sound")
    if faults:
        from digest.wording import count

        number = count(len(faults), "fault", "faults")
        show.error(f"{number}; keep a copy of the database, then restore a backup or report this")
        raise typer.Exit(FAILED)


def _advice(revision: str | None) -> str:
    """Return what a database's revision means for this version, and what to do about it."""
    from storage.schema import REVISIONS

    if revision == REVISIONS[-1]:
        return "up to date"
    if revision is None or revision in REVISIONS:
        return "run `tidings db migrate`"
    if revision.isdecimal() and int(revision) > int(REVISIONS[-1]):
        return f"newer than this tidings, which knows up to {REVISIONS[-1]}; upgrade tidings"
    return f"unknown to this tidings, which knows up to {REVISIONS[-1]}; use the version that made it"


def _describe(settings: Settings) -> dict[str, Any]:
    from dataclasses import asdict

    from digest.json import SCHEMA
    from storage.checking import count_all
    from storage.engine import open_engine, reading, sqlite_file
    from storage.failures import shown_url
    from storage.schema import REVISIONS, stored_revision

    engine = open_engine(settings.database_url, create=False)
    try:
        revision, file = stored_revision(engine), sqlite_file(engine)
        rows = None
        if revision == REVISIONS[-1]:
            with reading(engine) as connection:
                rows = asdict(count_all(connection))
                rows["changes"] = rows.pop("last_seq")
        return {
            "schema": SCHEMA,
            "database": shown_url(engine),
            "schema_revision": revision,
            "newest_revision": REVISIONS[-1],
            "bytes": file.stat().st_size if file is not None else None,
            "rows": rows,
        }
    finally:
        engine.dispose()


def _faults(settings: Settings) -> list[str]:
    from storage.engine import open_engine
    from storage.failures import shown_url
    from storage.schema import REVISIONS, stored_revision
    from tidings.soundness import faults_of

    engine = open_engine(settings.database_url, create=False)
    try:
        revision = stored_revision(engine)
        if revision != REVISIONS[-1]:
            raise SchemaError(
                f"database {shown_url(engine)}: its schema is {revision or 'none'}, not {REVISIONS[-1]}; "
                f"{_advice(revision)}"
            )
        return faults_of(engine)
    finally:
        engine.dispose()

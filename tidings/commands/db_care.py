"""``tidings db transfer``, ``prune`` and ``compact``: what is done with a whole database now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import StorageError
from tidings import show
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from

if TYPE_CHECKING:
    from storage.pruning import Pruned

There = Annotated[
    str,
    typer.Argument(metavar="URL", help="An empty database: postgresql://USER@HOST/NAME.", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")]
_LONGER = "[default: the setting]"
Revisions = Annotated[
    int | None,
    typer.Option(
        "--keep-revisions", metavar="N", help=f"So many revisions of an article keep their texts. {_LONGER}"
    ),
]
RevisionDays = Annotated[
    int | None,
    typer.Option(
        "--keep-revision-days", metavar="N", help=f"So long earlier revisions keep their texts. {_LONGER}"
    ),
]
ArticleDays = Annotated[
    int | None,
    typer.Option(
        "--keep-article-days",
        metavar="N",
        help=f"So long after it was last listed an article keeps its text. {_LONGER}",
    ),
]
ChangeDays = Annotated[
    int | None,
    typer.Option(
        "--keep-change-days",
        metavar="N",
        help=f"So long the log keeps changes that everybody was told of. {_LONGER}",
    ),
]
DigestDays = Annotated[
    int | None,
    typer.Option(
        "--keep-digest-days", metavar="N", help=f"So long digests that were brought stay. {_LONGER}"
    ),
]
RunDays = Annotated[
    int | None,
    typer.Option(
        "--keep-run-days", metavar="N", help=f"So long runs stay, with what was held of them. {_LONGER}"
    ),
]
TRANSFER_EXAMPLES = examples("tidings db transfer postgresql://tidings@db.example.org/tidings")
PRUNE_EXAMPLES = examples(
    "tidings db prune --dry-run", "tidings db prune --keep-revisions 10 --keep-run-days 90"
)
COMPACT_EXAMPLES = examples("tidings db compact")


def transfer(url: There, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Move everything from a SQLite file to an empty PostgreSQL database, and compare what arrived.

    Nothing may use the file meanwhile; it stays as it is. The target holds all of it in the end, or nothing: a transfer
    that was broken off is started again.
    """
    settings = settings_from(config, database)
    from storage.engine import file_of, open_engine
    from storage.failures import shown_url
    from storage.holding import refuse_while_in_use
    from storage.schema import ready
    from storage.transferring import transfer as transferred
    from tidings.counting import counting

    file = file_of(settings.database_url)
    if file is not None and file.exists():
        refuse_while_in_use(file, f"transfer of {file}")
    target = open_engine(url)
    source = ready(settings.database_url, create=False)
    try:
        with counting() as told:
            made = transferred(source, target, told)
    finally:
        source.dispose()
        target.dispose()
    rows = {each.table: each.rows for each in made}
    show.say(
        f"{shown_url(settings.database_url)} moved to {shown_url(url)}: {sum(rows.values()):,} rows of {len(made)} "
        f"tables, compared one by one: {rows['articles']:,} articles, {rows['revisions']:,} revisions, "
        f"{rows['changes']:,} changes",
        "set database_url to the new one before you start `tidings run` again; the file stays as it was",
    )


def prune(
    dry_run: DryRun = False,
    keep_revisions: Revisions = None,
    keep_revision_days: RevisionDays = None,
    keep_article_days: ArticleDays = None,
    keep_change_days: ChangeDays = None,
    keep_digest_days: DigestDays = None,
    keep_run_days: RunDays = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Take away what is older than is kept: texts, the log's beginning, digests, runs.

    The settings of the same names say how long that is; without any, nothing goes. Articles, their addresses and who
    lists them always stay, so nothing is ever new again, and no change goes that a subscription was not told of.
    Crawling may go on meanwhile.
    """
    settings = settings_from(
        config,
        database,
        keep_revisions=keep_revisions,
        keep_revision_days=keep_revision_days,
        keep_article_days=keep_article_days,
        keep_change_days=keep_change_days,
        keep_digest_days=keep_digest_days,
        keep_run_days=keep_run_days,
    )
    from storage.pruning import free_bytes, would_prune
    from storage.pruning import prune as pruned
    from tidings.opening import database as opened

    if settings.retention.keeps_all:
        raise StorageError(
            "prune: everything is kept for good; say how long what is kept, such as --keep-revisions 10, or in the "
            "settings (keep_revisions)"
        )
    with opened(settings) as engine:
        if dry_run:
            found, free = would_prune(engine, settings.retention), None
        else:
            found = pruned(engine, settings.retention, told=_told)
            free = free_bytes(engine)
    if as_json:
        _print_pruned(found, dry_run=dry_run)
        return
    show.say(*_pruned_lines(found, dry_run=dry_run))
    if free:
        show.say(
            f"{free:,} bytes are free inside the file and are used again; `tidings db compact` gives them back"
        )


def _print_pruned(found: Pruned, *, dry_run: bool) -> None:
    from dataclasses import asdict

    from tidings.json_output import print_json, with_schema

    counts = {name: value for name, value in asdict(found).items() if name not in ("upto_seq", "kept_by")}
    begins, kept_by = found.upto_seq + 1, found.kept_by or None
    print_json(with_schema(dry_run=dry_run, **counts, log_begins=begins, kept_by=kept_by))


def _told(name: str, number: int) -> None:
    if number:
        show.note(f"{name}: {number:,}")


def _pruned_lines(found: Pruned, *, dry_run: bool) -> list[str]:
    from digest.wording import count

    named = (
        (found.revisions, "text of a revision", "texts of revisions"),
        (found.articles, "article without a text", "articles without a text"),
        (found.changes, "change", "changes"),
        (found.digests, "digest", "digests"),
        (found.runs, "run", "runs"),
        (found.held, "held reading", "held readings"),
    )
    going = ", ".join(count(number, one, many) for number, one, many in named if number) or "nothing"
    lines = [f"{'would go' if dry_run else 'gone'}: {going}"]
    if found.changes:
        lines.append(f"the log {'would begin' if dry_run else 'begins'} at {found.upto_seq + 1}")
    if found.kept_by:
        lines.append(
            f"older changes stay, since {show.plain(found.kept_by)} was not told of them yet: "
            f"`tidings subscriptions show {show.plain(found.kept_by)}`"
        )
    return lines


def compact(database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Make a SQLite file as small as what it holds.

    Texts that an older version kept are compressed, and free pages go back to the disk. Nothing may use the file
    meanwhile, and the disk needs as much room again.
    """
    settings = settings_from(config, database)
    from storage.compacting import compact as compacted
    from storage.engine import file_of
    from storage.holding import refuse_while_in_use
    from tidings.counting import counting
    from tidings.opening import database as opened

    file = file_of(settings.database_url)
    if file is None:
        raise StorageError(
            "compact: PostgreSQL looks after that itself (autovacuum); VACUUM FULL gives pages back to the disk"
        )
    if file.exists():
        refuse_while_in_use(file, f"compact {file}")
    with opened(settings) as engine, counting() as told:
        made = compacted(engine, file, told)
    show.say(f"{file}: {made.before:,} bytes before, {made.after:,} now; {made.texts:,} texts compressed")

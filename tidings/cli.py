"""The command line: every command under its name, and one boundary where errors become words and exit statuses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from typer.core import TyperGroup

from news.errors import TidingsError
from tidings import show
from tidings.commands import (
    articles,
    crawl,
    db,
    deliveries,
    digest,
    discover,
    doctor,
    feeds,
    recordings,
    replay,
    run,
    runs,
    serve,
    sources,
    status,
    subscriptions,
    tokens,
    users,
    watch,
    worker,
)
from tidings.exits import DONE, FAILED, INTERRUPTED, USAGE
from tidings.options import examples

_BEHIND = ("--database", "--config", "--json", "--debug")


class _InOrder(TyperGroup):
    """Lists the commands in the order in which people meet them."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        order = (
            "watch",
            "discover",
            "crawl",
            "replay",
            "record",
            "digest",
            "feeds",
            "run",
            "serve",
            "worker",
            "status",
            "doctor",
            "sources",
            "runs",
            "articles",
            "subscriptions",
            "deliveries",
            "users",
            "tokens",
            "recordings",
            "db",
        )
        return sorted(self.commands, key=lambda name: order.index(name) if name in order else len(order))


app = typer.Typer(
    cls=_InOrder,
    name="tidings",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(value: bool) -> None:
    if value:
        from news.version import own_version

        show.write(f"tidings {own_version()}\n")
        raise typer.Exit


@app.callback(
    epilog=examples(
        "tidings crawl icesco-en       take its baseline, then print what is new",
        "tidings digest                what is new since the last digest",
        "tidings run                   crawl on schedule",
    )
)
def _tidings(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Watch news pages: keep every article and every edit, and tell each change exactly once.

    Ends with 0 when it is done, 1 when it failed, 2 for wrong usage; results go to stdout, everything else to stderr.
    """


app.command(
    "watch",
    epilog=examples(
        "tidings watch https://example.org/news/",
        "tidings watch https://example.org/news/ --name example --schedule 15m --yes",
        "tidings watch https://example.org/news/ --channel listing --announce-latest 3",
    ),
)(watch.watch)
app.command(
    "discover",
    epilog=examples(
        "tidings discover https://example.org/news/",
        "tidings discover https://example.org/news/ --channel listing --json",
        "tidings discover https://example.org/news/ --record found.warc.gz",
    ),
)(discover.discover)
app.command(
    "crawl",
    epilog=examples(
        "tidings crawl icesco-en",
        "tidings crawl icesco-en --announce-latest 3 --json",
        "tidings crawl --file example.toml --record example.warc.gz",
    ),
)(crawl.crawl)
app.command(
    "replay", epilog=examples("tidings replay fixtures/icesco/en", "tidings replay visit.warc.gz --json")
)(replay.replay)
app.command("record", epilog=examples("tidings record icesco-en --output visit.warc.gz"))(crawl.record)
app.command(
    "digest",
    epilog=examples(
        "tidings digest",
        "tidings digest --format html --output news.html",
        "tidings digest --subscription arabic --language ar --create",
        "tidings digest --since 7d --source icesco-en",
    ),
)(digest.digest)
app.command(
    "run",
    epilog=examples(
        "tidings run", "tidings run --serve", "tidings run --database postgresql://tidings@db/tidings"
    ),
)(run.run)
app.command(
    "serve", epilog=examples("tidings serve", "tidings serve --port 8080 --database sqlite:///news.db")
)(serve.serve)
app.command(
    "worker",
    epilog=examples(
        "tidings worker", "tidings worker --workers 4 --database postgresql://tidings@db/tidings"
    ),
)(worker.worker)
app.command(
    "status",
    epilog=examples("tidings status", "tidings status --json --exit-code", "tidings status --metrics"),
)(status.status)
app.command("doctor", epilog=examples("tidings doctor", "tidings doctor --offline --json"))(doctor.doctor)
app.add_typer(feeds.app, name="feeds")
app.add_typer(sources.app, name="sources")
app.add_typer(runs.app, name="runs")
app.add_typer(articles.app, name="articles")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(users.app, name="users")
app.add_typer(tokens.app, name="tokens")
app.add_typer(recordings.app, name="recordings")
app.add_typer(db.app, name="db")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and end with its exit status.

    Args:
        arguments: what stands behind ``tidings``; those of the process if it is None.

    Raises:
        SystemExit: always, with the status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _write_unicode()
    try:
        status = _run(given)
        show.write("")  # a reader that has gone is noticed here, not when Python ends
    except typer.Exit as ended:
        status = ended.exit_code
    sys.exit(status)


def _run(given: list[str]) -> int:
    try:
        ended = typer.main.get_command(app).main(given, prog_name="tidings", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except typer.TyperException as error:
        return _refuse_usage(error)
    except TidingsError as error:
        show.error(str(error))
        return FAILED
    except Exception as error:
        if "--debug" in given:
            raise
        show.error(
            f"something unexpected happened: {type(error).__name__}: {error}\n"
            "This is a fault of tidings. Run the same with --debug for a traceback, and report it."
        )
        return FAILED
    return ended if isinstance(ended, int) else DONE


def _refuse_usage(error: typer.TyperException) -> int:
    context: typer.Context | None = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        show.note(error.format_message())
        return USAGE
    path = context.command_path if context is not None else "tidings"
    message = error.format_message().replace("Value error, ", "").replace("Input should", "it should")
    option = getattr(error, "option_name", "")
    if option in _BEHIND and context is not None and context.parent is None:
        message += f". Write it behind the command: tidings COMMAND {option} …"
    show.error(f"{message}\nSee: {path} --help")
    return error.exit_code


def _write_unicode() -> None:
    """Print what cannot be shown in the terminal's encoding as escapes; a file or a pipe gets UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace", **({} if stream.isatty() else {"encoding": "utf-8"}))


if __name__ == "__main__":
    main()

"""``tidings digest``: what a reader has not been told yet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import ConfigError, StorageError, TidingsError
from tidings import show
from tidings.exits import news_code
from tidings.filter_options import OfLanguage, OfSource, refuse_unknown_sources
from tidings.options import AsJson, Config, Database, Debug, ExitCode, Shape, moment_from, settings_from

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from digest.model import Digest
    from storage.subscriptions import DigestFilter

DEFAULT = "default"
"""The subscription of whoever names none; it is made on first use and told everything from the start of the log."""


Subscription = Annotated[
    str, typer.Option("--subscription", metavar="NAME", help="Whose digest; each has a cursor of its own.")
]
Create = Annotated[
    bool, typer.Option("--create", help="Make the subscription, which is told what comes from now on.")
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="WHEN|SEQ",
        help="Look at what came since a date, an age (7d) or a seq; moves no cursor.",
    ),
]
FormatOption = Annotated[Shape, typer.Option("--format", "-f", help="How to render it.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file, which is replaced.")
]
Peek = Annotated[bool, typer.Option("--peek", help="Look at the next digest without moving the cursor.")]
Number = Annotated[
    int | None, typer.Option("--number", metavar="N", min=1, help="Show a digest that was composed before.")
]


def digest(
    subscription: Subscription = DEFAULT,
    create: Create = False,
    since: Since = None,
    format: FormatOption = Shape.TEXT,  # noqa: A002 - the option's name
    output: Output = None,
    source: OfSource = None,
    language: OfLanguage = None,
    peek: Peek = False,
    number: Number = None,
    as_json: AsJson = False,
    exit_code: ExitCode = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show what is new since the last digest.

    The digest is numbered and stored, and the subscription's cursor moves on. --peek and --since only look. A
    subscription keeps the --source and --language with which it was made.
    """
    _refuse_together(since=since is not None, peek=peek, number=number is not None, create=create)
    if number is not None and (source or language):
        raise typer.BadParameter("a stored digest is shown as it is", param_hint="--source / --language")
    now = datetime.now(UTC)
    seq, moment = _cursor(since, now=now)
    settings = settings_from(config, database)
    _check_output(output)
    from storage.subscriptions import DigestFilter
    from tidings.opening import database as opened

    wanted = DigestFilter(sources=tuple(source or ()), languages=tuple(language or ()))
    with opened(settings) as engine:
        refuse_unknown_sources(engine, wanted)
        now = _speaks_for(engine, subscription) or now
        if number is not None:
            from digest.compose import load

            found = load(engine, subscription, number)
        elif since is not None:
            from digest.compose import preview

            filtered = wanted if source or language else _filter_of(engine, subscription) or wanted
            _note_what_is_gone(engine, seq, moment)
            found = preview(engine, after_seq=seq, since=moment, filter=filtered, now=now)
        elif peek:
            found = _peek(engine, subscription, wanted, now)
        else:
            found = _next(engine, subscription, wanted, now, create=create)
    _deliver(found, Shape.JSON if as_json else format, output)
    if exit_code:
        raise typer.Exit(
            news_code([each.verdict for each in found.unread], news=bool(found.items or found.alerts))
        )


def _note_what_is_gone(engine: Engine, seq: int | None, moment: datetime | None) -> None:
    """Say so where the log does not reach back as far as somebody wants to look."""
    from storage.changes import changes_after, pruned_upto
    from storage.engine import reading

    with reading(engine) as connection:
        gone = pruned_upto(connection)
        first = changes_after(connection, gone, limit=1) if gone else []
    if first and ((seq is not None and seq < gone) or (moment is not None and moment < first[0].at)):
        show.warn(
            f"the log begins at change {gone + 1}, {first[0].at:%Y-%m-%d %H:%M} UTC: what came before was pruned"
        )


def _speaks_for(engine: Engine, name: str) -> datetime | None:
    """A digest bears the time of the latest crawl, not that of the command: the same log gives the same bytes.

    Alerts are about this moment.
    """
    from storage.changes import as_of
    from storage.engine import database_now, reading
    from storage.subscriptions import list_subscriptions

    with reading(engine) as connection:
        alerts = {row.name for row in list_subscriptions(connection) if row.alert_after_seconds is not None}
        return database_now(connection) if name in alerts else as_of(connection)


def _peek(engine: Engine, name: str, wanted: DigestFilter, now: datetime) -> Digest:
    from digest.compose import preview, preview_next

    known = _filter_of(engine, name)
    if known is None and name != DEFAULT:
        raise _unknown(name)
    if known is None:
        return preview(engine, filter=wanted, now=now)
    _refuse_other_filter(name, known, wanted)
    return preview_next(engine, name, now=now)


def _next(engine: Engine, name: str, wanted: DigestFilter, now: datetime, *, create: bool) -> Digest:
    from digest.compose import compose
    from storage.subscriptions import subscribe

    known = _filter_of(engine, name)
    if known is not None:
        if create:
            raise ConfigError(f"subscription {name}: it exists already; leave --create out to go on with it")
        _refuse_other_filter(name, known, wanted)
    elif name == DEFAULT or create:
        subscribe(engine, name, filter=wanted, now=now, from_start=name == DEFAULT)
    else:
        raise _unknown(name)
    found = compose(engine, name, now=now, empty=True)
    assert found is not None  # noqa: S101 - an empty one was asked for
    return found


def _filter_of(engine: Engine, name: str) -> DigestFilter | None:
    from storage.engine import reading
    from storage.subscriptions import list_subscriptions

    with reading(engine) as connection:
        return next((row.filter for row in list_subscriptions(connection) if row.name == name), None)


def _refuse_other_filter(name: str, known: DigestFilter, wanted: DigestFilter) -> None:
    from storage.subscriptions import DigestFilter

    if wanted not in (known, DigestFilter()):
        raise ConfigError(
            f"subscription {name}: it was made with other --source and --language; give this choice a name of its own "
            "(--subscription NAME --create), or only look at it (--since)"
        )


def _unknown(name: str) -> StorageError:
    return StorageError(
        f"subscription {name}: there is none of this name; add --create to make it: "
        "it is told what comes from then on"
    )


def _refuse_together(*, since: bool, peek: bool, number: bool, create: bool) -> None:
    if sum((since, peek, number, create)) > 1:
        raise typer.BadParameter(
            "only one of them at a time", param_hint="--since / --peek / --number / --create"
        )


def _cursor(since: str | None, *, now: datetime) -> tuple[int | None, datetime | None]:
    if since is None:
        return None, None
    if since.isascii() and since.isdigit() and len(since) < 19 and not _is_date(since):
        return int(since), None
    return None, moment_from(since, now=now)


def _is_date(text: str) -> bool:
    """Return whether eight digits are a date without hyphens (ISO 8601, basic format) rather than a cursor."""
    try:
        return len(text) == 8 and datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).year >= 1990
    except ValueError:
        return False


def _check_output(output: Path | None) -> None:
    if output is not None and (output.is_dir() or not output.absolute().parent.is_dir()):
        raise TidingsError(
            f"output {output}: it is a directory, or stands in none; name a file in one that exists"
        )


def _deliver(found: Digest, shape: Shape, output: Path | None) -> None:
    from digest.formats import render

    text = render(found, shape)
    if output is None:
        show.write(_nothing_new(found) if shape is Shape.TEXT and _is_empty(found) else text)
        return
    again = f"; it is stored: tidings digest --subscription {found.subscription} --number {found.number}"
    try:
        _replace(output, text)
    except OSError as error:
        raise TidingsError(
            f"output {output}: it cannot be written ({error.strerror}){again if found.number else ''}"
        ) from error
    what = (
        f"digest {found.number}"
        if found.number
        else "nothing new, which the file says"
        if _is_empty(found)
        else "a look"
    )
    show.note(f"{output}: {what}")


def _is_empty(found: Digest) -> bool:
    return found.number is None and not found.items and not found.alerts


def _nothing_new(found: Digest) -> str:
    """Return what is said in place of an empty digest: that, and who is not being read."""
    from digest.text import wrapped
    from digest.wording import hidden_of, line, stretch_of, unread_of

    lines = [f"Nothing new{f' for {found.subscription}' if found.subscription else ''}."]
    if hidden := hidden_of(found):
        lines.append(hidden)
    for unread in found.unread:
        lines += wrapped(f"{line(unread.title)}: {unread_of(unread)}", "  ", first="! ")
    for stretch in found.stretches:
        lines += wrapped(f"{line(stretch.title)}: {stretch_of(stretch)}", "  ", first="! ")
    return "\n".join(lines) + "\n"


def _replace(output: Path, text: str) -> None:
    """Write a file that is whole or not there; a device or a pipe is simply written to."""
    data = text.encode("utf-8", errors="backslashreplace")
    if output.exists() and not output.is_file():
        output.write_bytes(data)
        return
    partial = output.with_name(f".{output.name}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)

"""The options that commands share, and the settings that come of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from storage.settings import Settings

_DATABASE_HELP = (
    "Where everything is kept: sqlite:///FILE or postgresql://USER@HOST/NAME. "
    "[env: TIDINGS_DATABASE_URL; default: sqlite:///tidings.db]"
)
_CONFIG_HELP = "A file of settings. [env: TIDINGS_CONFIG; default: tidings.toml, if it is there]"


class Shape(StrEnum):
    """The formats of `digest.formats`, which is imported only when there is something to render."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"
    CSV = "csv"
    ATOM = "atom"
    RSS = "rss"
    JSONFEED = "jsonfeed"


Database = Annotated[str | None, typer.Option("--database", metavar="URL", help=_DATABASE_HELP)]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help=_CONFIG_HELP)]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs (docs/json.md).")]
ExitCode = Annotated[
    bool,
    typer.Option(
        "--exit-code",
        help="End with 10 if there is something new, 20 if a source is suspect, 30 if one failed, 40 if `status` "
        "complains of something else.",
    ),
]
SourceName = Annotated[
    str, typer.Argument(metavar="SOURCE", help="The name of a source.", show_default=False)
]


def settings_from(config: Path | None, database: str | None, **options: Any) -> Settings:
    """Read the configuration with what the command line says on top of it.

    Args:
        config: the file of ``--config``.
        database: the URL of ``--database``.
        options: further settings by name; None stands for an option that was not given.

    Raises:
        ConfigError: for a file, a variable or an option that is wrong.
        typer.BadParameter: for an empty ``--database``, most often an unset variable.
    """
    from news.errors import ConfigError
    from storage.settings import load_settings

    if database is not None and not database.strip():
        raise typer.BadParameter(
            "it is empty; name a database, or leave the option out", param_hint="--database"
        )
    settings = load_settings(config, database_url=database, **options)
    if settings.database_url in {"sqlite://", "sqlite:///", "sqlite:///:memory:"}:
        raise ConfigError(
            f"database {settings.database_url}: what is in memory is gone when the command ends; "
            "name a file: sqlite:///tidings.db"
        )
    _log(settings)
    return settings


def _log(settings: Settings) -> None:
    """Log what is to be known at once; commands that run for long log more."""
    from storage.logs import log_to_stderr, secrets_of

    level = settings.log_level if "log_level" in settings.model_fields_set else "warning"
    log_to_stderr(level, settings.log_format, secrets=secrets_of(settings))


def examples(*lines: str) -> str:
    """Return the end of a command's help: what people type."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(["\b", title, *(f"  {line}" for line in lines)])


def end_from(text: str, *, now: datetime, option: str = "--until") -> datetime:
    """Return the moment before which something must lie; a day that is named alone is included.

    Raises:
        typer.BadParameter: it is no moment.

    >>> from datetime import UTC
    >>> end_from("2026-11-22", now=datetime(2026, 11, 23, tzinfo=UTC)).isoformat()
    '2026-11-23T00:00:00+00:00'
    """
    from datetime import date, timedelta

    moment = moment_from(text, now=now, option=option)
    try:
        date.fromisoformat(text.strip())
        return moment + timedelta(days=1)
    except (ValueError, OverflowError):
        return moment


def moment_from(text: str, *, now: datetime, option: str = "--since") -> datetime:
    """Return the moment that an option names: a date, a time (UTC unless it says otherwise), or an age.

    Raises:
        typer.BadParameter: for anything else.

    >>> from datetime import UTC
    >>> moment_from("36h", now=datetime(2026, 11, 22, 12, tzinfo=UTC)).isoformat()
    '2026-11-21T00:00:00+00:00'
    """
    import re
    from datetime import UTC, timedelta

    if age := re.fullmatch(r"(\d{1,6})\s*([mhdw])", text.strip()):
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[age[2]]
        try:
            return now - timedelta(**{unit: int(age[1])})
        except OverflowError:
            pass
    else:
        try:
            at = datetime.fromisoformat(text.strip())
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise typer.BadParameter(
        f"{text!r} is no moment; write a date (2026-11-22), a time (2026-11-22T08:00Z) or an age (36h, 7d)",
        param_hint=option,
    )

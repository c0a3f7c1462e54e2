"""How every process of an installation logs: one pipe for all libraries, a line a record, for people or as JSON.

Everything goes through the standard library's logging, ours and Scrapy's, Twisted's, APScheduler's, uvicorn's and
SQLAlchemy's, and so through one handler, whose formatter is structlog's. At its end `news.redaction` takes out secrets
and writes out control characters, in messages, in tracebacks and in what is bound to the record alike.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO
from urllib.parse import unquote, urlsplit

from news.redaction import SHORTEST, one_line, redacted

if TYPE_CHECKING:
    from types import TracebackType

    from structlog.stdlib import ProcessorFormatter
    from structlog.typing import EventDict, Processor

    from storage.settings import Settings

Form = Literal["console", "json"]
NOISY = ("alembic", "apscheduler", "procrastinate", "uvicorn")
"""Libraries whose every step is no news."""
CONTEXT = ("source", "host", "run", "subscription", "delivery")
"""What a record may be about; a call names it as ``extra``, or `structlog.contextvars` binds it."""
MOST, LONGEST, LONGEST_TRACEBACK = 1_000_000, 8_000, 32_000
"""Characters of one record that are written, so that a page of a site fills no disk."""

LEAST_PART = 12
"""Letters of a part of a path that is taken for a secret: shorter ones are words."""

_secrets: set[str] = set()

logger = logging.getLogger(__name__)


def log_to_stderr(level: str, form: Form, *, secrets: Iterable[str] = ()) -> None:
    """Log from this level on, in this form, in UTC; called again, it does as it is told last.

    Args:
        level: ``info``, for example, in any case.
        form: lines for people, or JSON for whoever collects them.
        secrets: what must not be in it, beside what `keep_secret` was told.
    """
    keep_secret(*secrets)
    handler = PipeHandler(sys.stderr, form)
    handler.setLevel(level.upper())  # Scrapy sets levels of its own loggers
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, PipeHandler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, handler.level))
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _tell_of_thread
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell_of_process


def is_piped() -> bool:
    """Return whether this process logs through the pipe."""
    return any(isinstance(handler, PipeHandler) for handler in logging.getLogger().handlers)


def keep_secret(*values: str) -> None:
    """Let this process write none of these words into its log, from now on."""
    _secrets.update(value for value in values if len(value) >= SHORTEST)


def secrets_of(settings: Settings) -> list[str]:
    """Return the secrets that the settings of an installation hold: passwords, a token, the address that is called."""
    found = [settings.metrics_token, settings.ping_url, *path_of(settings.ping_url)]
    for url in (settings.database_url, settings.mail_server):
        found += password_in(url)
    return [value for value in found if value]


def password_in(url: str) -> list[str]:
    """Return the password of an address, as it is written there and as it is meant; nothing if it has none."""
    with suppress(ValueError):
        if password := urlsplit(url).password:
            return [password, unquote(password)]
    return []


def path_of(url: str) -> list[str]:
    """Return the parts of an address's path that may be a secret of their own."""
    with suppress(ValueError):
        return [part for part in urlsplit(url).path.split("/") if len(part) >= LEAST_PART]
    return []


class PipeHandler(logging.StreamHandler[TextIO]):
    """Writes each record at once; one that cannot be formatted becomes a line that says so, and not its arguments.

    Args:
        stream: where to.
        form: of the lines. What makes them is loaded for the first: most commands have nothing to log.
    """

    def __init__(self, stream: TextIO, form: Form) -> None:
        super().__init__(stream)
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        if self.formatter is None:
            self.formatter = _formatter(self._form)
        return super().format(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the class names it so
        with suppress(OSError, ValueError):  # whoever read stderr is gone
            self.stream.write(f"a record of {one_line(record.name)} could not be written\n")


def _formatter(form: Form) -> ProcessorFormatter:
    from structlog.contextvars import merge_contextvars
    from structlog.processors import format_exc_info
    from structlog.stdlib import ExtraAdder, ProcessorFormatter

    render: Processor = _as_json if form == "json" else _as_line
    return ProcessorFormatter(
        foreign_pre_chain=[merge_contextvars, ExtraAdder(allow=CONTEXT)],
        processors=[_say_when, ProcessorFormatter.remove_processors_meta, format_exc_info, _clean, render],
        use_get_message=True,
    )


def _say_when(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Say when, how grave and from where, by the record itself."""
    record: logging.LogRecord = event["_record"]
    event["at"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    event["level"], event["logger"] = record.levelname.lower(), record.name
    return event


def _clean(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The one boundary: nothing is written that did not pass here."""
    traceback = event.pop("exception", None)
    cleaned = {
        "at": event.pop("at"),
        "level": event.pop("level"),
        "logger": one_line(event.pop("logger")),
        "message": _text(event.pop("event"), LONGEST),
    }
    cleaned |= {key: _value(event[key]) for key in CONTEXT if event.get(key) is not None}
    cleaned |= {one_line(key): _value(value) for key, value in event.items() if key not in CONTEXT}
    if traceback is not None:
        cleaned["traceback"] = _text(traceback, LONGEST_TRACEBACK, keep="\n")
    return cleaned


def _value(value: Any) -> Any:
    return value if isinstance(value, int | float | None) else _text(value, LONGEST)


def _text(value: Any, longest: int, *, keep: str = "") -> str:
    text = str(value)
    left = redacted(text[:MOST], _secrets)  # before it is cut: half a secret is not recognised
    cut = left if len(left) <= longest else f"{left[:longest]}… ({len(text) - longest} characters more)"
    return one_line(cut, keep=keep)


def _as_json(_logger: Any, _method: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=True)


def _as_line(_logger: Any, _method: str, event: EventDict) -> str:
    at = f"{event.pop('at')[:19]}Z"
    level, message = event.pop("level").upper(), event.pop("message")
    event.pop("logger")
    traceback = event.pop("traceback", None)
    about = "".join(f" {key}={json.dumps(value, ensure_ascii=False)}" for key, value in event.items())
    behind = "" if traceback is None else " | " + one_line(traceback)
    return f"{at} {level:<7} {message}{about}{behind}"


def _tell_of_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        logger.critical("a thread ended", exc_info=arguments.exc_value)


def _tell_of_process(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.critical("the process ends", exc_info=(kind, error, traceback))

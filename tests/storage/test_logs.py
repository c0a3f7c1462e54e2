"""The pipe: whatever library logs, a record is one line without secrets and without anything that a terminal obeys."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text
from structlog.contextvars import bound_contextvars

from storage import logs
from storage.engine import reading
from storage.logs import PipeHandler, keep_secret, log_to_stderr, secrets_of
from storage.settings import Settings

HOSTILE = "a title\r\n2026-01-01T00:00:00Z ERROR forged \x1b[31mred\x1b[0m \u202eesrever\u2028end"
Written = Callable[[], list[str]]


@pytest.fixture(params=["console", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(form: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Log through the pipe, and read what was written."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(logs, "_secrets", set())
    root = logging.getLogger()
    level, before = root.level, list(root.handlers)
    log_to_stderr("info", form, secrets=["hunter-2026"])
    yield lambda: stream.getvalue().splitlines()
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)


def test_one_record_is_one_line_whatever_is_in_it(written: Written, form: str) -> None:
    logging.getLogger("scrapy.core").warning("Read %(title)s", {"title": HOSTILE})
    [line] = written()
    assert "\x1b" not in line
    assert "\u202e" not in line
    said = json.loads(line)["message"] if form == "json" else line
    assert r"a title\r\n2026-01-01T00:00:00Z ERROR forged \x1b[31mred" in said
    assert "\x1b" not in said


def test_a_traceback_is_within_the_line_and_without_secrets(written: Written, form: str) -> None:
    def fails(url: str) -> None:
        raise ValueError(f"{url}\nhunter-2026 \x1b[2J")

    try:
        fails("https://me:word@a.example/?key=of-a-query")
    except ValueError:
        logging.getLogger("scheduler").exception("tick %s failed", "dispatch")
    [line] = written()
    assert "tick dispatch failed" in line
    assert "ValueError: https://***@a.example/?key=***" in line
    for gone in ("hunter-2026", "of-a-query", "me:word", "\x1b"):
        assert gone not in line
    if form == "json":
        assert json.loads(line)["traceback"].startswith("Traceback (most recent call last):\n")


def test_a_record_says_when_how_grave_and_what_it_is_about(written: Written, form: str) -> None:
    about = {"source": "harbour", "run": 17, "unheard_of": "x"}
    with bound_contextvars(host="a.example"):
        logging.getLogger("scheduler.dispatching").warning("%s: failed", "harbour", extra=about)
    [line] = written()
    if form == "json":
        told = json.loads(line)
        assert told.pop("at").endswith("+00:00")
        assert told == {
            "level": "warning", "logger": "scheduler.dispatching", "message": "harbour: failed",
            "source": "harbour", "host": "a.example", "run": 17,
        }  # fmt: skip
    else:
        assert line[20:] == ' WARNING harbour: failed source="harbour" host="a.example" run=17'
        assert line[:20].endswith("Z")


def test_the_libraries_come_through_the_same_pipe(written: Written) -> None:
    import warnings

    from twisted.python import log as twisted_log

    observer = twisted_log.PythonLoggingObserver("twisted")  # type: ignore[no-untyped-call]
    observer.start()
    try:
        twisted_log.err(ValueError("https://a.example/?key=of-twisted"), "unhandled")  # type: ignore[no-untyped-call]
    finally:
        observer.stop()
    logging.getLogger("apscheduler.executors").error("job %s raised https://a.example/?k=of-jobs", "beat")
    logging.getLogger("uvicorn.error").error("closed https://a.example/?k=of-uvicorn")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("https://a.example/?k=of-warnings", stacklevel=1)
    lines = written()
    assert len(lines) == 4
    assert not [line for line in lines if "of-" in line]


def test_what_ends_a_thread_is_told_by_the_pipe(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", logs._tell_of_thread)
    nothing: dict[str, str] = {}
    thread = threading.Thread(target=lambda: nothing["hunter-2026"])
    thread.start()
    thread.join()
    [line] = written()
    assert "a thread ended" in line
    assert "KeyError" in line
    assert "hunter" not in line


def test_a_record_that_cannot_be_formatted_becomes_a_line_without_its_arguments(written: Written) -> None:
    [handler] = [each for each in logging.getLogger().handlers if isinstance(each, PipeHandler)]
    handler.handle(logging.LogRecord("scrapy", logging.WARNING, "", 0, "%d items", ("hunter-2026",), None))
    assert written() == ["a record of scrapy could not be written"]


def test_an_endless_text_is_cut_and_a_secret_within_is_gone(written: Written) -> None:
    endless = f"{'x' * (logs.LONGEST - 5)}hunter-2026{'y' * 100_000}"
    logging.getLogger("scrapy").warning(endless)
    [line] = written()
    assert len(line) < logs.LONGEST + 200
    assert "hunt" not in line
    assert "characters more" in line


def test_what_a_statement_was_given_is_in_no_error_of_the_database(written: Written, engine: Engine) -> None:
    try:
        with reading(engine) as connection:
            connection.execute(
                text("SELECT * FROM nowhere WHERE name = :name"), {"name": "a title that leaks"}
            )
    except Exception:
        logging.getLogger("storage").exception("it failed")
    line = written()[-1]
    assert "it failed" in line
    assert "nowhere" in line
    assert "leaks" not in line


def test_the_secrets_of_the_settings_are_known() -> None:
    made = Settings(
        database_url="postgresql://me:data%20base@db/news",
        mail_server="smtp://me:mail-word@mail.example",
        metrics_token="metrics-word",
        ping_url="https://ping.example/3f0c2d1e-7a7b/start",
    )
    assert {"data base", "data%20base", "mail-word", "metrics-word", "3f0c2d1e-7a7b"} <= set(secrets_of(made))
    for value in ("data base", "mail-word", "metrics-word", "3f0c2d1e"):
        assert value not in repr(made)


def test_a_short_word_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_secrets", set())
    keep_secret("", "abc", "abcd")
    assert logs._secrets == {"abcd"}


def test_telling_twice_where_to_log_writes_once(written: Written, form: Any) -> None:
    log_to_stderr("info", form)
    assert len([each for each in logging.getLogger().handlers if isinstance(each, PipeHandler)]) == 1


def test_the_format_is_still_known_by_its_first_name() -> None:
    assert Settings(log_format="text").log_format == "console"

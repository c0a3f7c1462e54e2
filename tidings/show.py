"""Writing to people: results to stdout, everything else to stderr, colours only where a terminal shows them.

Nothing here interprets markup: what a site wrote is text. Rich is imported when something is styled.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

import typer

from tidings.exits import OUTPUT_CLOSED

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDE = 10_000
"""Columns where there is no terminal: nothing is cut or wrapped in a file or a pipe."""
STYLES = {
    "new": "green",
    "edited": "yellow",
    "withdrawn": "red",
    "ok": "green",
    "partial": "yellow",
    "suspect": "bold yellow",
    "failed": "bold red",
    "paused": "dim",
    "quiet": "dim",
}
"""The few styles, by meaning."""


def write(text: str) -> None:
    """Write to stdout exactly as it is; a reader that has gone ends the command quietly."""
    _write(sys.stdout, text)


def say(*lines: str | Text) -> None:
    """Write lines to stdout, styled where it is a terminal."""
    for line in lines:
        _write(sys.stdout, rendered(line, sys.stdout))


def reaches_its_reader(print_: Callable[[], None]) -> bool:
    """Write what is only shown on the way, and say whether somebody still reads it (``tidings watch URL | head``).

    A reader that has gone ends a command that has nothing else to do; one that has is not left halfway.
    """
    try:
        print_()
    except typer.Exit as ended:
        if ended.exit_code != OUTPUT_CLOSED:
            raise
        return False
    return True


def note(*lines: str | Text) -> None:
    """Write lines about the work, not its result, to stderr."""
    for line in lines:
        _write(sys.stderr, rendered(line, sys.stderr))


def warn(text: str) -> None:
    """Write to stderr what somebody should look at."""
    note(styled(("warning: ", "bold yellow"), plain(text)))


def error(text: str) -> None:
    """Write to stderr why the command failed."""
    note(styled(("error: ", "bold red"), plain(text)))


def plain(text: str) -> str:
    r"""Return a message without anything that a terminal would obey; line ends stay.

    >>> plain("source \x1b[2Jx:\nno")
    'source \\x1b[2Jx:\nno'
    """
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character)[1:-1]
        for character in text
    )


def styled(*parts: str | tuple[str, str] | Text) -> Text:
    """Return a line of parts, each a text or a (text, style) pair."""
    from rich.text import Text

    return Text.assemble(*parts)


def console(stream: TextIO) -> Console:
    """Return a console on a stream; without a terminal it has no colours and no width."""
    from rich.console import Console

    made = Console(file=stream, highlight=False, markup=False, emoji=False, legacy_windows=False)
    if not made.is_terminal:
        made.width = WIDE
    return made


def width() -> int:
    """Return how many columns stdout has, ``WIDE`` where it is no terminal."""
    return console(sys.stdout).width


def rendered(line: str | Text, stream: TextIO) -> str:
    """Return a line as a console on this stream shows it; it is broken only by the terminal itself."""
    if isinstance(line, str) and not stream.isatty():
        return line + "\n"
    on = console(stream)
    with on.capture() as captured:
        on.print(line, soft_wrap=True)
    return captured.get()


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # Python would try again at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if stream is sys.stdout:
            raise typer.Exit(OUTPUT_CLOSED) from None

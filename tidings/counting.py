"""Progress of work whose size is known: a bar on a terminal, a plain line a step elsewhere; both on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from tidings import show

Counted = Callable[[str, int, int], object]
"""Is told what is done, how many of it are done, and how many there are."""


@contextmanager
def counting() -> Generator[Counted]:
    """Show how far some work is until the block ends."""
    if not sys.stderr.isatty():
        yield _told_once
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=show.console(sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None)

        def moved(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield moved


def _told_once(what: str, done: int, total: int) -> None:
    """Say what is done when it is done, for logs."""
    if done >= total:
        show.note(f"{what}: {total:,}")

"""Progress of a crawl: a line that moves on a terminal, plain lines elsewhere; both on stderr."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from news.run import Settled
from tidings import show
from tidings.show_runs import work_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Watcher(Protocol):
    """Is told of each run as soon as it is committed."""

    def __call__(self, settled: Settled, /) -> None: ...


@contextmanager
def watching(names: Sequence[str], *, verb: str = "crawling") -> Generator[Watcher]:
    """Show what is being done until the block ends.

    Args:
        names: of the sources, or what else is worked on.
        verb: what is done with them.
    """
    if not sys.stderr.isatty():
        show.note(f"{verb} {_named(names)}")
        yield lambda settled: show.note(work_line(settled))
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=show.console(sys.stderr), transient=True) as bar:
        task = bar.add_task(f"{verb} {_named(names)}", total=None)
        yield _Moving(bar, task, list(names), verb)


class _Moving:
    def __init__(self, bar: Progress, task: TaskID, names: list[str], verb: str) -> None:
        self._bar = bar
        self._task = task
        self._names = names
        self._verb = verb

    def __call__(self, settled: Settled, /) -> None:
        self._bar.console.print(show.styled((work_line(settled), "dim")))
        if settled.source in self._names:
            self._names.remove(settled.source)
        self._bar.update(
            self._task, description=f"{self._verb} {_named(self._names)}" if self._names else "finishing"
        )


def _named(names: Sequence[str]) -> str:
    """Return some names and how many more there are.

    >>> _named(["a", "b"]), _named(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    if len(names) <= 4:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} more"

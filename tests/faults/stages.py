"""Databases that are ready for one operation, as many alike as are wanted, and what the operation makes of them."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Engine, make_url

from storage.engine import open_engine
from tests.conftest import fresh_database
from tests.faults.knowledge import Knowledge, Told, everything, told
from tests.faults.operation import NOW, Given, Operation
from tests.faults.operations import do_at
from tests.faults.points import counting
from tests.storage.desk import based


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One copy of a database right before an operation, and what is known of the operation from another copy.

    ``before`` and ``done`` are all that stands there before and after it, ``told_before`` and ``told`` what readers are
    told. ``points`` is the number of its points, ``last_write`` the one before its last statement that writes,
    ``committed`` the one right after its last commit.
    """

    engine: Engine
    operation: Operation
    given: Given
    before: Knowledge
    done: Knowledge
    told_before: Told
    told: Told
    points: int
    last_write: int
    committed: int

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    def do(self, engine: Engine | None = None) -> object:
        """Do it, at first with new connections, as a new process does: so it passes the same points each time."""
        if engine is None:
            self.engine.dispose()
        return self.operation.do(engine or self.engine, self.given, NOW)

    @property
    def task(self) -> partial[object]:
        """The operation, for a child process."""
        url = self.engine.url.render_as_string(hide_password=False)
        return partial(do_at, self.operation.name, url, self.given)


class Originals(Protocol):
    """Makes databases of one kind: an original, and copies of the newest one."""

    def new(self) -> str:
        """Make a migrated database in the place of the one before, and return its URL."""

    def copy(self) -> AbstractContextManager[str]:
        """Give the URL of a copy; nobody is connected to the original meanwhile."""

    def close(self) -> None:
        """Drop what is left."""


class SqliteOriginals:
    """Files, copied while nobody has them open."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._template, self._folder = template, folder
        self._numbers = itertools.count(1)

    def new(self) -> str:
        return f"sqlite:///{shutil.copyfile(self._template, self._folder / 'original.db')}"

    @contextmanager
    def copy(self) -> Generator[str]:
        path = self._folder / f"copy-{next(self._numbers)}.db"
        shutil.copyfile(self._folder / "original.db", path)
        yield f"sqlite:///{path}"
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """The folder goes with the session."""


class PostgresOriginals:
    """Databases of one server, copied by the server."""

    def __init__(self, server: URL, template: str) -> None:
        self._server, self._template = server, template
        self._kept = ExitStack()
        self._original = ""

    def new(self) -> str:
        self._kept.close()
        url = self._kept.enter_context(fresh_database(self._server, self._template))
        self._original = str(make_url(url).database)
        return url

    @contextmanager
    def copy(self) -> Generator[str]:
        with fresh_database(self._server, self._original) as url:
            yield url

    def close(self) -> None:
        self._kept.close()


class Stages:
    """Makes stages of operations on one kind of database; what is known of the last one is kept for the next."""

    def __init__(self, originals: Originals) -> None:
        self._originals = originals
        self._operation: Operation | None = None
        self._known: dict[str, Any] = {}

    def points(self, operation: Operation) -> int:
        """Return how many points ``operation`` passes."""
        self._know(operation)
        return int(self._known["points"])

    @contextmanager
    def stage(self, operation: Operation) -> Generator[Stage]:
        """Give a database right before ``operation``."""
        self._know(operation)
        with self._originals.copy() as url, opened(url) as engine:
            yield Stage(engine=engine, operation=operation, **self._known)

    def _know(self, operation: Operation) -> None:
        if self._operation is not operation:
            self._originate(operation)
            self._operation = operation

    def _originate(self, operation: Operation) -> None:
        self._operation = None
        with opened(self._originals.new()) as engine:
            given = operation.prepare(based(engine))
            before, told_before = everything(engine), told(engine)
        with self._originals.copy() as url, opened(url) as engine:
            with counting(engine) as counted:
                operation.do(engine, given, NOW)
            self._known = {
                "given": given,
                "before": before,
                "done": everything(engine),
                "told_before": told_before,
                "told": told(engine),
                "last_write": counted.writes[-1],
                "points": counted.points,
                "committed": counted.commits[-1],
            }
        assert self._known["done"] != before, f"{operation.name} writes nothing"


@contextmanager
def opened(url: str) -> Generator[Engine]:
    """Open a database, and close it."""
    engine = open_engine(url, create=False)
    try:
        yield engine
    finally:
        engine.dispose()

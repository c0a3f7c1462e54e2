"""The points of a program's dealings with its database, at each of which a fault can strike.

A point is the moment before a statement, after it, before a commit or after it, counted over all threads from 1 on. A
fault strikes at the n-th point, or at the first statement that begins with some words.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

At = int | str
"""Where a fault strikes: the number of a point, or how a statement begins."""
Engines = Engine | type[Engine]
"""One engine, or every engine of this process."""
WRITES = ("INSERT", "UPDATE", "DELETE")


class Moment(StrEnum):
    """What a point is the moment of."""

    BEFORE = "before a statement"
    AFTER = "after a statement"
    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One point that was passed; ``driver`` is the driver's own connection, on which it was passed."""

    number: int
    moment: Moment
    statement: str
    driver: Any


@dataclass(kw_only=True)
class Struck:
    """What has happened so far: the number of ``points`` passed, those right after ``commits`` and right before
    statements that are ``writes``, and the ``times`` that the fault was really inflicted. ``brought`` is what a fault
    that does something brought of it."""

    points: int = 0
    times: int = 0
    commits: list[int] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    brought: list[Any] = field(default_factory=list)


class NeverStruckError(AssertionError):
    """A fault was asked for that never came: whatever was tested then was tested in good weather."""


Strike = Callable[[Point], object]
"""Inflicts a fault; False says that it could not be inflicted here."""


@contextmanager
def striking(
    engine: Engines,
    at: At,
    strike: Strike,
    *,
    lasts: bool = False,
    beforehand: Callable[[Point], object] | None = None,
) -> Generator[Struck]:
    """Inflict a fault at one point of what is done inside, or from there on at every point.

    Args:
        engine: whose points are counted; `Engine` itself for all of this process.
        at: the number of the point, or how the statement begins.
        strike: inflicts it.
        lasts: call ``strike`` at every point from there on, not once only.
        beforehand: called at every point up to there, and at that one too.

    Raises:
        NeverStruckError: all was done inside without the fault.
    """
    struck = Struck()
    reached: list[int] = []
    numbers = itertools.count(1)  # counting on is one step of the interpreter, so threads need no lock

    def pass_one(moment: Moment, statement: str, driver: Any) -> int:
        number = next(numbers)
        struck.points = max(struck.points, number)
        point = Point(number=number, moment=moment, statement=statement, driver=driver)
        if beforehand is not None and not reached:
            beforehand(point)
        is_here = (
            number >= at if isinstance(at, int) else moment is Moment.BEFORE and statement.startswith(at)
        )
        if (is_here and not reached) or (reached and lasts):
            reached.append(number)
            struck.times += strike(point) is not False
        return number

    with _watching(engine, pass_one, struck):
        yield struck
    if not struck.times:
        raise NeverStruckError(f"no fault struck at {at!r}: only {struck.points} points were passed")


@contextmanager
def counting(engine: Engines) -> Generator[Struck]:
    """Count the points of what is done inside, and do no harm."""
    struck = Struck()
    numbers = itertools.count(1)

    def pass_one(*_: Any) -> int:
        number = next(numbers)
        struck.points = max(struck.points, number)
        return number

    with _watching(engine, pass_one, struck):
        yield struck


@contextmanager
def _watching(
    engine: Engines, pass_one: Callable[[Moment, str, Any], int], struck: Struck
) -> Generator[None]:
    def before(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        number = pass_one(Moment.BEFORE, statement, cursor.connection)
        if statement.startswith(WRITES):
            struck.writes.append(number)

    def after(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        pass_one(Moment.AFTER, statement, cursor.connection)

    commit = DefaultDialect.do_commit

    def commit_between_points(dialect: DefaultDialect, pooled: Any) -> None:
        if isinstance(engine, Engine) and dialect is not engine.dialect:
            commit(dialect, pooled)  # type: ignore[no-untyped-call]
            return
        pass_one(Moment.BEFORE_COMMIT, "COMMIT", pooled.driver_connection)
        commit(dialect, pooled)  # type: ignore[no-untyped-call]
        struck.commits.append(pass_one(Moment.AFTER_COMMIT, "COMMIT", pooled.driver_connection))

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    DefaultDialect.do_commit = commit_between_points  # type: ignore[method-assign]
    try:
        yield
    finally:
        DefaultDialect.do_commit = commit  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)

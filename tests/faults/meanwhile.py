"""A second scheduler that does something with the same database while the first one is in the middle of something."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from sqlalchemy import Engine

from news.errors import TidingsError
from tests.faults.points import At, Point, Struck, striking
from tests.faults.zombies import another_engine


@contextmanager
def meanwhile(engine: Engine, do: Callable[[Engine], object], *, at: At = 1) -> Generator[Struck]:
    """Let somebody else do something at a point, with an engine of their own that waits for no lock.

    ``brought`` holds what it brought, or the error by which it was refused.
    """
    with another_engine(engine) as other:

        def step_in(_point: Point) -> None:
            try:
                struck.brought.append(do(other))
            except TidingsError as error:
                struck.brought.append(error)

        with striking(engine, at, step_in) as struck:
            yield struck

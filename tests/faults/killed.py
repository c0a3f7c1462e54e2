"""A child process that is struck at a chosen point of its dealings with the database, above all by SIGKILL."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import Engine

from news.errors import TidingsError
from scheduler.children import crawl_context, without_main
from tests.faults.points import At, Point, Strike, counting, striking

LIMIT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """How a child ended: what its task ``brought``, the ``points`` that it passed, those right after ``commits``."""

    killed: bool
    brought: Any = None
    points: int = 0
    commits: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Job:
    task: Callable[[], object]
    strike: Strike | None
    at: At


def killed(task: Callable[[], object], *, at: At = 0) -> Attempt:
    """Do a task in a child process, which gets SIGKILL at the ``at``-th point; with 0 it is left in peace.

    Args:
        task: a function of a module, or a partial of one, that opens its own engine: it is sent to the child.

    Raises:
        AssertionError: the child ended in another way, by an error of its own or for taking too long.
    """
    with in_child(task, kill_itself if at else None, at=at) as child:
        return child.wait()


class Child:
    """A child process at work."""

    def __init__(self, process: BaseProcess, receiver: Connection, at: At) -> None:
        self._process, self._receiver, self._at = process, receiver, at

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def wait(self) -> Attempt:
        """Wait for its end, and say how it ended."""
        with suppress(EOFError):
            if self._receiver.poll(LIMIT_SECONDS):
                attempt = self._receiver.recv()
                assert isinstance(attempt, Attempt)
                return attempt
        self._process.join(5)
        status = self._process.exitcode
        assert status == -signal.SIGKILL, f"the child that was struck at {self._at!r} ended with {status}"
        return Attempt(killed=True)


@contextmanager
def in_child(task: Callable[[], object], strike: Strike | None = None, *, at: At = 1) -> Generator[Child]:
    """Do a task in a child process, where ``strike``, a function of a module, is called at one point.

    What the task raises of tidings' own errors is what it brings.
    """
    receiver, sender = crawl_context().Pipe(duplex=False)
    job = _Job(task=task, strike=strike, at=at)
    process = crawl_context().Process(target=_work, args=(job, sender))  # type: ignore[attr-defined]
    with without_main():
        process.start()
    sender.close()
    try:
        yield Child(process, receiver, at)
    finally:
        receiver.close()
        process.join(5)
        if process.exitcode is None:
            process.kill()
            process.join()
        process.close()


def kill_itself(_point: Point) -> None:
    """End this process at once, and let it put nothing in order."""
    os.kill(os.getpid(), signal.SIGKILL)


def _work(job: _Job, sender: Connection) -> None:
    brought: object
    with striking(Engine, job.at, job.strike) if job.strike else nullcontext(), counting(Engine) as struck:
        try:
            brought = job.task()
        except TidingsError as error:
            brought = error
    sender.send(Attempt(killed=False, brought=brought, points=struck.points, commits=tuple(struck.commits)))
    sender.close()

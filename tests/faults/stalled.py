"""A process that stands still in the middle of a transaction, with all its locks: stopped, suspended, or cut off."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import psutil

from tests.faults.killed import LIMIT_SECONDS, Attempt, Child, in_child
from tests.faults.points import At, Point

PATIENCE_MS = 300
"""How long PostgreSQL lets a transaction stand still, instead of some minutes."""


class Stalled:
    """A child process that stands still until it is woken."""

    def __init__(self, child: Child) -> None:
        self._child = child

    def wake(self) -> Attempt:
        """Let it go on, and say how it ended."""
        os.kill(self._child.pid, signal.SIGCONT)
        return self._child.wait()


@contextmanager
def stalled(task: Callable[[], object], *, at: At) -> Generator[Stalled]:
    """Do a task in a child process that gets SIGSTOP at a point, and is not woken before the block says so."""
    with in_child(task, stop_itself, at=at) as child:
        deadline = time.monotonic() + LIMIT_SECONDS
        while psutil.Process(child.pid).status() != psutil.STATUS_STOPPED:
            assert time.monotonic() < deadline, "the child was never stopped"
            time.sleep(0.01)
        try:
            yield Stalled(child)
        finally:
            if psutil.pid_exists(child.pid):
                os.kill(child.pid, signal.SIGCONT)


def stop_itself(point: Point) -> None:
    """Stop this process where it is; PostgreSQL loses its patience soon."""
    if not isinstance(point.driver, sqlite3.Connection):
        point.driver.execute(f"SET idle_in_transaction_session_timeout = '{PATIENCE_MS}ms'")
    os.kill(os.getpid(), signal.SIGSTOP)

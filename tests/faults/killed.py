"""SIGKILL: a child process that is ended at a chosen point of its dealings with the database."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine

from scheduler.children import crawl_context, without_main
from tests.faults.points import Point, counting, striking

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
    kill_at: int  # 0: never


def killed(task: Callable[[], object], *, at: int = 0) -> Attempt:
    """Do a task in a child process, which gets SIGKILL at the ``at``-th point; with 0 it is left in peace.

    Args:
        task: a function of a module, or a partial of one, that opens its own engine: it is sent to the child.

    Raises:
        AssertionError: the child ended in another way, by an error of its own or for taking too long.
    """
    receiver, sender = crawl_context().Pipe(duplex=False)
    job = _Job(task=task, kill_at=at)
    child = crawl_context().Process(target=_work, args=(job, sender))  # type: ignore[attr-defined]
    with without_main():
        child.start()
    sender.close()
    attempt: Attempt | None = None
    try:
        if receiver.poll(LIMIT_SECONDS):
            attempt = receiver.recv()
    except EOFError:
        pass
    finally:
        receiver.close()
        child.join(5)
        status = child.exitcode
        if status is None:
            child.kill()
            child.join()
        child.close()
    if attempt is not None:
        return attempt
    assert status == -signal.SIGKILL, f"the child that was to be killed at point {at} ended with {status}"
    return Attempt(killed=True)


def _work(job: _Job, sender: Connection) -> None:
    with striking(Engine, job.kill_at, _kill) if job.kill_at else nullcontext(), counting(Engine) as struck:
        brought = job.task()
    sender.send(Attempt(killed=False, brought=brought, points=struck.points, commits=tuple(struck.commits)))
    sender.close()


def _kill(_point: Point) -> None:
    os.kill(os.getpid(), signal.SIGKILL)

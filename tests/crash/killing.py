"""A process that replays one recording and is killed at a chosen point of its dealings with the database.

A point is the moment before a statement, after it, before a commit or after it, counted over all threads of the
process. What is killed is the whole of `tidings replay`: declaring sources, leasing, crawling, settling, giving free.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from news.run import Settled
from scheduler.children import Ending, crawl_context
from storage.settings import Settings

LIMIT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """How one replay ended: the number of ``points`` that it passed, and which of them were the ends of commits."""

    killed: bool
    settled: tuple[Settled, ...] = ()
    points: int = 0
    commits: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Job:
    database_url: str
    recording: Path
    kill_at: int  # 0: never


def replay(database_url: str, recording: Path, *, kill_at: int = 0) -> Attempt:
    """Replay in a child; ``kill_at`` n sends SIGKILL at the n-th point."""
    receiver, sender = crawl_context().Pipe(duplex=False)
    job = _Job(database_url=database_url, recording=recording, kill_at=kill_at)
    child = crawl_context().Process(target=_replay, args=(job, sender))  # type: ignore[attr-defined]
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
    assert status == -signal.SIGKILL, f"the replay of {recording.name} ended with {status}"
    return Attempt(killed=True)


def _replay(job: _Job, sender: Connection) -> None:
    from crawler.batch import crawl_batch
    from scheduler.crawling import replay_now

    def here(batch: Any, report: Callable[[Settled], None]) -> Ending:
        result = crawl_batch(batch, report)
        return Ending(result=result, settled=result.settled)

    counter = _Points(job.kill_at)
    counter.watch()
    settings = Settings(database_url=job.database_url, log_level="error")
    settled: Sequence[Settled] = replay_now(settings, job.recording, crawl=here)
    sender.send(
        Attempt(killed=False, settled=tuple(settled), points=counter.passed, commits=tuple(counter.commits))
    )
    sender.close()


class _Points:
    """Counts the points of a process, and ends it at one of them."""

    def __init__(self, kill_at: int) -> None:
        self._kill_at = kill_at
        self._numbers = itertools.count(
            1
        )  # counting on is one step of the interpreter, so threads need no lock
        self.passed = 0
        self.commits: list[int] = []

    def watch(self) -> None:
        """Watch every engine of this process."""
        for moment in ("before_cursor_execute", "after_cursor_execute"):
            event.listen(Engine, moment, lambda *_: self._pass())
        commit = DefaultDialect.do_commit

        def commit_between_points(dialect: DefaultDialect, connection: Any) -> None:
            self._pass()
            commit(dialect, connection)  # type: ignore[no-untyped-call]
            self.commits.append(self._pass())

        DefaultDialect.do_commit = commit_between_points  # type: ignore[method-assign]

    def _pass(self) -> int:
        number = next(self._numbers)
        if number == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed = max(self.passed, number)
        return number

"""Crawl processes: forked from a warm parent, listened to while they work, and killed at a limit.

Scrapy never runs in the scheduler's own process. A child that hangs, spins, raises or exits takes nothing else down:
what it had settled is settled, and the rest is due again.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from crawler.batch import Batch, BatchResult
from news.run import Settled

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How often a parent looks up from a silent child, to see whether it is asked to stop."""
TERMINATE_SECONDS = 5.0
"""How long a child may take to close after SIGTERM before it is killed."""

_looking_after = threading.Lock()
"""Held while a child is started or its end is read: starting one reads the ends of all, each of which is told once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a child ended. ``result`` is None when it brought none; ``reason`` then says why, else it is empty."""

    result: BatchResult | None = None
    settled: tuple[Settled, ...] = ()
    reason: str = ""


Target = Callable[[Batch, Connection], None]
"""What runs in a child: it sends each `Settled`, then its `BatchResult`, or a text that says why there is none."""


@cache
def crawl_context() -> BaseContext:
    """Return the way to start children: forked from a server that has imported everything, or afresh without one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawler.warm"])
    return context


def crawl_in_child(
    batch: Batch,
    report: Callable[[Settled], None],
    *,
    stopping: threading.Event | None = None,
    grace_seconds: float = TERMINATE_SECONDS,
    target: Target | None = None,
) -> Ending:
    """Crawl a batch in a child process and wait for it.

    The child is told to stop (SIGTERM) at ``batch.wall_seconds``, or when ``stopping`` is set, and killed when it has
    not ended ``grace_seconds`` later.

    :param report: gets each run's result as soon as the child has committed it.
    :param target: what the child does; `crawl_and_send` when None.
    """
    return run_in_child(
        batch,
        target or crawl_and_send,
        wall_seconds=batch.wall_seconds,
        report=report,
        stopping=stopping,
        grace_seconds=grace_seconds,
    )


def run_in_child(
    task: Any,
    target: Callable[[Any, Connection], None],
    *,
    wall_seconds: float,
    report: Callable[[Settled], None],
    stopping: threading.Event | None = None,
    grace_seconds: float = TERMINATE_SECONDS,
) -> Ending:
    """Do any task in a child process and wait for it, as `crawl_in_child` does for a batch.

    :param task: plain values, which are sent to the child.
    :param target: a function of a module, called in the child with the task and a line on which it sends what it did.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process: BaseProcess = crawl_context().Process(  # type: ignore[attr-defined]
        target=target, args=(task, sender), name="tidings-crawl", daemon=True
    )
    try:
        with _looking_after, without_main():
            process.start()
        sender.close()
        return _Listening(process, receiver, wall_seconds, grace_seconds).run(
            report, stopping or threading.Event()
        )
    except BaseException:
        if process.pid is not None:
            process.terminate()
        raise
    finally:
        sender.close()
        receiver.close()
        if process.pid is not None:
            _end(process, grace_seconds)


@contextmanager
def without_main() -> Generator[None]:
    """Keep a child that is started meanwhile from importing what this process was started with.

    It would import it only to find functions there that it might be asked to run, and it is asked to run none of
    them; importing the command line costs more than crawling fifty unchanged sources.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class _Listening:
    """The parent's side of one child."""

    def __init__(
        self, process: BaseProcess, receiver: Connection, wall_seconds: float, grace_seconds: float
    ) -> None:
        self._process = process
        self._receiver = receiver
        self._grace_seconds = grace_seconds
        self._wall_seconds = wall_seconds
        self._terminate_at = time.monotonic() + wall_seconds
        self._kill_at: float | None = None
        self._asked = ""

    def run(self, report: Callable[[Settled], None], stopping: threading.Event) -> Ending:
        settled: list[Settled] = []
        while True:
            if self._receiver.poll(self._patience()):
                try:
                    message = self._receiver.recv()
                except (EOFError, OSError):
                    return Ending(settled=tuple(settled), reason=self._why())
                if isinstance(message, Settled):
                    settled.append(message)
                    report(message)
                elif isinstance(message, str):
                    return Ending(settled=tuple(settled), reason=message)
                else:
                    return Ending(result=message, settled=tuple(settled))
            elif self._is_over(stopping):
                return Ending(settled=tuple(settled), reason=self._asked)

    def _patience(self) -> float:
        limit = self._terminate_at if self._kill_at is None else self._kill_at
        return max(0.0, min(POLL_SECONDS, limit - time.monotonic()))

    def _is_over(self, stopping: threading.Event) -> bool:
        """Ask the child to stop when it is time, kill it when it did not; say whether that has happened."""
        now = time.monotonic()
        if self._kill_at is not None:
            if now < self._kill_at:
                return False
            self._process.kill()
            return True
        if stopping.is_set():
            self._asked = "stopped before it was finished"
        elif now >= self._terminate_at:
            self._asked = f"killed at its limit of {self._wall_seconds:g} seconds"
        if self._asked:
            self._process.terminate()
            self._kill_at = now + self._grace_seconds
        return False

    def _why(self) -> str:
        code = _exit_code(self._process, self._grace_seconds)
        if self._asked:
            return self._asked
        if code is None:
            return "closed its line and went on; killed"
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
        return f"ended with exit status {code}"


def _exit_code(process: BaseProcess, seconds: float) -> int | None:
    """Wait for a child's end at most so long; return its status, minus the signal's number, or None when it lives."""
    wait([process.sentinel], seconds)
    with _looking_after:
        return process.exitcode


def _end(process: BaseProcess, grace_seconds: float) -> None:
    if _exit_code(process, grace_seconds) is None:
        process.kill()
        wait([process.sentinel])
    with _looking_after:
        process.join()
        process.close()


def crawl_and_send(batch: Batch, sender: Connection) -> None:
    """Run in the child: crawl, and send what was settled, then the result or the reason why there is none."""
    from structlog.contextvars import bind_contextvars

    from crawler.crawling import crawl_batch
    from storage.logs import log_to_stderr, password_in

    log_to_stderr(batch.log_level, batch.log_format, secrets=password_in(batch.database_url))
    if len(batch.leases) == 1:
        bind_contextvars(host=batch.leases[0].host)
    run_and_send(lambda: crawl_batch(batch, sender.send), sender, batch.wall_seconds)


def run_and_send(task: Callable[[], object], sender: Connection, wall_seconds: float) -> None:
    """Run in the child: do the task, and send its result, or the reason why there is none."""
    from news.errors import TidingsError

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to all; the parent decides
    _end_without_a_parent(wall_seconds)
    message: object
    try:
        try:
            message = task()
        except TidingsError as error:
            message = str(error)
        except Exception as error:  # noqa: BLE001 - the last chance to say anything
            message = f"{type(error).__name__}: {error}"
        _send_last(sender, message)
    finally:
        sender.close()


def _send_last(sender: Connection, message: object) -> None:
    try:
        sender.send(message)
    except OSError as error:
        logger.warning("the crawl has ended, but its parent is gone and cannot be told: %s", error)


def _end_without_a_parent(wall_seconds: float) -> None:
    """Let the system end this process some time after its limit, should the parent that watches it have been killed."""
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(wall_seconds + 2 * TERMINATE_SECONDS))

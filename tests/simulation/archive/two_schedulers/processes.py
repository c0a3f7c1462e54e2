"""A real scheduler in a process of its own, which ticks when it is told to; its crawl processes tell what they read.

`Scheduler.dispatch_due` leases and hands over, `LocalDispatcher` waits for the crawl processes and closes what the
dead have left: all of it is the product's. Of `tidings run` only the beat is left out, since the play gives it.

This module is imported by every crawl process, so it imports little.
"""

from __future__ import annotations

import logging
import os
import signal
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Client, Connection
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING

from news.run import Lease
from scheduler.children import crawl_and_send, crawl_context, without_main
from tests.simulation.archive.doom import kill_at
from tests.simulation.archive.telling import tell_before_settling

if TYPE_CHECKING:
    from crawler.batch import Batch
    from storage.settings import Settings

TICK_SECONDS = 0.03
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """What a crawl process says before it does anything else: whose it is, and what it was leased."""

    scheduler: str
    pid: int
    leases: tuple[Lease, ...]
    source_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """What it is answered: the ``name`` by which sites know it, and the statement at which it dies; 0: at none."""

    name: str
    moment: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedCrawl:
    """What runs in a scheduler's crawl processes: the crawl itself, on a line to the play at ``address``.

    The line tells `Begun`, then what is about to be settled, each time, waiting for a word, and True when all is done;
    it ends with the process, however that ends.
    """

    address: str
    scheduler: str

    def __call__(self, batch: Batch, sender: Connection) -> None:
        logging.disable(logging.CRITICAL)
        with Client(self.address, "AF_UNIX") as line:
            line.send(
                Begun(
                    scheduler=self.scheduler,
                    pid=os.getpid(),
                    leases=batch.leases,
                    source_ids=batch.source_ids,
                )
            )
            orders: Orders = line.recv()
            kill_at(orders.moment)
            tell_before_settling(line, waits=True)
            crawl_and_send(replace(batch, user_agent=orders.name), sender)
            line.send(True)


def tick_when_told(name: str, settings: Settings, address: str, line: Connection) -> None:
    """Run a scheduler: tick from one order to the next, and say when that has come; end with the line.

    The first order of two is the statement at which it is to die (0: at none); the second ends the ticking. What it
    says is empty, or why it cannot go on; the first time it says that it is ready.
    """
    from scheduler.service import Scheduler
    from storage.engine import open_engine

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the play ends it
    logging.disable(logging.CRITICAL)
    try:
        engine = open_engine(settings.database_url, create=False)
        crawl = WatchedCrawl(address=address, scheduler=name)
        scheduler = Scheduler(engine, settings, lambda _settled: None, target=crawl)
        _warm_up()
        line.send("")
        while True:
            if moment := line.recv():
                kill_at(moment)
            while not line.poll(TICK_SECONDS):
                scheduler.dispatch_due()
            line.recv()
            line.send("")
    except (EOFError, BrokenPipeError):
        pass  # the play has ended
    except Exception:  # noqa: BLE001 - the play must hear of every one
        line.send(traceback.format_exc())


def _warm_up() -> None:
    """Start the server that crawl processes are forked from, so that no crawl has to wait for it."""
    first = crawl_context().Process(target=os.getpid)  # type: ignore[attr-defined]
    with without_main():
        first.start()
    first.join()


class SchedulerProcess:
    """The play's side of one scheduler; `listen` to it before it is to tick."""

    def __init__(self, name: str, settings: Settings, address: str) -> None:
        self.name = name
        self._line, theirs = _context().Pipe()
        self._process = _context().Process(  # type: ignore[attr-defined]
            target=tick_when_told, args=(name, settings, address, theirs), name=f"scheduler-{name}"
        )
        with without_main():
            self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return bool(self._process.is_alive())

    def is_called(self, owner: str) -> bool:
        """Say whether it is the owner of a lease."""
        return owner.endswith(f"process {self._process.pid}")

    def tick(self, *, dying_at: int = 0) -> None:
        """Let it tick from now on, and die at a statement of its own."""
        self._line.send(dying_at)

    def rest(self) -> None:
        """Let it tick no more; one that is dead does not anyway.

        Raises:
            RuntimeError: when a tick of it has raised, which none may.
        """
        with suppress(OSError):
            self._line.send(0)
        with suppress(EOFError, OSError):  # what a dying one has said comes before the end of its line
            self.listen()

    def listen(self) -> None:
        """Wait until it has started, or has ended its last tick.

        Raises:
            EOFError: when it is dead.
            RuntimeError: when it could not.
        """
        if not self._line.poll(PATIENCE_SECONDS):
            raise RuntimeError(f"the {self.name} scheduler says nothing")
        if said := self._line.recv():
            raise RuntimeError(f"the {self.name} scheduler failed:\n{said}")

    def kill(self) -> None:
        """End it by SIGKILL; its crawl processes are somebody else's to kill."""
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Let it end, and see to it that it does."""
        self._line.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def _context() -> BaseContext:
    return crawl_context()

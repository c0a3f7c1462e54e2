"""Crawl processes that go wrong: what runs in a child instead of the crawl, or around it.

The name of a source says what its callback does: ``raises``, ``exits``, ``spins``, ``kills-itself``; any other behaves.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from crawler.batch import Batch
from scheduler.children import crawl_and_send


def misbehave_by_name(batch: Batch, sender: Connection) -> None:
    """Crawl; but the callback that reads a listing does what the name of its source says."""
    from crawler.meta import course_of
    from crawler.spiders.listings import ListingsSpider

    behave = ListingsSpider.listing_arrived

    async def listing_arrived(spider: ListingsSpider, response: Any) -> AsyncIterator[Any]:
        course = course_of(response.request)
        assert course is not None
        misbehave(course.plan.source.name)
        async for one in behave(spider, response):
            yield one

    ListingsSpider.listing_arrived = listing_arrived  # type: ignore[method-assign,assignment]
    crawl_and_send(batch, sender)


def misbehave(name: str) -> None:
    if name.startswith("raises"):
        raise RuntimeError("the callback is broken")
    if name.startswith("exits"):
        os._exit(9)
    if name.startswith("kills-itself"):
        os.kill(os.getpid(), signal.SIGKILL)
    while name.startswith("spins"):
        pass


def component_cannot_be_built(batch: Batch, sender: Connection) -> None:
    from crawler.pipelines import Validate

    def broken(*_: Any) -> None:
        raise ValueError("a component is broken")

    Validate.__init__ = broken  # type: ignore[method-assign,assignment]
    Validate.from_crawler = classmethod(broken)  # type: ignore[attr-defined]
    crawl_and_send(batch, sender)


def ignores_being_asked(batch: Batch, sender: Connection) -> None:
    """Neither crawl nor listen to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def says_nothing(batch: Batch, sender: Connection) -> None:
    """End well, but without a word."""


def closes_its_line(batch: Batch, sender: Connection) -> None:
    """Go on without anybody who could be told."""
    sender.close()
    time.sleep(60)


def tells_its_modules(batch: Batch, sender: Connection) -> None:
    """Crawl, and send the names of the modules that had to be imported for it instead of a result."""
    before = set(sys.modules)
    crawl_and_send(batch, _Deaf())  # type: ignore[arg-type]
    sender.send("\n".join(sorted(set(sys.modules) - before)))
    sender.close()


def outlives_its_parent(batch: Batch, sender: Connection) -> None:
    """Crawl with nobody at the other end, and write to a file what is told on standard error."""
    with Path(batch.definitions).open("w") as file:
        os.dup2(file.fileno(), 2)
    receiver, orphaned = multiprocessing.Pipe(duplex=False)
    receiver.close()
    crawl_and_send(batch, orphaned)
    sender.send("ended well")
    sender.close()


class _Deaf:
    def send(self, _message: object) -> None:
        pass

    def close(self) -> None:
        pass


def exits_with_nine(batch: Batch, sender: Connection) -> None:
    os._exit(9)


def kills_itself(batch: Batch, sender: Connection) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def tells_its_alarm(batch: Batch, sender: Connection) -> None:
    """Crawl, and send the seconds after which the system would have ended this process."""
    crawl_and_send(batch, _Deaf())  # type: ignore[arg-type]
    sender.send(str(signal.alarm(0)))
    sender.close()


def waits_to_be_asked(batch: Batch, sender: Connection) -> None:
    """Do nothing until SIGTERM comes."""
    signal.pause()

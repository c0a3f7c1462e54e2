"""One crawl's time with two schedulers: who takes part in it, and what befalls whom."""

from __future__ import annotations

import os
import random
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.simulation.archive.drive import Crawl
from tests.simulation.archive.two_schedulers.laws import Asking
from tests.simulation.archive.two_schedulers.processes import Begun
from tests.simulation.archive.two_schedulers.witness import Counted

NAMES = ("first", "second")


@dataclass(kw_only=True)
class WatchedCrawl(Crawl):
    """A crawl process under way. ``stalled`` while one of its requests is not answered."""

    name: str
    begun: Begun
    askings: dict[str, Asking]
    stalled: bool = False
    ended: bool = False
    in_peace: bool = False

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.begun.pid, signal.SIGKILL)

    def token_of(self, source_id: int) -> int:
        """Return the token of the lease under which a source was to be read."""
        host = urlsplit(self.served[source_id].section.url).netloc
        return self.askings[host].lease.token


@dataclass(kw_only=True)
class Moment:
    """One crawl's time: the processes that take part in it, and what befalls them.

    ``strike`` befalls whoever sends the ``strike_at``-th request: that ``crawl`` or its ``scheduler`` is killed, or it
    has to ``stall``. ``dying``, a scheduler's name or the number of a crawl process, dies ``dying_at`` so many moments
    of its dealings with the database (`doom`).
    """

    strike: str = ""
    strike_at: int = 0
    dying: str | int = ""
    dying_at: int = 0
    requests: int = 0
    crawls: list[WatchedCrawl] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def stalled(self) -> list[WatchedCrawl]:
        return [crawl for crawl in self.crawls if crawl.stalled]


def moment_of(fate: str, r: random.Random) -> Moment:
    """Return what a fate comes to; some strike so late that all is over by then."""
    if fate == "dies settling":
        return Moment(dying=r.randrange(1, 3), dying_at=r.randrange(1, 200))
    if fate == "dies leasing":
        return Moment(dying=r.choice(NAMES), dying_at=r.randrange(1, 16))
    if fate == "dies reading":
        return Moment(strike=r.choice(["crawl", "scheduler"]), strike_at=r.randrange(1, 16))
    if fate == "late":
        return Moment(strike="stall", strike_at=r.randrange(1, 10))
    return Moment()

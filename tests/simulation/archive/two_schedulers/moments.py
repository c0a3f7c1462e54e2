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
MEETING_SECONDS = 0.5


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
    of its dealings with the database (`doom`). Who stalls is let go when his successor at a host asks for the
    ``let_go_at``-th time (0: when that has ended), and is waited for: it ends while the successor is at work. Where
    crawls ``meet`` two wait for one another, a little while, to settle at the same moment.
    """

    strike: str = ""
    strike_at: int = 0
    dying: str | int = ""
    dying_at: int = 0
    let_go_at: int = 0
    meet: bool = False
    requests: int = 0
    crawls: list[WatchedCrawl] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    barrier: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))

    def stalled(self) -> list[WatchedCrawl]:
        return [crawl for crawl in self.crawls if crawl.stalled]

    def wait_for_another(self) -> bool:
        """Wait until another crawl is about to settle too, not for long; of two that have met one is told so."""
        if not self.meet or sum(not each.ended and not each.stalled for each in self.crawls) < 2:
            return False
        try:
            return self.barrier.wait(MEETING_SECONDS) == 0
        except threading.BrokenBarrierError:
            self.barrier.reset()
            return False

    def is_overtaking(self, crawl: WatchedCrawl, host: str) -> bool:
        """Say whether a crawl asks for the time at which whoever stalled at its host before is let go."""
        is_successor = any(host in each.askings for each in self.stalled() if each is not crawl)
        return is_successor and crawl.askings[host].requests == self.let_go_at


def moment_of(fate: str, r: random.Random) -> Moment:
    """Return what a fate comes to; some strike so late that all is over by then."""
    meet = r.random() < 0.5
    if fate == "dies settling":
        return Moment(dying=r.randrange(1, 3), dying_at=r.randrange(1, 200), meet=meet)
    if fate == "dies leasing":
        return Moment(dying=r.choice(NAMES), dying_at=r.randrange(1, 16), meet=meet)
    if fate == "dies reading":
        return Moment(strike=r.choice(["crawl", "scheduler"]), strike_at=r.randrange(1, 16), meet=meet)
    if fate == "late":
        return Moment(strike="stall", strike_at=r.randrange(1, 10), let_go_at=r.randrange(4), meet=meet)
    return Moment(meet=meet)

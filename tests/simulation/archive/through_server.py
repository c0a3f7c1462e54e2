"""The archive on three local servers, read by real crawl processes that are killed at random moments.

What is in-process elsewhere goes over the wire here: robots.txt, connections, Scrapy's engine, the writer's thread.
The child sends what it is about to settle before it does, so that the same oracle judges it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import Any, Self
from urllib.parse import urlsplit

from sqlalchemy import Engine

from crawler.batch import Batch
from crawler.crawling import crawl_batch
from news.source import RequestRules
from tests.crawler.site import Answer as SiteAnswer
from tests.crawler.site import Asked, LocalSite
from tests.simulation.archive.doom import kill_at
from tests.simulation.archive.drive import Crawl, Play
from tests.simulation.archive.served import Served
from tests.simulation.archive.serving import answer
from tests.simulation.archive.telling import tell_before_settling
from tests.simulation.archive.truth import Section

WALL_SECONDS = 60.0


class ArchiveSite(LocalSite):
    """One of the three hosts. ``play`` answers, once it is there."""

    play: ServedPlay | None = None

    def _answer(self, request: Asked) -> SiteAnswer:
        assert self.play is not None
        return self.play.answer(self.url(request.path), request)


class ServedPlay(Play):
    """One seed through real crawl processes; a context, since it serves."""

    @classmethod
    def open(cls, seed: int, engine: Engine) -> Self:
        """Start the servers, and declare the sources on them."""
        stack = ExitStack()
        sites = [stack.enter_context(ArchiveSite()) for _ in range(3)]
        first, second, third = (site.url("") for site in sites)
        made = cls(
            seed,
            engine,
            bases=(first, second, third),
            request=RequestRules(delay_seconds=0, allow_private=True),
        )
        made.stack = stack
        for site in sites:
            site.play = made
        return made

    stack: ExitStack
    _now_crawled: Crawl | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    # ------------------------------------------------------------------------------------------- answering

    def answer(self, url: str, request: Asked) -> SiteAnswer:
        """Answer one request of a crawl process; called in a server's thread, one at a time for each host."""
        given = answer(self.world, url, request.headers)
        self.counts["requests"] += 1
        crawl = self._crawl_of(request)
        if crawl is not None and urlsplit(url).path != "/robots.txt":
            self._keep(crawl, url, given)
        return SiteAnswer(
            body=given.body,
            status=given.status or 200,
            headers={name: value for name, value in given.headers.items() if name != "Content-Type"},
            content_type=given.headers.get("Content-Type", ""),
            reset=not given.status,
        )

    def _crawl_of(self, request: Asked) -> Crawl | None:
        """Return the crawl that asks."""
        return self._now_crawled

    def _keep(self, crawl: Crawl, url: str, given: Any) -> None:
        """Write an answer down for the section that it is of, an article's for all: nobody says who asked."""
        for served in crawl.served.values():
            if given.section is None or given.section is served.section:
                served.keep(self.world, url, given)
            if given.section is served.section and served.section.drifts and self.random.random() < 0.7:
                self.note(f"    meanwhile {self.events.drift_now(served.section)}")

    # --------------------------------------------------------------------------------------------- crawls

    def _crawl(self, sections: Sequence[Section], fate: str = "well") -> None:
        self.note(f"{self.world.now:%d %H:%M:%S} crawl {[each.number for each in sections]} {fate}")
        self.counts["crawls"] += 1
        leased = self._lease(sections)
        if leased is None:
            return
        leases, ids = leased
        served = {key: self._opened(self.world.sections[self.ids.index(key)]) for key in ids}
        crawl = self._now_crawled = Crawl(leases=leases, ids=ids, served=served)
        batch = Batch(
            database_url=self._url,
            leases=tuple(leases),
            source_ids=tuple(ids),
            wall_seconds=WALL_SECONDS,
            clock=self.world.now,
            delay_seconds=0,
            timeout_seconds=10,
            log_level="CRITICAL",
        )
        before = self._runs_settled(ids)
        moment = self.random.randrange(1, 200) if fate.startswith("dies") else 0
        killed = self._in_child(batch, moment, crawl)
        self._now_crawled = None
        self.counts["kills"] += killed
        self.counts["runs"] += len(crawl.readings)
        self._end(crawl)
        totals = self._runs_settled(ids)
        kept = [read for read in crawl.readings if totals[read.source_id] > before[read.source_id]]
        self.note(f"    {'killed at ' + str(moment) if killed else 'ended'}, {len(kept)} runs kept")
        self._judge(crawl, kept)
        if not killed and len(kept) != len(ids):
            self.violate(
                "all or nothing", f"{len(ids)} sources were crawled in peace, and {len(kept)} settled"
            )
        if killed:
            self._found_dead(crawl)

    def _in_child(self, batch: Batch, moment: int, crawl: Crawl) -> bool:
        """Crawl in a forked child; return whether it was killed."""
        receiver, sender = multiprocessing.Pipe(duplex=False)
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # the servers' threads hold nothing that it needs
            pid = os.fork()
        if pid == 0:
            receiver.close()
            _crawl_and_die(batch, moment, sender)
        sender.close()
        try:
            while True:
                crawl.readings += receiver.recv()
        except EOFError:
            pass
        finally:
            receiver.close()
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return True
        if status:
            raise RuntimeError("the crawl process failed; its traceback stands above")
        return False

    def _opened(self, section: Section) -> Served:
        shown = self.world.visible(section)
        return Served(section=section, present=tuple(shown), first_seen=tuple(self.world.within_cap(section)))


def _crawl_and_die(batch: Batch, moment: int, sender: Connection) -> None:
    status = 1
    try:
        kill_at(moment)
        tell_before_settling(sender)
        result = crawl_batch(batch, lambda settled: None)
        if result.failure:
            raise RuntimeError(result.failure)
        status = 0
    except BaseException:  # noqa: BLE001 - a child says what went wrong, and ends
        traceback.print_exc()
    finally:
        os._exit(status)

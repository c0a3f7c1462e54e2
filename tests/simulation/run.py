"""One run of one source: the crawler's own course and ledger, errand by errand, answered by the world."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from sqlalchemy import Engine

from crawler.clock import RunClock
from crawler.course import Course
from crawler.errand import Errand, ErrandKind
from crawler.hosts import Host
from news.article import Content, Look, Sight, Validators, Way
from news.entry import Entry, Page
from news.run import Plan, Reading, Trouble
from news.urls import url_key
from storage.recognising import recognise
from tests.simulation.world import Site, World, WorldArticle

GONE = {404: Sight.MISSING, 410: Sight.GONE}


@dataclass(kw_only=True)
class SimulatedRun:
    """A run under way. ``first_seen`` and ``last_seen`` are what the listing showed at its ends, down to the cap.

    ``present`` is all that stood on the listing from its beginning to its end, also below the cap.
    """

    world: World
    engine: Engine
    site: Site
    plan: Plan
    parser: int
    first_seen: list[int]
    present: list[int]
    last_seen: list[int] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    false_alarm: bool = False
    trespassed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = RunClock(self.plan.lease.leased_at, monotonic=self._elapsed)
        self.started_at = self.world.now
        host = Host(name=self.plan.host.name, clock=clock, delay_seconds=0, state=self.plan.host)
        self.course = Course(self.plan, host, look_budget=10)

    def _elapsed(self) -> float:
        return (self.world.now - self.plan.lease.leased_at).total_seconds()

    def step(self) -> bool:
        """Ask one thing; return whether there was anything left to ask."""
        errand = self.course.next_errand()
        if errand is None:
            self.last_seen = self.world.within_cap(self.site)
            self.present = [n for n in self.present if self.world.articles[n].status not in (404, 410)]
            return False
        if errand.kind is ErrandKind.LISTING:
            self._list(errand)
        elif errand.kind is ErrandKind.PROBE:
            self._probe(errand)
        else:
            self._read(errand)
        for entry in self.course.take_elsewhere():
            self._keep(entry, self.world.told(entry, self.parser, self.site.name))
        return True

    def finish(self) -> None:
        """Freeze what the run saw. The host's lease ends with it, since each run here is a crawl of its own."""
        self.result: Reading = self.course.ledger.reading(
            self.course.host.state, self.world.now, last_of_host=True
        )

    # ------------------------------------------------------------------------------------------ the answers

    def _list(self, errand: Errand) -> None:
        number = int(errand.url.partition("page=")[2] or 1)
        self.asked.append(f"page {number}")
        if self.site.blocked:
            trouble = Trouble.BLOCKED if self.site.blocked == 1 else Trouble.STATUS
            self.course.listing_failed(trouble, "the site is shut", url=errand.url)
            return
        if 0 < self.site.broken_from <= number:
            self.course.listing_failed(Trouble.STATUS, "HTTP 500", url=errand.url, status=500)
            return
        entries, more = self.world.page(self.site, number)
        validators = self.world.listing_validators(self.site)
        if number == 1 and errand.validators == validators:
            self.asked[-1] += " (304)"
            self.hidden = [entry.url for entry in entries]
            self.course.listing_unchanged()
            return
        self.false_alarm |= self.site.alarm
        strangers = self.course.recognition.strangers(entries)
        if strangers:
            self.course.recognition.take_in(strangers, recognise(self.engine, self.plan, strangers))
        page = Page(entries=tuple(entries), next_url=more)
        for entry in self.course.turn_page(errand, page, validators):
            self._keep(entry, self.world.content(entry.body_html, self.parser, self.site.name))

    def _keep(self, entry: Entry, content: Content) -> None:
        at = self.course.host.clock.now()
        self.course.ledger.look(
            Look(
                url=entry.url,
                final_url=entry.url,
                sight=Sight.READ,
                way=Way.LISTING,
                captured_at=at,
                content=content,
            )
        )

    def _probe(self, errand: Errand) -> None:
        article = self.world.at(errand.url)
        self.asked.append(f"probe a{article.number}")
        final_url = f"https://{article.url}"
        moved = url_key(errand.url) != url_key(final_url)
        if article.status != 500 or moved:  # a redirect is an answer, whatever its target says
            self.course.ledger.probe(errand.key, errand.url, final_url if moved else errand.url)
        if article.status in GONE:
            self.course.ledger.gone(errand.url)

    def _read(self, errand: Errand) -> None:
        article = self.world.at(errand.url)
        if not self.site.asks and article.host != self.site.host and errand.key not in self.plan.pending_keys:
            self.trespassed.append(errand.url)
        at, final_url = self.course.host.clock.now(), f"https://{article.url}"
        validators = self._validators(article)
        sight, content = GONE.get(article.status, Sight.UNREADABLE), None
        if article.status == 200:
            sight = Sight.NOT_MODIFIED if errand.validators == validators else Sight.READ
        if sight is Sight.READ:
            raw = json.dumps([article.number, article.version, "page", article.title])
            content = self.world.content(raw, self.parser, self.site.name)
        self.asked.append(f"a{article.number} {sight.value}")
        self.course.ledger.look(
            Look(
                url=errand.url,
                final_url=final_url,
                sight=sight,
                way=Way.PAGE,
                captured_at=at,
                content=content,
                reason="HTTP 500" if sight is Sight.UNREADABLE else "",
                validators=validators if content else Validators(),
            )
        )

    def _validators(self, article: WorldArticle) -> Validators:
        shown = f"{article.number} {article.version} {article.title}"
        return Validators(etag=hashlib.blake2b(shown.encode(), digest_size=8).hexdigest())

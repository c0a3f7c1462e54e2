"""Drives the real code through the archive: events, crawls at random moments, deaths at random moments, a quiet end."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from scrapy import Request
from sqlalchemy import Engine, select

from crawler.clock import RunClock
from crawler.errand import ErrandKind
from crawler.extraction.article import extract_again, extractor_version
from crawler.meta import course_of, errand_of
from crawler.spiders.listings import ListingsSpider
from news.article import Content, Way
from news.errors import ExtractionError, LeaseError, SourceError
from news.run import Lease, Reading
from news.source import Source
from storage import tables
from storage.engine import reading
from storage.leases import lease_named, release_dead
from storage.opening import open_plans
from storage.recognising import recognise
from storage.remembering import remember
from storage.settling import settle
from storage.sources import save_sources
from tests.simulation.archive.doom import doomed
from tests.simulation.archive.events import Events
from tests.simulation.archive.oracle import Oracle
from tests.simulation.archive.person import look_after, source_of
from tests.simulation.archive.pump import ProcessDiedError, Pump, scrapy_settings
from tests.simulation.archive.remembering import remembered_readings
from tests.simulation.archive.served import Served
from tests.simulation.archive.serving import Answer, answer
from tests.simulation.archive.truth import Section, World

BASES = ("https://alpha.example", "https://beta.example", "https://gamma.example")
LEASE_SECONDS = 900.0
TRIES = 5
"""How often a place for an event is looked for; the archive may have none left that it can befall."""
QUIET = (1, 2, 4, 13, 26, 26, 75, 24 * 8, 2, 24 * 8, 2)
"""Hours before each crawl of the quiet end: every look and pending entry falls due, and so do two weekly sweeps."""
RAISES = "nothing raises"
"""The law that an exception breaks, the simulation's own as well."""
FATES = {"well": 80, "dies reading": 4, "dies settling": 10, "dies leasing": 3, "late": 3}
"""What becomes of a crawl, and how often."""


@dataclass(kw_only=True)
class Crawl:
    """One crawl under way: its leases and runs, and what was answered, section by section."""

    leases: list[Lease]
    ids: list[int]
    served: dict[int, Served]
    readings: list[Reading] = field(default_factory=list)


class Play:
    """One seed: an archive, a database, and everything that happens between them."""

    fates: ClassVar[dict[str, int]] = FATES
    quiet: Sequence[float] = QUIET

    def __init__(
        self, seed: int, engine: Engine, *, bases: tuple[str, str, str] = BASES, **fields: Any
    ) -> None:
        self.world = World(seed, bases)
        self.fields = fields  # of every source, beside what its section says
        self.engine = engine
        self.trace: list[str] = []
        self.violations: list[tuple[str, str]] = []
        self.counts: Counter[str] = Counter()
        self.tempo = random.Random(seed).choice([2, 6, 20])
        self.random = random.Random(seed)
        self.ill_since: dict[int, datetime] = {}
        self.held: dict[int, tuple[Reading, Served]] = {}
        self.late: list[Crawl] = []
        self._settings = scrapy_settings()
        self._url = engine.url.render_as_string(hide_password=False)
        sources = [source_of(section, **fields) for section in self.world.sections]
        save_sources(engine, sources, origin="file", now=self.world.now)
        with reading(engine) as connection:
            rows = connection.execute(select(tables.Source.name, tables.Source.id)).all()
        ids = {row.name: row.id for row in rows}
        self.ids = [ids[section.name] for section in self.world.sections]
        self.oracle = Oracle(self.world, engine, self.ids, self.violate)
        self.events = Events(self.world, self.oracle)

    def note(self, text: str) -> None:
        self.trace.append(text)

    def violate(self, law: str, what: str) -> None:
        self.violations.append((law, what))
        self.note(f"    !! {law}: {what}")

    # ------------------------------------------------------------------------------------------- one seed

    def play(self, operations: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
        """Let everything happen, come to rest, and return which laws were broken: that nothing raises is one."""
        try:
            self._play(operations)
        except Exception as error:  # noqa: BLE001 - told with the seed, whatever it is
            self.note(traceback.format_exc())
            self.violate(RAISES, traceback.format_exception_only(error)[-1].strip())
        self.counts["changes"] = len(self.oracle.log)
        return self.violations

    def _play(self, operations: Sequence[tuple[str, int]]) -> None:
        from tests.simulation.archive.laws import check

        with asyncio.Runner() as runner, remembered_readings():
            self._runner = runner
            for name, chance in operations:
                self.do(name, chance)
            self.rest()
        check(self)

    def do(self, name: str, chance: int) -> None:
        self.random = random.Random(chance)
        self.world.now += timedelta(seconds=1 + self.random.expovariate(1 / (60 * self.tempo)))
        if name == "crawl":
            self.crawl()
            return
        tries = (self.events.happen(name, chance + number) for number in range(TRIES))
        what = next((tried for tried in tries if not tried.startswith("nothing")), "nothing")
        self.counts["events"] += what != "nothing"
        self.note(f"{self.world.now:%d %H:%M:%S} {name}: {what}")

    def rest(self) -> None:
        """Mend every fault, and crawl until all that waits has fallen due."""
        for section in self.world.sections:
            section.shut = section.site.shut = ""
            section.site.broken.clear()
            section.drifts.clear()
        self.note("--- all faults mended")
        self.late.clear()
        for hours in self.quiet:
            self.world.now += timedelta(hours=hours)
            look_after(self, at_once=hours > 26)
            self._crawl(self.world.sections)

    # ---------------------------------------------------------------------------------------------- crawls

    def crawl(self) -> None:
        """Crawl some sections; the process may die before, while, or after it reads, and be found dead or not."""
        sections = [each for each in self.world.sections if self.random.random() < 0.45]
        sections = sections or [self.random.choice(self.world.sections)]
        if self.late and self.random.random() < 0.5:
            self._come_late(self.late.pop(0))
        look_after(self)
        fate = self.random.choices(list(self.fates), list(self.fates.values()))[0]
        self._crawl(sections, fate)

    def _crawl(self, sections: Sequence[Section], fate: str = "well") -> None:
        self.note(f"{self.world.now:%d %H:%M:%S} crawl {[each.number for each in sections]} {fate}")
        self.counts["crawls"] += 1
        if fate == "dies leasing":
            names = [section.name for section in sections]
            self.counts["kills"] += self._doom(partial(_lease, names=names, now=self.world.now), most=12)
            return
        begun = self._begin(sections)
        if begun is None:
            return
        crawl, spider = begun
        lives = self.random.randrange(1, 12) if fate == "dies reading" else 0
        pump = Pump(spider=spider, settings=self._settings, ask=partial(self._answer, crawl), lives=lives)
        try:
            self._runner.run(pump.run())
        except ProcessDiedError:
            self.counts["kills"] += 1
            self._found_dead(crawl)
            return
        self.counts["runs"] += len(crawl.readings)
        self._end(crawl)
        if fate == "late":
            self.world.now += timedelta(seconds=LEASE_SECONDS + 60)
            self.late.append(crawl)
        elif fate == "dies settling":
            self._settle_and_die(crawl)
        else:
            self._settle(crawl)

    def _lease(self, sections: Sequence[Section]) -> tuple[list[Lease], list[int]] | None:
        """Lease the hosts of some sections, save those that asked to be left alone."""
        names = [each.name for each in sections if not self._asks_for_patience(each)]
        try:
            leased = lease_named(self.engine, names, owner="play", seconds=LEASE_SECONDS, now=self.world.now)
        except (LeaseError, SourceError) as error:
            self.note(f"    not begun: {error}")
            return None
        ids = [key for _, some in leased for key in some]
        return ([lease for lease, _ in leased], ids) if ids else None

    def _begin(self, sections: Sequence[Section]) -> tuple[Crawl, ListingsSpider] | None:
        world, now = self.world, self.world.now
        leased = self._lease(sections)
        if leased is None:
            return None
        leases, ids = leased
        plans = open_plans(self.engine, leases, ids, extractor=extractor_version, now=now)
        served = {}
        for plan in plans:
            section = world.sections[self.ids.index(plan.source_id)]
            served[plan.source_id] = Served(
                section=section,
                present=tuple(world.visible(section)),
                first_seen=tuple(world.within_cap(section)),
            )
        crawl = Crawl(leases=leases, ids=ids, served=served)

        def elapsed() -> float:
            return (world.now - now).total_seconds()

        clock = RunClock(now, monotonic=elapsed)
        spider = ListingsSpider(
            plans=plans,
            finished=crawl.readings.append,
            recognise=partial(recognise, self.engine),
            remember=partial(remember, self.engine),
            clock=clock,
            default_delay_seconds=0,
        )
        return crawl, spider

    def _asks_for_patience(self, section: Section) -> bool:
        """Whether a host asked to be left alone: the scheduler does not lease it then."""
        query = (
            select(tables.Host.not_before)
            .join(tables.Source, tables.Source.host == tables.Host.name)
            .where(tables.Source.id == self.ids[section.number])
        )
        with reading(self.engine) as connection:
            until = connection.execute(query).scalar()
        return until is not None and until > self.world.now

    def _answer(self, crawl: Crawl, request: Request) -> Answer:
        """Answer one request; it takes a second or three, and what drifts does so between two of them."""
        self.world.now += timedelta(seconds=self.random.choice([1, 1, 2, 3]))
        self.counts["requests"] += 1
        course = course_of(request)
        assert course is not None
        served = crawl.served[course.plan.source_id]
        if served.section.drifts and self.random.random() < 0.7:
            self.note(f"    meanwhile {self.events.drift_now(served.section)}")
        headers = {name.decode().lower(): values[0].decode() for name, values in request.headers.items()}
        given = answer(self.world, request.url, headers)
        errand = errand_of(request)
        served.keep(
            self.world, request.url, given, walked=errand is None or errand.kind is not ErrandKind.TRIAL
        )
        return given

    def _end(self, crawl: Crawl) -> None:
        for read in crawl.readings:
            served = crawl.served[read.source_id]
            visible = set(self.world.visible(served.section))
            served.last_seen = tuple(self.world.within_cap(served.section))
            served.present = tuple(number for number in served.present if number in visible)
            self.note(f"    S{served.section.number} read: {', '.join(served.asked)}")

    # ------------------------------------------------------------------------------------------- settling

    def _settle(self, crawl: Crawl) -> None:
        now = self.world.now
        for read in crawl.readings if self.random.random() < 0.5 else [None]:
            some = crawl.readings if read is None else [read]
            settled = settle(self.engine, some, now=now, extract_again=partial(_read_again, now=now))
            for each in settled:
                self.note(
                    f"    {each.source} settled: {'stale' if each.stale else each.verdict} {each.reason}"
                )
            self._judge(crawl, some)

    def _judge(self, crawl: Crawl, readings: Sequence[Reading], *, stale: bool = False) -> None:
        self._judge_runs([(read, crawl.served[read.source_id]) for read in readings], stale=stale)

    def _judge_runs(
        self, runs: Sequence[tuple[Reading, Served]], *, stale: bool = False, upto: int | None = None
    ) -> None:
        new = self.oracle.settled(runs, stale=stale, upto=upto)
        for told in new:
            self.note(f"      -> #{told.seq} {told.kind} a{told.article} by S{told.section} {told.grade}")
        for read, served in () if stale else runs:  # of what is dropped, nothing is held
            self._note_health(read, served)

    def _note_health(self, read: Reading, served: Served) -> None:
        with reading(self.engine) as connection:
            query = select(tables.Source.verdict).where(tables.Source.id == read.source_id)
            verdict = connection.execute(query).scalar_one()
        number = served.section.number
        self.counts[verdict] += 1
        self.held.pop(number, None)
        if verdict == "suspect" and self._is_true(read, served):
            self.held[number] = read, served
        if verdict in ("suspect", "failed"):
            self.ill_since.setdefault(number, self.world.now)
        else:
            self.ill_since.pop(number, None)

    def _is_true(self, read: Reading, served: Served) -> bool:
        """Whether a run read the very listing, whatever it was suspected of."""
        entries = {article.number for entry in read.entries if (article := self.world.at(entry.url))}
        return (
            bool(entries)
            and not served.blocked
            and len(entries) == len(read.entries) >= len(served.unchanged)
        )

    def _settle_and_die(self, crawl: Crawl) -> None:
        """Settle in a child that is killed on the way: all of it is kept, or nothing."""
        now = self.world.now
        ids = [read.source_id for read in crawl.readings]
        before = self._runs_settled(ids)
        act = partial(settle, readings=crawl.readings, now=now, extract_again=partial(_read_again, now=now))
        killed = self._doom(act, most=40 + 12 * len(crawl.readings))
        self.counts["kills"] += killed
        after = self._runs_settled(ids)
        done = [after[key] - before[key] for key in ids]
        if len(set(done)) > 1 or (not killed and not all(done)):
            self.violate("all or nothing", f"killed while settling, and of the runs {done} are kept")
        self.note(f"    {'killed' if killed else 'not killed'} while settling, kept: {done}")
        if all(done):
            self._judge(crawl, crawl.readings)
        else:
            self._judge(crawl, [])
            self._found_dead(crawl)

    def _runs_settled(self, ids: Sequence[int]) -> dict[int, int]:
        with reading(self.engine) as connection:
            query = select(tables.Source.id, tables.Source.runs_total).where(tables.Source.id.in_(ids))
            return {row.id: row.runs_total for row in connection.execute(query)}

    def _doom(self, act: Any, *, most: int) -> bool:
        return doomed(self._url, act, self.random.randrange(1, most))

    def _found_dead(self, crawl: Crawl) -> None:
        """The parent notices at once, or nobody does and the lease runs out."""
        if self.random.random() < 0.5:
            self.world.now += timedelta(seconds=LEASE_SECONDS)
            return
        for lease in crawl.leases:
            release_dead(self.engine, lease, crawl.ids, "killed", now=self.world.now)

    def _come_late(self, crawl: Crawl) -> None:
        """A run whose lease has ended comes back; if somebody else has leased the host since, nothing is kept."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(tables.Host.name, tables.Host.lease_token))
            tokens = {row.name: row.lease_token for row in rows}
        passed = [read for read in crawl.readings if tokens[read.host.name] != read.lease.token]
        if not passed:
            return
        self.note(f"{self.world.now:%d %H:%M:%S} {[read.source for read in passed]} come late")
        self.counts["late"] += len(passed)
        settle(self.engine, passed, now=self.world.now)
        self._judge(crawl, passed, stale=True)


def _lease(engine: Engine, *, names: Sequence[str], now: datetime) -> object:
    try:
        return lease_named(engine, names, owner="doomed", seconds=LEASE_SECONDS, now=now)
    except LeaseError:
        return None


def _read_again(source: Source, way: Way, url: str, raw: str, *, now: datetime) -> Content | None:
    try:
        return extract_again(source, way, url, raw, now=now, extractor=extractor_version(source))
    except ExtractionError:
        return None

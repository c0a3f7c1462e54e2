"""Drive the real code through a world: random operations, crawls in steps, kills, zombies, and a quiet end."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from news.article import Content, Sight, Way
from news.change import ChangeKind
from news.errors import LeaseError, SourceError
from news.run import Reading, Settled, Verdict
from news.source import Source
from news.urls import url_key
from storage import tables
from storage.approving import approve
from storage.engine import reading
from storage.leases import lease_named, release_dead
from storage.opening import open_plans
from storage.settling import settle
from storage.sources import save_sources
from tests.simulation.mischief import Mischief, Watched
from tests.simulation.run import SimulatedRun
from tests.simulation.world import World, WorldArticle

Operation = tuple[str, int]

WEIGHTS = {
    "publish": 9, "burst": 2, "cross": 3, "backdate": 1, "edit": 2, "retitle": 1, "revert": 1, "unlist": 3, "gone": 1,
    "lose": 1, "return_": 2, "pin": 1, "unpin": 1, "resurface": 1, "limit": 1, "move": 2, "break_pages": 2,
    "break_article": 1, "mend_article": 1, "block": 1, "unblock": 2, "alarm": 1, "approve": 1, "parser": 1, "wait": 2,
    "begin": 9, "page": 4, "step": 12, "settle": 14, "kill": 1, "expire": 1, "crawl": 6,
}  # fmt: skip
EDITING = {
    "edit": 1, "retitle": 1, "revert": 1, "begin": 2, "step": 2, "settle": 2, "gone": 1, "return_": 1, "move": 1,
    "break_article": 1, "mend_article": 1, "alarm": 1, "approve": 1, "parser": 1, "crawl": 1,
    "wait": 1,
}  # fmt: skip
SHIFTING = {
    "burst": 3, "publish": 2, "unlist": 4, "begin": 3, "page": 8, "step": 2, "settle": 2, "crawl": 2, "break_pages": 2,
    "pin": 1, "unpin": 1, "wait": 1,
}  # fmt: skip
QUIET = (
    (1, True),
    (2, False),
    (4, False),
    (13, False),
    (13, False),
    (26, False),
    (26, False),
    (75, True),
    (24 * 8, True),
    (2, False),
    (24 * 8, True),
    (2, True),
    (2, True),
)
"""The crawls of the quiet end: hours before each, and whether also a source at rest is crawled then.

Every look and pending entry falls due, and so do two weekly sweeps.
"""


def schedule(seed: int) -> list[Operation]:
    """Return a seed's operations. Every third seed stays with two articles that both sources have, and edits them;
    every third has listings that move while they are read."""
    r = random.Random(seed)
    count = r.choice([15, 30, 60])
    if seed % 3 == 0:
        narrow = r.choices(list(EDITING), list(EDITING.values()), k=count)
        start = [("cross", 1), ("cross", 9), ("crawl", 0), ("crawl", 1)]
        return start + [(name, r.choice([0, 1, 8, 9, 80, 81])) for name in narrow]
    weights = SHIFTING if seed % 3 == 1 else WEIGHTS
    start = [("crawl", 0), ("crawl", 1)][: r.choice([1, 2, 2])]
    names = r.choices(list(weights), list(weights.values()), k=count)
    return start + [(name, r.randrange(4096)) for name in names]


class Simulation(Mischief):
    """One seed: a world, a database and everything that happens between them."""

    def __init__(self, seed: int, engine: Engine) -> None:
        self.world = World(seed)
        self.engine = engine
        self.trace: list[str] = []
        self.violations: list[tuple[str, str]] = []
        self.exempt: set[tuple[int, int]] = set()
        self.withdrawn_at: dict[int, datetime] = {}
        self.changes = 0
        self.quiet = False
        self.watched = [Watched(number=number) for number in range(len(self.world.sites))]
        names = [site.name for site in self.world.sites]
        save_sources(engine, [s.source() for s in self.world.sites], origin="file", now=self.world.now)
        with reading(engine) as connection:
            rows = connection.execute(select(tables.Source.name, tables.Source.id)).all()
        ids = {row.name: row.id for row in rows}
        self.ids = [ids[name] for name in names]
        self._operations: dict[str, Callable[[Watched, WorldArticle, int], None]] = {
            name: getattr(self, name) for name in WEIGHTS
        }

    def note(self, text: str) -> None:
        self.trace.append(text)

    def violate(self, law: str, what: str) -> None:
        self.violations.append((law, what))
        self.note(f"    !! {law}: {what}")

    def play(self, operations: list[Operation]) -> list[tuple[str, str]]:
        """Run the operations, let everything come to rest, and return which laws were broken."""
        from tests.simulation.laws import check

        self.operations = operations
        for name, x in operations:
            self.do(name, x)
        self.rest()
        check(self)
        return self.violations

    def do(self, name: str, x: int) -> None:
        world = self.world
        world.now += world.tempo
        watched = self.watched[x % len(self.watched)]
        site = world.sites[watched.number]
        article = world.articles[x // 8 % len(world.articles)]
        shown = " ".join(f"a{number}" for number in world.visible(site)[:9])
        self.note(f"{world.now:%d %H:%M:%S} {name} S{watched.number} a{article.number} | {shown}")
        self._operations[name](watched, article, x // 8)

    def rest(self) -> None:
        """Mend every fault, and crawl until all that waits has fallen due."""
        for site in self.world.sites:
            site.blocked, site.broken_from, site.alarm = 0, 0, False
        self.note("--- all faults mended")
        self.quiet = True
        for hours, everybody in QUIET:
            self.world.now += timedelta(hours=hours)
            for watched in self.watched:
                self.world.now += timedelta(seconds=30)
                if everybody or not self._is_at_rest(watched):
                    self._crawl(watched)

    def _is_at_rest(self, watched: Watched) -> bool:
        of = self.ids[watched.number]
        waits = select(tables.Pending.key).where(tables.Pending.source_id == of)
        gaps = select(tables.Gap.id).where(tables.Gap.source_id == of, tables.Gap.state == "open")
        well = select(tables.Source.id).where(
            tables.Source.id == of,
            tables.Source.verdict.in_(["ok", "not_modified"]),
            tables.Source.baseline_run_id.is_not(None),
        )
        with reading(self.engine) as connection:
            return bool(connection.execute(well).first()) and not (
                connection.execute(waits).first() or connection.execute(gaps).first()
            )

    # ------------------------------------------------------------------------------- what tidings does

    def parser(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.parser += 1

    def wait(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.now += timedelta(hours=(1, 3, 26, 170)[x % 4])

    def begin(self, watched: Watched, article: WorldArticle | None = None, x: int = 0) -> None:
        world, site = self.world, self.world.sites[watched.number]
        if watched.run is not None:
            return
        seconds = (6 * world.tempo).total_seconds()
        try:
            [(lease, ids)] = lease_named(
                self.engine, [site.name], owner="simulation", seconds=seconds, now=world.now
            )
        except (LeaseError, SourceError) as error:
            self.note(f"    not begun: {error}")
            return
        parser = world.parser
        [plan] = open_plans(
            self.engine, [lease], ids, extractor=lambda source: f"{parser}:{source.name}", now=world.now
        )
        watched.run = SimulatedRun(
            world=world,
            engine=self.engine,
            site=site,
            plan=plan,
            parser=parser,
            first_seen=world.within_cap(site),
            present=[n for n in site.listing if world.articles[n].status not in (404, 410)],
        )

    def step(self, watched: Watched, article: WorldArticle | None = None, x: int = 0) -> None:
        for _ in range(1 + x % 11):
            if watched.run is not None and not self._step(watched.run):
                self._finish(watched)

    def page(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.step(watched)

    def _step(self, run: SimulatedRun) -> bool:
        self.world.now += timedelta(seconds=2)
        return run.step()

    def _finish(self, watched: Watched) -> None:
        run = watched.run
        assert run is not None
        run.site.alarm = False
        self.note(f"    S{watched.number} read: {', '.join(run.asked)}")
        run.finish()
        watched.finished.append(run)
        watched.run = None

    def settle(self, watched: Watched, article: WorldArticle | None = None, x: int = 0) -> None:
        """Settle this source's first finished run, or those of all sources together."""
        of = self.watched if x % 2 else [watched]
        runs = [(each, each.finished.pop(0)) for each in of if each.finished]
        for parser in sorted({run.parser for _, run in runs}):  # processes of one version settle together
            some = [(each, run) for each, run in runs if run.parser == parser]
            readings = [run.result for _, run in some]
            results = settle(self.engine, readings, now=self.world.now, extract_again=self._extractor(parser))
            for (each, run), read, settled in zip(some, readings, results, strict=True):
                self._settled(each, run, read, settled)

    def _extractor(self, parser: int) -> Callable[[Source, Way, str, str], Content | None]:
        return lambda source, way, url, raw: self.world.content(raw, parser, source.name)

    def kill(self, watched: Watched, article: WorldArticle, x: int) -> None:
        """The process dies; half the time somebody notices at once."""
        run, watched.run = watched.run, None
        if run is not None and x % 2:
            release_dead(self.engine, run.plan.lease, [run.plan.source_id], "killed", now=self.world.now)

    def expire(self, watched: Watched, article: WorldArticle, x: int) -> None:
        """The lease runs out while the run goes on: a second run begins, and the first comes back as a zombie."""
        zombie = watched.run
        if zombie is None:
            return
        self.world.now += 7 * self.world.tempo
        while self._step(zombie):
            pass
        self._finish(watched)
        self.begin(watched)

    def crawl(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self._crawl(watched)

    def _crawl(self, watched: Watched) -> None:
        self.begin(watched)
        while watched.run is not None:
            self.step(watched)
        while watched.finished:
            self.settle(watched)

    def approve(self, watched: Watched, article: WorldArticle, x: int) -> None:
        """A person approves what a false alarm held; what a challenge page showed nobody approves."""
        if not (watched.held and watched.held[-1]):
            return
        changes = approve(self.engine, self.world.sites[watched.number].name, now=self.world.now)
        watched.held.clear()
        self._told(watched, changes)

    # ------------------------------------------------------------------------------------ what came of it

    def _settled(self, watched: Watched, run: SimulatedRun, read: Reading, settled: Settled) -> None:
        how = "stale" if settled.stale else f"{settled.verdict} {settled.reason}"
        self.note(
            f"    S{watched.number} settled: {how} joined={read.joined} ended={read.ended} gap={settled.gap}"
        )
        if settled.stale:
            if settled.changes:
                self.violate("stale", "a run without a lease was kept")
            return
        if settled.verdict is Verdict.SUSPECT:
            watched.held.append(run.false_alarm)
        elif settled.verdict in (Verdict.OK, Verdict.NOT_MODIFIED, Verdict.PARTIAL):
            watched.held.clear()
        self._check_304(watched, run)
        for url in run.trespassed:
            self.violate("hosts", f"S{watched.number} asks for {url}, where it may not")
        self._check_order(read, settled)
        if settled.baseline is not None:
            self._based(watched, run, read)
        if settled.verdict is Verdict.OK:
            self.world.sites[watched.number].moves = 0
        if settled.verdict in (Verdict.OK, Verdict.NOT_MODIFIED):
            self._owe(watched, run)
        self._told(watched, settled.changes)

    def _told(self, watched: Watched, changes: tuple[object, ...]) -> None:
        self.changes += len(changes)
        for change in changes:
            number = self.world.at(change.url).number  # type: ignore[attr-defined]
            self.note(f"      -> {change.kind} a{number} by S{watched.number}")  # type: ignore[attr-defined]

    def _based(self, watched: Watched, run: SimulatedRun, read: Reading) -> None:
        watched.based, watched.baseline_at = True, self.world.now
        watched.taken = {self.world.at(entry.url).number for entry in read.entries}
        # What was gone while the baseline was read, and returns later, is new to this source.
        watched.existed = {n for n in run.present if self.world.articles[n].made_at < run.started_at}
        with reading(self.engine) as connection:
            of = tables.Source.id == self.ids[watched.number]
            key = connection.execute(select(tables.Source.horizon_key).where(of)).scalar_one()
        watched.horizon_date = next(self.world.at(e.url).date for e in read.entries if e.key == key)

    def _owe(self, watched: Watched, run: SimulatedRun) -> None:
        """What stood on the listing from a good run's beginning to its end must be told sooner or later."""
        if watched.based:
            both = set(run.first_seen) & set(run.last_seen)
            watched.owed |= {number for number in both if self.is_owed(watched, number)}

    def is_owed(self, watched: Watched, number: int) -> bool:
        """Say whether an article is news for this source: made after the baseline, and surely above its horizon."""
        article, kind = self.world.articles[number], self.world.sites[watched.number].kind
        assert watched.baseline_at is not None
        assert watched.horizon_date is not None
        slack = timedelta(days=2 if kind == "day" else 0)
        is_new = article.made_at > watched.baseline_at and number not in watched.taken
        return is_new and not article.back and article.date > watched.horizon_date + slack

    def _check_304(self, watched: Watched, run: SimulatedRun) -> None:
        """An unchanged page 1 must not hide an entry that this source has neither told nor keeps pending."""
        if not run.hidden:
            return
        with reading(self.engine) as connection:
            of = self.ids[watched.number]
            met = select(tables.Alias.key).join(
                tables.Sighting, tables.Sighting.article_id == tables.Alias.article_id
            )
            keys = set(connection.execute(met.where(tables.Sighting.source_id == of)).scalars())
            waiting = select(tables.Pending.key).where(tables.Pending.source_id == of)
            keys |= set(connection.execute(waiting).scalars())
        missed = [url for url in run.hidden if url_key(url) not in keys]
        if missed:
            self.violate("304", f"S{watched.number}: a 304 hides {missed[0]}")

    def _check_order(self, read: Reading, settled: Settled) -> None:
        """No article returns by a sight that is older than its withdrawal."""
        seen: dict[int, list[datetime]] = defaultdict(list)
        absent: dict[int, list[datetime]] = defaultdict(list)
        for look in read.looks:
            where = absent if look.sight in (Sight.GONE, Sight.MISSING) else seen
            where[self.world.at(look.url).number].append(look.captured_at)
        for change in settled.changes:
            number = self.world.at(change.url).number
            if change.kind is ChangeKind.WITHDRAWN:
                self.withdrawn_at[number] = max(absent[number])
            elif change.kind is ChangeKind.RESTORED and max(seen[number]) < self.withdrawn_at[number]:
                self.violate("order", f"a{number} restored by a sight older than its withdrawal")

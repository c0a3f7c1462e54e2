"""The archive, read by two real schedulers on one PostgreSQL database, of which one may die or stall at any moment.

At each crawl both tick at once, in processes of their own, and race for every host that is due; their crawl processes
read the three local servers at the same time. Beside the deaths of other plays (a crawl process at a request or at any
statement, its scheduler unhurt) a scheduler itself dies, with its crawl processes at a request as a machine that loses
its power, or at any of its own statements; then its leases hold until they end, and the other one takes over. A crawl
that comes *late* is stalled at a request until its lease has ended and the other scheduler is at work in its place, or
has been. Half of the time two crawls settle at the same moment.

**What is the same every time, and what is not.** A seed decides the archive, its events' kinds, the moments of crawls,
which sections are due, what dies or stalls, and at which request or statement. Which scheduler gets which host, the
order of the requests of different hosts (and so whose is the one that is struck), where in a crawl a listing drifts,
and the events that depend on what tidings knows by then, are up to the machine. The laws hold all the same; but a
seed that fails may not do so again, and so its whole story is told instead of a shrunk one.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import ClassVar, Self

from sqlalchemy import Engine, select, update

from news.run import Reading
from storage import tables
from storage.engine import database_now, reading, writing
from storage.leases import DIED
from storage.settings import Settings
from tests.crawler.site import Answer as SiteAnswer
from tests.crawler.site import Asked
from tests.faults.clocks import DatabaseClock, setting_clock
from tests.scheduler.world import eventually
from tests.simulation.archive.drive import LEASE_SECONDS
from tests.simulation.archive.served import Served
from tests.simulation.archive.through_server import ServedPlay
from tests.simulation.archive.truth import Section
from tests.simulation.archive.two_schedulers import laws
from tests.simulation.archive.two_schedulers.laws import Asking
from tests.simulation.archive.two_schedulers.lines import Lines
from tests.simulation.archive.two_schedulers.moments import NAMES, Moment, WatchedCrawl, moment_of
from tests.simulation.archive.two_schedulers.processes import Begun, Orders, SchedulerProcess
from tests.simulation.archive.two_schedulers.witness import Counted, Taken, Witness

SHAPES = ((1, 1), (1, 2), (2, 1))
"""How many hosts a batch and how many crawl processes a scheduler has; none takes all three at once."""
AGES = timedelta(days=3650)
PATIENCE = 120.0


class TwoSchedulersPlay(ServedPlay):
    """One seed with two schedulers; a context, since it serves. The database must be PostgreSQL's."""

    fates: ClassVar[dict[str, int]] = {
        "well": 60,
        "dies reading": 14,
        "dies settling": 10,
        "dies leasing": 8,
        "late": 8,
    }

    @classmethod
    def open(cls, seed: int, engine: Engine) -> Self:
        """Start the servers, declare the sources on them, and take on two schedulers."""
        made = super().open(seed, engine)
        try:
            made._take_on()
        except BaseException:
            made.stack.close()
            raise
        return made

    def _take_on(self) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="pair-")))
        self._clock: DatabaseClock = self.stack.enter_context(setting_clock(self.engine))
        self._clock.step(self.world.now - datetime.now(UTC))
        self._witness = Witness(self.engine)
        self._lock = threading.RLock()
        self._moment = Moment()
        self._crawls: dict[str, WatchedCrawl] = {}
        self._taken: list[Taken] = []
        self._lines = Lines(folder, self)
        self.stack.callback(self._lines.close)
        hosts, workers = self.random.choice(SHAPES)
        self._settings_of_both = Settings(
            database_url=self._url,
            batch_hosts=hosts,
            workers=workers,
            wall_seconds=PATIENCE,
            lease_seconds=LEASE_SECONDS,
            delay_seconds=0,
            timeout_seconds=PATIENCE,
            log_level="error",
        )
        self.schedulers: dict[str, SchedulerProcess] = {}
        self.stack.callback(self._end_all)
        self._hire()

    def _hire(self) -> None:
        """Start every scheduler that is dead, and wait until it is ready."""
        hired = []
        for name in NAMES:
            before = self.schedulers.get(name)
            if before is not None and before.is_alive:
                continue
            started = SchedulerProcess(name, self._settings_of_both, self._lines.address)
            hired.append(started)
            with self._lock:
                self.schedulers[name] = started
            if before is not None:
                before.end()
                self.counts["kills"] += 1
                self.note(f"    the {name} scheduler is started again")
        for each in hired:
            each.listen()

    def _end_all(self) -> None:
        self._moment.let_go.set()
        for scheduler in self.schedulers.values():
            scheduler.end()
        self._bury(everybody=True)

    # --------------------------------------------------------------------------- what crawl processes tell

    def begun(self, begun: Begun) -> Orders:
        """Take in a crawl process, before it has read anything."""
        with self._lock:
            moment, number = self._moment, len(self._crawls) + 1
            name = f"{begun.scheduler}-{number}"
            crawl = self._crawls[name] = WatchedCrawl(
                leases=list(begun.leases),
                ids=list(begun.source_ids),
                served={
                    key: self._opened(self.world.sections[self.ids.index(key)]) for key in begun.source_ids
                },
                name=name,
                begun=begun,
                askings={lease.host: Asking(crawl=name, lease=lease) for lease in begun.leases},
            )
            moment.crawls.append(crawl)
            self.note(f"    {name} begins {[each.section.number for each in crawl.served.values()]}")
            is_dying = moment.dying == len(moment.crawls)
        self._bury()  # its scheduler may have died meanwhile
        return Orders(name=name, moment=moment.dying_at if is_dying else 0)

    def settles(self, name: str, readings: Sequence[Reading]) -> None:
        with self._lock:
            self._crawls[name].readings += readings
        self.counts["met"] += self._moment.wait_for_another()

    def ended(self, name: str, *, in_peace: bool) -> None:
        with self._lock:
            crawl = self._crawls[name]
            self._end(crawl)
            crawl.in_peace = in_peace
            crawl.ended = True
            self.counts["kills"] += not in_peace
            self.note(f"    {name} {'ends' if in_peace else 'is dead'}")

    # ------------------------------------------------------------------------------------------- answering

    def answer(self, url: str, request: Asked) -> SiteAnswer:
        """Answer one request of a crawl process, and strike it if it is the one; called in servers' threads."""
        crawl, moment = self._crawl_of(request), self._moment
        asking = crawl.askings[request.host]
        with self._lock:
            asking.ask(time.monotonic())
            moment.requests += 1
            if moment.requests == moment.strike_at:
                self._strike(crawl)
        if crawl.stalled:
            moment.let_go.wait(PATIENCE)
        elif moment.is_overtaking(crawl, request.host):
            self._let_go()
        with self._lock:
            given = super().answer(url, request)
            asking.answered(time.monotonic())
        return given

    def _let_go(self) -> None:
        """Let the late go on, and wait until they have ended."""
        moment = self._moment
        moment.let_go.set()
        eventually(
            lambda: all(each.ended for each in moment.stalled()), "the late have ended", seconds=PATIENCE
        )

    def _crawl_of(self, request: Asked) -> WatchedCrawl:
        return self._crawls[request.headers["user-agent"]]

    def _strike(self, crawl: WatchedCrawl) -> None:
        moment = self._moment
        self.note(f"    {crawl.name} is struck at request {moment.requests}: {moment.strike}")
        if moment.strike == "stall":
            crawl.stalled = True
            return
        if moment.strike == "scheduler":
            self.schedulers[crawl.begun.scheduler].kill()
        for each in moment.crawls:
            is_near = each.begun.scheduler == crawl.begun.scheduler and moment.strike == "scheduler"
            if not each.ended and (each is crawl or is_near):
                each.kill()

    # --------------------------------------------------------------------------------------------- crawls

    def _crawl(self, sections: Sequence[Section], fate: str = "well") -> None:
        self.note(f"{self.world.now:%d %H:%M:%S} crawl {[each.number for each in sections]} {fate}")
        self.counts["crawls"] += 1
        self._hire()
        self._pass_on()
        self._make_due(sections)
        moment = self._moment = moment_of(fate, self.random)
        takes_over = fate == "late" or self.random.random() < 0.5
        for name, scheduler in self.schedulers.items():
            scheduler.tick(dying_at=moment.dying_at if name == moment.dying else 0)
        self._come_to_rest()
        if takes_over and (moment.stalled() or not all(each.is_alive for each in self.schedulers.values())):
            self._pass_on(timedelta(seconds=LEASE_SECONDS + 60))
            self.note(f"    {self.world.now:%d %H:%M:%S}: what is held by the dead and the stalled is free")
            self._come_to_rest()
        self._let_go()
        for scheduler in self.schedulers.values():
            scheduler.rest()
        self._judge_late()
        self._uphold()
        self._pass_on(timedelta(seconds=1))

    def _pass_on(self, by: timedelta = timedelta()) -> None:
        """Let the database's clock show the archive's time, which never goes back; then the archive stands still."""
        with reading(self.engine) as connection:
            now = database_now(connection)
        self.world.now = max(self.world.now, now) + by
        self._clock.step(self.world.now - now)

    def _make_due(self, sections: Sequence[Section]) -> None:
        """Let some sources be due now, and the others in years: when what is crawled is for the seed to say."""
        source, chosen = tables.Source, [self.ids[section.number] for section in sections]
        with writing(self.engine) as connection:
            now = database_now(connection)
            connection.execute(update(source).values(next_due_at=now + AGES))
            connection.execute(update(source).where(source.id.in_(chosen)).values(next_due_at=now))

    def _come_to_rest(self) -> None:
        """Wait until nothing is left to do, and judge what was settled."""
        eventually(self._is_at_rest, "all that is due is crawled", seconds=PATIENCE)
        self._judge_settled()

    def _is_at_rest(self) -> bool:
        """Say whether no host is to be had that is due, and the living hold none, save those who are stalled."""
        self._bury()
        with self._lock:
            stalled = {(each.host, each.token) for crawl in self._moment.stalled() for each in crawl.leases}
            waiting = [] if self._moment.let_go.is_set() else self._moment.stalled()
            if any(not each.ended and each not in waiting for each in self._moment.crawls):
                return False
        with reading(self.engine) as connection:
            now = database_now(connection)
            due = set(
                connection.execute(
                    select(tables.Source.host).where(tables.Source.next_due_at <= now)
                ).scalars()
            )
            hosts = connection.execute(select(tables.Host.__table__)).all()
        for host in hosts:
            if host.lease_until is not None and host.lease_until > now:
                if (host.name, host.lease_token) not in stalled and self._is_employed(host.lease_owner):
                    return False
            elif host.name in due and (host.not_before is None or host.not_before <= now):
                return False
        return True

    def _is_employed(self, owner: str) -> bool:
        return any(each.is_called(owner) and each.is_alive for each in self.schedulers.values())

    def _bury(self, *, everybody: bool = False) -> None:
        """Kill the crawl processes of the dead: a machine that has lost its power runs nothing."""
        with self._lock:
            for crawl in self._crawls.values():
                if not crawl.ended and (everybody or not self._is_employed(crawl.leases[0].owner)):
                    crawl.kill()

    # ------------------------------------------------------------------------------------------- the laws

    def _judge_settled(self) -> None:
        """Hand to the oracle what was really settled since it last was, transaction by transaction as they came."""
        counted = self._witness.runs()
        self._moment.counted += counted
        for _, some in groupby(counted, key=lambda each: each.transaction):
            self._judge_transaction(list(some))

    def _judge_transaction(self, counted: Sequence[Counted]) -> None:
        runs = []
        for each in counted:
            if each.reason.startswith(DIED):
                self.counts["failed"] += 1
                continue
            found = self._read_under(each.source_id, each.token)
            if found is None:
                what = f"source {each.source_id} was settled under lease {each.token} by who never had it"
                self.violate("one run a lease", what)
            else:
                runs.append(found)
        self.counts["runs"] += len(runs)
        self._judge_runs(runs, upto=counted[0].upto or len(self.oracle.log))

    def _read_under(self, source_id: int, token: int) -> tuple[Reading, Served] | None:
        for crawl in self._crawls.values():
            for read in reversed(crawl.readings):
                if (read.source_id, read.lease.token) == (source_id, token):
                    return read, crawl.served[source_id]
        return None

    def _judge_late(self) -> None:
        """What was settled when the late were let go is judged like all; of what had passed on nothing may be kept."""
        self._judge_settled()
        kept = {(each.source_id, each.token) for each in self._moment.counted}
        for crawl in self._moment.crawls:
            refused = [read for read in crawl.readings if (read.source_id, read.lease.token) not in kept]
            if crawl.stalled:
                self.counts["refused"] += len(refused)
            elif crawl.in_peace and {(key, crawl.token_of(key)) for key in crawl.ids} - kept:
                self.violate("all or nothing", f"{crawl.name} ended in peace, and not all of it is settled")
        self.oracle.settled([], stale=True)

    def _uphold(self) -> None:
        """Check what two schedulers must not do to one another."""
        moment = self._moment
        taken = self._witness.leases()
        self._taken += taken
        askings = [asking for crawl in moment.crawls for asking in crawl.askings.values()]
        self.counts["leases"] += len(taken)
        self.counts["shared"] += len({each.begun.scheduler for each in moment.crawls}) == 2
        for law, what in (
            *laws.one_holder(taken),
            *laws.one_asker(askings, self._taken),
            *laws.one_run(moment.counted),
        ):
            self.violate(law, what)

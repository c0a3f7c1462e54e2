"""A month in the life of an installation: round by round time passes, news is made, and something goes wrong."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Self

import psutil
from sqlalchemy import Engine, select

from digest.targets.webhooks import new_secret
from news.errors import StorageError
from news.redline import EditClass
from news.source import Channel
from storage.deliveries import DeliveryState
from storage.engine import reading
from storage.reader_tables import Delivery
from storage.source_status import list_sources
from storage.sources import save_sources
from storage.subscribing import Rhythm, add
from storage.subscriptions import DigestFilter
from storage.tables import Change
from storage.targets import TargetPlan
from tests.crawler.site import Asked
from tests.soak.clock import MonthClock, month_clock
from tests.soak.databases import Database
from tests.soak.faults import Fault, faults_for, in_turn
from tests.soak.newsrooms import Newsroom, WatchedSite
from tests.soak.processes import Command
from tests.soak.reader import Reader, look_at
from tests.soak.rest import left_at
from tests.soak.targets import Targets

STEP = timedelta(hours=2)
PATIENCE_SECONDS = 300.0
"""How long a round in which nothing is wrong may take to come to rest, on a machine that does other things too."""
LIGHT = DigestFilter(min_edit_class=EditClass.NONE)
MORE_ROUNDS = 24
WELL = ("ok", "not_modified")
ROOMS: tuple[tuple[str, Channel, bool, float], ...] = (
    ("harbour", Channel.LISTING, False, 7.0),
    ("council", Channel.LISTING, False, 11.0),
    ("theatre", Channel.LISTING, False, 17.0),
    ("railway", Channel.FEED, False, 6.0),
    ("school", Channel.FEED, True, 9.0),
    ("market", Channel.FEED, True, 13.0),
)
"""Each on a site, and so a host, of its own: its name, how it is read, whether its feed is whole, hours an item."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long a month is, and how fast.

    Args:
        rounds: of two hours each.
        calm: how many of them at the end see nothing new and nothing wrong, so that all comes to its end.
        every: a fault begins in each round of this number.
        seconds: how long all of it takes, if the machine can.
        brief: whether faults that take long are left out.
    """

    rounds: int = 360
    calm: int = 48
    every: int = 4
    seconds: float = 0.0
    brief: bool = False


@dataclass
class Month:
    """One month on one database; a context, since much of it runs."""

    kind: str
    database: Database
    engine: Engine
    folder: Path
    seed: int
    plan: Plan
    say: Callable[[str], None] = lambda _line: None
    kills: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    weights: dict[str, list[float]] = field(default_factory=dict)
    restarts: int = 0
    full_disks: int = 0
    stops: int = 0
    pages: int = 0
    round: int = 0

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self) -> None:
        enter = self._stack.enter_context
        self.rand = random.Random(self.seed)
        self.clock: MonthClock = enter(month_clock(self.engine, self.folder))
        self.rooms = [self._room(*each) for each in ROOMS]
        self.targets = enter(Targets())
        self._striking = threading.Lock()
        self._strike: Callable[[Asked], bool] | None = None
        self._told: Counter[str] = Counter()
        self._faults: list[tuple[Fault, int]] = []
        save_sources(self.engine, [room.source for room in self.rooms], origin="file", now=self.clock.now())
        self._subscribe()
        self._hire()
        self.reader = enter(Reader(self._ports[1]))

    def _room(self, name: str, channel: Channel, whole: bool, hours: float) -> Newsroom:
        site = self._stack.enter_context(WatchedSite())
        site.asked_for = self._asked
        own = random.Random(f"{self.seed} {name}")
        room = Newsroom(name=name, site=site, rand=own, channel=channel, whole=whole, hours=hours)
        room.open(self.clock.now())
        return room

    def _subscribe(self) -> None:
        options = {"url": self.targets.hook.url(), "allow_private": True}
        hook = TargetPlan(kind="webhook", options=options, secret=new_secret())
        mail = TargetPlan(kind="mail", options={"to": "reader@home.example"})
        now = self.clock.now()
        add(self.engine, "hook", filter=LIGHT, target=hook, now=now)
        add(self.engine, "mail", filter=LIGHT, target=mail, now=now)
        add(self.engine, "thrice", filter=LIGHT, target=mail, rhythm=Rhythm(schedule="8h"), now=now)

    def _hire(self) -> None:
        settings = {
            "database_url": self.database.url,
            "tick_seconds": "0.2",
            "wall_seconds": "20",
            "lease_seconds": "60",
            "timeout_seconds": "4",
            "delay_seconds": "0",
            "log_level": "info",
            "mail_server": f"smtp+plain://127.0.0.1:{self.targets.mail.port}",
            "mail_from": "news@tidings.example",
        }
        environment = {f"TIDINGS_{name.upper()}": value for name, value in settings.items()}
        environment |= self.clock.environment()
        self._ports = [_free_port(), _free_port()]
        run = ("run", "--serve", "--port", str(self._ports[0]))
        self.steady = Command("steady", *run, environment=environment)
        self.mortal = Command("mortal", "run", environment=environment)
        self.server = Command("server", "serve", "--port", str(self._ports[1]), environment=environment)
        self.commands = (self.steady, self.mortal, self.server)
        for command in self.commands:
            self._stack.callback(command.end)
            command.start()
        self._until(lambda: all(command.is_ready for command in self.commands), "all commands are ready")
        self._until(self._has_begun, "the baselines are taken")

    def _has_begun(self) -> bool:
        """Whether every source has its baseline; where one could not be taken, let it be due again."""
        if self._left():
            return False
        if all(status.has_baseline for status in list_sources(self.engine)):
            return True
        self.clock.step(STEP)
        return False

    # ------------------------------------------------------------------------------------------------ rounds

    def live(self) -> None:
        """Live through all rounds, and end in good order."""
        began = time.monotonic()
        turn = in_turn(faults_for(self.kind, brief=self.plan.brief), self.rand)
        for number in range(1, self.plan.rounds + 1):
            self.round = number
            is_calm = self.round > self.plan.rounds - self.plan.calm
            self.clock.step(STEP)
            for room in self.rooms:
                room.live(self.clock.now(), self._told, publishes=not is_calm)
            if not is_calm and self.round % self.plan.every == 0:
                self._begin(next(turn))
            self._wait()
            self._end_faults()
            self._look_around()
            if self.plan.seconds:
                due = began + self.plan.seconds * self.round / self.plan.rounds
                time.sleep(max(0.0, due - time.monotonic()))
        self._recover()
        for command in self.commands:
            if wrong := command.stop():
                self.violations.append(wrong)

    def _recover(self) -> None:
        """Let some more time pass where a source has not been read well since it failed, as on a busy machine."""
        for _ in range(MORE_ROUNDS):
            if all(status.verdict in WELL for status in list_sources(self.engine)):
                return
            self.clock.step(STEP)
            self._wait()

    def _begin(self, fault: Fault) -> None:
        time.sleep(self.rand.uniform(0.0, 0.8))  # somewhere in the midst of the round
        self.say(f"{self.kind}, day {self.round / 12:.1f}: {fault.name}")
        self.struck[fault.name] += 1
        self._faults.append((fault, self.round + fault.rounds - 1))
        fault.begin(self)

    def _end_faults(self) -> None:
        for fault, until in self._faults:
            if until <= self.round:
                fault.end(self)
        self._faults = [(fault, until) for fault, until in self._faults if until > self.round]

    def _wait(self) -> None:
        """Wait until all that is due is done; while something is wrong, not for long."""
        began = time.monotonic()
        limit = max((fault.seconds for fault, _ in self._faults), default=PATIENCE_SECONDS)
        holds = any(fault.holds for fault, _ in self._faults)
        while True:
            left = self._left()
            if not left and not holds:
                return
            if time.monotonic() - began > limit:
                if not self._faults:
                    self._is_stuck(left)
                return
            time.sleep(0.05)

    def _left(self) -> str:
        try:
            return left_at(self.engine, self.clock.now())
        except StorageError as error:
            return str(error)

    def _is_stuck(self, left: str) -> None:
        self.violations.append(f"round {self.round} does not come to rest: {left}")
        for command in self.commands:
            self.say("\n".join([f"{command.name}:", *list(command.log)[-20:]]))

    def _look_around(self) -> None:
        """Start again what is dead, read what was told, and weigh what lives."""
        for command in self.commands:
            if not command.is_alive:
                command.start()
                self._until(partial(_is_ready, command), f"{command.name} is ready again")
        with reading(self.engine) as connection:
            self._told = Counter(connection.execute(select(Change.title)).scalars())
            states = connection.execute(select(Delivery.key, Delivery.state)).all()
        sent = [row.key for row in states if row.state == DeliveryState.SENT.value]
        claimed = [row.key for row in states if row.state == DeliveryState.CLAIMED.value]
        self.targets.heard(sent, claimed=claimed)
        for room in self.rooms:
            room.site.forget()
        for path in ("/", "/api/v1/status", "/api/v1/articles?limit=20"):
            self.pages += look_at(self._ports[0], path) == 200
        if self.round % 4 == 0:
            for kind, size in self.steady.weight().items():
                self.weights.setdefault(kind, []).append(size)

    def _until(self, true: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not true():
            if time.monotonic() > deadline:
                logs = "\n".join(line for command in self.commands for line in list(command.log)[-15:])
                raise AssertionError(f"{what}: not within {PATIENCE_SECONDS:g} seconds\n{logs}")
            time.sleep(0.05)

    # ---------------------------------------------------------------------------------------- what faults do

    def processes(self) -> Iterator[psutil.Process]:
        """Yield every process of every command."""
        for command in self.commands:
            yield from command.processes()

    def lie_in_wait(self, strike: Callable[[Asked], bool]) -> None:
        """Let the next request for which it says so be the last thing that happened before."""
        with self._striking:
            self._strike = strike

    def stop_mortal(self) -> None:
        """End the mortal scheduler in good order, in the midst of what it does."""
        if wrong := self.mortal.stop():
            self.violations.append(wrong)

    def _asked(self, asked: Asked) -> None:
        with self._striking:
            if self._strike is not None and self._strike(asked):
                self._strike = None


def _is_ready(command: Command) -> bool:
    return command.is_ready


def first_and_last(sizes: list[float]) -> tuple[float, float]:
    """Return what something weighed when it had warmed up, and at the end: medians of a tenth of the month each."""
    tenth = max(1, len(sizes) // 10)
    return median(sizes[tenth : 2 * tenth] or sizes), median(sizes[-tenth:])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])

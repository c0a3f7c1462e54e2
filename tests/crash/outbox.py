"""Senders that are killed and receivers that fail, at random: what arrives, how often, and why more than once.

``python -m tests.crash.outbox 500`` lets so many failures happen on SQLite, and as many on PostgreSQL; a line of each
tells the repeats.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, update

from digest.compose import load
from digest.deliver import deliver_all
from digest.due import DueDigests
from digest.targets.target import Carriage
from digest.targets.webhooks import new_secret
from storage.changes import changes_after
from storage.engine import open_engine, reading, writing
from storage.reader_tables import Delivery, Target
from storage.schema import ready
from storage.subscribing import add
from storage.subscriptions import DigestFilter, list_digests
from storage.targets import TargetPlan
from tests.conftest import administration, shown, start_server
from tests.digest.logs import START, Log
from tests.digest.mail_server import Acts, MailServer
from tests.digest.receiver import Came, Does, Receiver
from tests.faults.killed import in_child, kill_itself
from tests.storage.outbox import deliveries

PAST = datetime(2000, 1, 1, tzinfo=UTC)
POINTS = 90
"""A round of one digest a reader passes about so many points of its dealings with the database."""
AT_A_POINT, ON_RECEIPT, LOST, LATER = (
    "killed at a point",
    "killed on receipt",
    "answer lost",
    "refused for now",
)
KINDS = (AT_A_POINT, AT_A_POINT, ON_RECEIPT, LOST, LATER)


@dataclass
class Tally:
    """What happened: failures by kind, how often each key was accepted, and how often a repeat of it is no wonder."""

    failures: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    unheard: Counter[str] = field(default_factory=Counter)

    @property
    def repeats(self) -> int:
        """How many acceptances were not the first of their key."""
        return sum(self.accepted.values()) - len(self.accepted)

    def line(self) -> str:
        """Say it in one line."""
        why = ", ".join(f"{number} {kind}" for kind, number in sorted(self.failures.items()))
        return (
            f"{sum(self.failures.values())} failures ({why}); {len(self.accepted)} digests, all accepted; "
            f"repeats: {self.repeats}, with the key of the first, whose acceptance was not heard or not written"
        )


def bring(database_url: str, mail_port: int) -> None:
    """Compose and bring all that is due: what a child process does."""
    engine = open_engine(database_url, create=False)
    carriage = Carriage(
        mail_server=f"smtp+plain://127.0.0.1:{mail_port}",
        mail_from="news@tidings.example",
        timeout_seconds=5.0,
        limit_seconds=20.0,
    )
    DueDigests(engine).compose()
    for _ in deliver_all(engine, carriage, owner=f"process {os.getpid()}"):
        pass
    engine.dispose()


class Rounds:
    """Rounds on one database: something new, and then a sender to whom something happens.

    Args:
        database_url: a migrated database of its own.
        seed: of what happens.
    """

    def __init__(self, database_url: str, *, seed: int) -> None:
        self._url = database_url
        self._random = random.Random(seed)
        self._tally = Tally()
        self._pid = 0
        self._happens = ""
        self._skipped = 0
        self._last = ""
        self._bodies: dict[str, bytes] = {}

    def play(self, failures: int) -> Tally:
        """Let so many failures happen, then let all arrive in peace, and check what is owed."""
        engine = open_engine(self._url)
        log = Log(engine)
        log.source("a", language="en")
        with Receiver(decide=self._takes) as hook, MailServer(decide=self._takes_mail) as mail:
            self._subscribe(engine, hook)
            number = 0
            while sum(self._tally.failures.values()) < failures:
                number += 1
                log.published("a", f"https://news.example/{number}", f"Title {number}", language="en")
                self._round(mail.port)
                self._let_time_pass(engine)
            self._happens = ""
            bring(self._url, mail.port)
        self._check(engine)
        engine.dispose()
        return self._tally

    def _subscribe(self, engine: Engine, hook: Receiver) -> None:
        options = {"url": hook.url(), "allow_private": True}
        plans = {
            "hook": TargetPlan(kind="webhook", options=options, secret=new_secret()),
            "mail": TargetPlan(kind="mail", options={"to": "reader@home.example"}),
        }
        for name, plan in plans.items():
            add(engine, name, filter=DigestFilter(), target=plan, now=START)

    def _round(self, mail_port: int) -> None:
        """Let a sender work to whom one thing happens: at a point of its own choosing, or at what it brings."""
        kind = self._random.choice(KINDS)
        at = self._random.randint(1, POINTS) if kind == AT_A_POINT else 0
        self._happens, self._last = ("" if at else kind), ""
        self._skipped = self._random.randint(0, 1)  # whether it is the first digest or the second
        with in_child(partial(bring, self._url, mail_port), kill_itself if at else None, at=at or 1) as child:
            self._pid = child.pid
            try:
                killed = child.wait().killed
            except AssertionError as error:  # the point was never reached
                if "NeverStruck" not in repr(error) and "ended with 1" not in str(error):
                    raise
                killed = False
        if killed and at:
            self._tally.failures[AT_A_POINT] += 1
            if self._last:  # whether that was written by then nobody here can say
                self._tally.unheard[self._last] += 1

    def _next(self, key: str) -> str:
        """Return what happens to what was brought just now, and note it."""
        happens = self._happens
        if happens and self._skipped:
            self._skipped -= 1
            happens = ""
        if happens:
            self._happens = ""
            self._tally.failures[happens] += 1
        if happens != LATER:
            self._tally.accepted[key] += 1
            self._last = key
        if happens in (ON_RECEIPT, LOST):
            self._tally.unheard[key] += 1
        return happens

    def _takes(self, came: Came) -> Does:
        key = came.headers["webhook-id"]
        assert self._bodies.setdefault(key, came.body) == came.body
        return {
            ON_RECEIPT: Does(before=self._kill),
            LOST: Does(status=0),
            LATER: Does(status=503),
        }.get(self._next(key), Does())

    def _takes_mail(self, message_id: str) -> Acts:
        return {
            ON_RECEIPT: Acts(accepted=self._kill),
            LOST: Acts(cuts=True),
            LATER: Acts(data="451 later"),
        }.get(self._next(message_id.strip("<>").partition("@")[0]), Acts())

    def _kill(self, _came: object = None) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def _let_time_pass(self, engine: Engine) -> None:
        """Make all due again: claims have ended, targets have had their peace, nothing is tried too often."""
        with writing(engine) as connection:
            connection.execute(update(Target).values(not_before=None, failures=0))
            connection.execute(update(Delivery).values(next_attempt_at=None, attempts=0))
            held = Delivery.claim_until.is_not(None)
            connection.execute(update(Delivery).where(held).values(claim_until=PAST))

    def _check(self, engine: Engine) -> None:
        found = deliveries(engine)
        assert {str(each.state) for each in found} == {"sent"}
        assert {each.key for each in found} == set(self._tally.accepted)
        for key, number in self._tally.accepted.items():
            assert number - 1 <= self._tally.unheard[key], f"{key}: {number} times"
        with reading(engine) as connection:
            log = [change.seq for change in changes_after(connection, 0)]
            stored = {name: list_digests(connection, name)[::-1] for name in ("hook", "mail")}
        for name, digests in stored.items():
            told = [item.change.seq for each in digests for item in load(engine, name, each.number).items]
            assert told == log, f"{name}: a change stands in no digest, or in two"


def play_on(database_url: str, failures: int, seed: int, say: Callable[[str], object] = print) -> Tally:
    """Play on one database, and say what came of it."""
    tally = Rounds(database_url, seed=seed).play(failures)
    say(f"{database_url.partition(':')[0]}, seed {seed}: {tally.line()}")
    return tally


def main() -> None:
    """Play on a database of each kind."""
    parser = argparse.ArgumentParser(
        description="kill senders and let receivers fail; tell what arrived twice"
    )
    parser.add_argument("failures", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidings-") as folder:
        file = f"sqlite:///{folder}/outbox.db"
        ready(file).dispose()
        play_on(file, options.failures, options.seed)
        server = start_server(Path(folder))
        name = f"tidings_outbox_{uuid.uuid4().hex[:12]}"
        with administration(server) as run:
            run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        url = shown(server, name)
        ready(url).dispose()
        play_on(url, options.failures, options.seed)
        import psutil

        process = psutil.Process(int((Path(folder) / "data" / "postmaster.pid").read_text().split()[0]))
        process.send_signal(signal.SIGINT)
        process.wait(30)


if __name__ == "__main__":
    from tests.crash import outbox

    outbox.main()  # under its own name, by which child processes find it

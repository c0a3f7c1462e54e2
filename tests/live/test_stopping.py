"""SIGTERM in the middle of everything: `tidings run` ends within ten seconds, and the next start goes on from there."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from digest.targets.webhooks import new_secret
from news.source import Source
from storage.deliveries import DeliveryState
from storage.heartbeat import last_beat
from storage.sources import pause, save_sources
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.targets import TargetPlan
from tests.crawler.site import Answer
from tests.digest.logs import START, Log
from tests.digest.mail_server import Acts, MailServer
from tests.digest.receiver import Does, Receiver
from tests.live.running import STOPPING_SECONDS, next_round, running, stop, tidings_run
from tests.scheduler.test_scheduling import outage
from tests.scheduler.world import WRAPPER, World, eventually, listing
from tests.storage.outbox import deliveries

pytestmark = pytest.mark.timeout(900)

FOREVER = 3600.0
PATIENCE = 300.0
"""For what must be there before it can be stopped: how long that takes is not what is asked here."""


# ------------------------------------------------------------------------------------------- what is not due


def ticked(world: World, ticks: int = 5) -> None:
    """Wait until a scheduler that has started has looked several times for what is due."""

    def beats() -> object:
        beat = last_beat(world.engine, "scheduler")
        return beat is not None and (beat.beat_at - beat.started_at).total_seconds() > 0.1 * ticks

    eventually(beats, "it ticks", seconds=PATIENCE)


def runs_of(world: World) -> dict[str, int]:
    return {name: world.status(name).runs for name in world.sites}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_restart_crawls_nothing_that_is_not_due(
    world: World, tmp_path: Path, number: signal.Signals
) -> None:
    world.declare("a", "b")
    logs = tmp_path / "log"
    with running(world, logs) as (process, _):
        eventually(
            lambda: world.verdicts() == {"a": "ok", "b": "ok"}, "the baselines are taken", seconds=PATIENCE
        )
        eventually(lambda: not world.leased(), "the hosts are given free")
        process.send_signal(number)
        process.wait(STOPPING_SECONDS)
    before, due = runs_of(world), {name: world.status(name).next_due_at for name in world.sites}
    for site in world.sites.values():
        site.forget()
    for _ in range(2):
        with tidings_run(world, logs):
            ticked(world)
    assert [site.log for site in world.sites.values()] == [[], []]
    assert runs_of(world) == before
    assert {name: world.status(name).next_due_at for name in world.sites} == due


def test_what_was_settled_before_a_kill_in_the_middle_of_a_round_is_not_crawled_again(
    world: World, tmp_path: Path
) -> None:
    world.declare("well", "slow")
    world.sites["slow"].script("/slow/", Answer(body="x", delay_seconds=FOREVER))
    logs = tmp_path / "log"
    # Leases that end while we wait: nobody ends those of the dead before.
    with running(world, logs, wall_seconds=2, lease_seconds=3) as (process, _):
        eventually(lambda: world.status("well").runs == 1, "the other source is settled", seconds=PATIENCE)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOPPING_SECONDS)
    assert world.status("slow").runs == 0
    world.sites["well"].forget()
    world.sites["slow"].page("/slow/", listing(5, 4, 3, 2, 1, prefix="slow"))
    with tidings_run(world, logs):
        eventually(lambda: world.status("slow").runs == 1, "what was left is crawled", seconds=PATIENCE)
        ticked(world)
    assert (world.sites["well"].log, runs_of(world)) == ([], {"well": 1, "slow": 1})


# ------------------------------------------------------------------------------------------- sites that hang


def test_sites_that_hang_keep_it_no_longer_than_their_grace_and_are_due_at_the_next_start(
    world: World, tmp_path: Path
) -> None:
    names = ("well", "mute", "drips", "deep")
    world.declare(*names)
    logs = tmp_path / "log"
    with tidings_run(world, logs):
        eventually(
            lambda: set(world.verdicts().values()) == {"ok"}, "the baselines are taken", seconds=PATIENCE
        )
    news = {name: listing(6, 5, 4, 3, 2, 1, prefix=name) for name in names}
    world.sites["well"].page("/well/", news["well"])
    world.sites["mute"].script("/mute/", Answer(body="x", delay_seconds=FOREVER))
    world.sites["drips"].script("/drips/", Answer(body="x" * 10_000, drip_seconds=1))
    # The listing comes, and then an article that it leads to does not.
    world.sites["deep"].page(
        "/deep/", '<ul><li class="item"><a href="/deep/6">Item 6 of the deeps</a></li></ul>'
    )
    world.sites["deep"].script("/deep/6", Answer(body="x", delay_seconds=FOREVER))
    for site in world.sites.values():
        site.forget()
    world.make_due()
    with running(world, logs) as (process, _):
        eventually(lambda: world.status("well").runs == 2, "who answers is settled", seconds=PATIENCE)
        eventually(lambda: waiting(world), "all others are being asked", seconds=PATIENCE)
        stop(process, logs)
    assert world.leased() == []
    assert runs_of(world) == {"well": 2, "mute": 1, "drips": 1, "deep": 1}
    for name in names:
        world.sites[name].page(f"/{name}/", news[name])
        world.sites[name].page(f"/{name}/6", news[name])
        world.sites[name].forget()
    with tidings_run(world, logs):
        eventually(lambda: set(runs_of(world).values()) == {2}, "the others are crawled", seconds=PATIENCE)
        ticked(world)
    assert world.sites["well"].log == []
    assert set(world.verdicts().values()) == {"ok"}


def waiting(world: World) -> bool:
    """Whether every site that hangs is being asked for what it does not give."""
    asked = {name: site.paths() for name, site in world.sites.items()}
    return "/mute/" in asked["mute"] and "/drips/" in asked["drips"] and "/deep/6" in asked["deep"]


# --------------------------------------------------------------------------------------- receivers that hang


def hook(receiver: Receiver) -> TargetPlan:
    options = {"url": receiver.url(), "allow_private": True}
    return TargetPlan(kind="webhook", options=options, secret=new_secret())


def tell(world: World, **plans: TargetPlan) -> None:
    """Let there be something new, and subscriptions that are told of it."""
    log = Log(world.engine)
    source = Source(name="told", url="https://news.example/", wrapper=WRAPPER, language="en")
    save_sources(world.engine, [source], origin="file", now=START)
    pause(world.engine, "told")  # nobody shall crawl it
    for name, plan in plans.items():
        add(world.engine, name, filter=DigestFilter(), target=plan, now=START)
    log.published("told", "https://news.example/x", "Title of x", language="en")


def states(world: World) -> dict[str, str]:
    return {each.subscription: str(each.state) for each in deliveries(world.engine)}


def test_a_receiver_that_hangs_does_not_keep_it_and_is_asked_again_with_the_same_key(
    world: World, tmp_path: Path
) -> None:
    logs = tmp_path / "log"
    world.declare("a")
    with Receiver(Does(hangs=True)) as receiver:
        tell(world, desk=hook(receiver))
        with running(world, logs) as (process, _):
            eventually(lambda: receiver.came, "it is being brought", seconds=PATIENCE)
            stop(process, logs)
        [stopped] = deliveries(world.engine)
        assert (stopped.state, stopped.claim_owner) == (DeliveryState.WAITING, None)
        assert "stopped" in stopped.last_error
        with tidings_run(world, logs):
            eventually(lambda: states(world)["desk"] == "sent", "it is brought at once", seconds=PATIENCE)
    keys = [came.headers["webhook-id"] for came in receiver.came]
    assert keys == [stopped.key] * 2
    assert receiver.came[0].body == receiver.came[1].body


def test_a_mail_server_that_hangs_does_not_keep_it(world: World, tmp_path: Path) -> None:
    logs = tmp_path / "log"
    world.declare("a")
    with MailServer(Acts(hangs=True)) as server:
        settings = {
            "mail_server": f"smtp+plain://127.0.0.1:{server.port}",
            "mail_from": "news@tidings.example",
        }
        tell(world, reader=TargetPlan(kind="mail", options={"to": "reader@home.example"}))
        with running(world, logs, **settings) as (process, _):
            eventually(
                lambda: states(world) == {"reader": "claimed"}, "it is being brought", seconds=PATIENCE
            )
            stop(process, logs)
        assert states(world) == {"reader": "waiting"}
        with tidings_run(world, logs, **settings):
            eventually(lambda: states(world) == {"reader": "sent"}, "it is brought at once", seconds=PATIENCE)
    [key] = [each.key for each in deliveries(world.engine)]
    assert {str(letter.message["Message-ID"]).strip("<>").partition("@")[0] for letter in server.letters} == {
        key
    }


@contextmanager
def deaf() -> Iterator[int]:
    """A port whose queue is full: whoever connects to it gets no answer at all."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        yield port
        for one in waiting:
            one.close()


def test_a_receiver_that_cannot_even_be_connected_to_does_not_keep_it(
    sqlite_world: World, tmp_path: Path
) -> None:
    world, logs = sqlite_world, tmp_path / "log"
    world.declare("a")
    with deaf() as port:
        options = {"url": f"http://127.0.0.1:{port}/hook", "allow_private": True}
        tell(world, desk=TargetPlan(kind="webhook", options=options, secret=new_secret()))
        with running(world, logs) as (process, _):
            eventually(lambda: states(world) == {"desk": "claimed"}, "it is being brought", seconds=PATIENCE)
            stop(process, logs)
    assert states(world) == {"desk": "waiting"}


# ------------------------------------------------------------------------------------------- all at the same time


def test_everything_that_may_keep_it_does_not_at_the_same_time(world: World, tmp_path: Path) -> None:
    """A site that hangs, a receiver that hangs, and a reader who waits: one after the other would take too long."""
    logs = tmp_path / "log"
    world.declare("mute")
    world.sites["mute"].script("/mute/", Answer(body="x", delay_seconds=FOREVER))
    with Receiver(Does(hangs=True)) as receiver:
        tell(world, desk=hook(receiver))
        with running(world, logs, "--serve", "--port", "0") as (process, ready):
            address = ready[ready.index("http://") :].partition(";")[0].strip().rstrip("/")
            with closing(HTTPConnection(address.removeprefix("http://"), timeout=60)) as reader:
                reader.request("GET", "/api/v1/changes?wait=60&after=1")
                eventually(lambda: receiver.came, "it is being brought", seconds=PATIENCE)
                eventually(lambda: world.sites["mute"].asked("/mute/"), "the site is asked", seconds=PATIENCE)
                stop(process, logs)
                with reader.getresponse() as answer:
                    assert (answer.status, answer.read()[:1]) == (200, b"{")
    assert world.leased() == []
    assert states(world) == {"desk": "waiting"}


def test_ctrl_c_that_reaches_crawl_processes_too_and_a_second_signal_change_nothing(
    world: World, tmp_path: Path
) -> None:
    logs = tmp_path / "log"
    world.declare("mute", "well")
    world.sites["mute"].script("/mute/", Answer(body="x", delay_seconds=FOREVER))
    with running(world, logs) as (process, _):
        eventually(lambda: world.sites["mute"].asked("/mute/"), "the site is asked", seconds=PATIENCE)
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGINT)
        stop(process, logs)
    assert world.leased() == []
    assert "Traceback" not in logs.read_text()
    assert world.status("mute").runs == 0


def test_a_database_that_is_away_does_not_keep_it(world: World, tmp_path: Path) -> None:
    """What it could not write ends by itself: the lease, and the last sign of life."""
    logs = tmp_path / "log"
    world.declare("a")
    world.sites["a"].script("/a/", Answer(body="x", delay_seconds=FOREVER))
    world.engine.dispose()
    with running(world, logs) as (process, _):
        eventually(lambda: world.sites["a"].asked("/a/"), "the site is asked", seconds=PATIENCE)
        world.engine.dispose()
        with outage(world):
            stop(process, logs)
    assert "Traceback" not in logs.read_text()
    world.sites["a"].page("/a/", listing(5, 4, 3, 2, 1, prefix="a"))
    assert world.status("a").runs == 0


def test_it_may_be_stopped_while_it_starts(world: World, tmp_path: Path) -> None:
    world.declare("a", "b")
    logs = tmp_path / "log"
    for _ in range(2):
        with running(world, logs) as (process, _ready):
            stop(process, logs)
        assert world.leased() == []
    with tidings_run(world, logs):
        next_round(world)
    assert set(world.verdicts().values()) <= {"ok", "not_modified"}

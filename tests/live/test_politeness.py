"""Promise 9, polite: what the server's own log says of a scheduler that is running, and of two."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.service import Scheduler
from storage import tables
from storage.engine import writing
from tests.crawler.site import Answer, Asked, LocalSite
from tests.live.running import next_round
from tests.scheduler.world import World, eventually, listing

LATE_SECONDS = 0.05
"""How much later than it was sent a request is seen on a machine that has time for it."""
LATE_SHARE = 0.1
"""How many requests of all may be seen later still, on a busy machine: the next one then seems to follow too soon."""


@contextmanager
def schedulers(world: World, count: int) -> Generator[None]:
    """Run some schedulers on one database, as on several machines."""
    with ExitStack() as stack:
        for _ in range(count):
            scheduler = Scheduler(world.engine, world.settings(workers=2, batch_hosts=1), world.report)
            scheduler.start()
            stack.callback(scheduler.stop)
        yield


class Watched:
    """Answers pages slowly, and writes down how many are being answered at once."""

    def __init__(self, site: LocalSite, *pages: tuple[str, str]) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self.most = 0
        self.times: list[float] = []
        for path, body in pages:
            site.respond(path, lambda request, body=body: self._answer(request, body))  # type: ignore[misc]

    def _answer(self, request: Asked, body: str) -> Answer:
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
            self.times.append(request.at)
        time.sleep(0.05)  # a slow server: without it two requests at once would not meet
        with self._lock:
            self._open -= 1
        return Answer(body=body, headers={"Set-Cookie": "id=1; Path=/"}, etag=True)


def test_promise_9_one_host_is_never_asked_twice_at_once_nor_faster_than_its_delay(world: World) -> None:
    names = ["a", "b", "c"]
    world.declare(*names, together=True, delay_seconds=0.3)
    site = world.sites["a"]
    bodies = [(f"/{name}/", listing(3, 2, 1, prefix=name).replace("<p>", "<div>")) for name in names]
    pages = [(f"/{name}/{number}", listing(number)) for name in names for number in (1, 2, 3)]
    watched = Watched(site, *bodies, *pages)
    with schedulers(world, 2):
        eventually(lambda: set(world.reported()) == set(names), "all are crawled", seconds=60)
        for name in names:
            next_round(world, name)
    assert watched.most == 1
    assert len(watched.times) >= 3 * 4 + 3
    gaps = [later - earlier for earlier, later in zip(watched.times, watched.times[1:], strict=False)]
    assert sorted(gaps)[int(len(gaps) * LATE_SHARE)] >= 0.3 - LATE_SECONDS
    assert sum(gaps) >= len(gaps) * (0.3 - LATE_SECONDS)
    assert len(site.asked("/robots.txt")) == 1
    for asked in site.log:
        assert asked.headers["user-agent"].startswith("tidings/")
        assert not {"cookie", "referer", "authorization"} & set(asked.headers)


def test_promise_9_validators_come_back_as_they_were_sent(sqlite_world: World) -> None:
    world = sqlite_world
    world.declare("etag", "date", "both")
    tag, date = 'W/"so:me \\odd/tag=="', "Sun, 22 Nov 2026 07:08:09 GMT"
    answers = {
        "etag": {"etag": tag},
        "date": {"last_modified": date},
        "both": {"etag": tag, "last_modified": date},
    }
    for name, validators in answers.items():
        world.sites[name].script(f"/{name}/", Answer(body=listing(2, 1, prefix=name), **validators))  # type: ignore[arg-type]
    with schedulers(world, 1):
        eventually(lambda: len(world.reports) == 3, "the baselines are taken", seconds=60)
        next_round(world, *answers)
    for name, validators in answers.items():
        first, second = world.sites[name].asked(f"/{name}/")
        assert not first.conditional
        assert second.status == 304
        assert second.headers.get("if-none-match") == validators.get("etag")
        assert second.headers.get("if-modified-since") == validators.get("last_modified")


@pytest.mark.parametrize("status", [429, 503])
def test_promise_9_a_host_that_asks_for_patience_is_left_alone_until_then(
    sqlite_world: World, status: int
) -> None:
    world = sqlite_world
    world.declare("busy", "neighbour", together=True)
    world.declare("elsewhere")
    site = world.sites["busy"]
    well = listing(2, 1, prefix="busy")
    site.script("/busy/", Answer(status=status, headers={"Retry-After": "3600"}), Answer(body=well))
    with schedulers(world, 2):
        eventually(lambda: {"busy", "elsewhere"} <= set(world.reported()), "both were tried", seconds=60)
        eventually(lambda: not world.leased(), "the hosts are given free")
        until = world.status("busy").not_before
        assert until is not None
        assert timedelta(minutes=55) < until - world.now() <= timedelta(hours=1)
        assert "3600" in world.status("busy").reason
        site.forget()
        world.make_due()
        next_round(world, "elsewhere")
        next_round(world, "elsewhere")
        assert site.log == []
        with writing(world.engine) as connection:  # as if the hour had passed
            connection.execute(update(tables.Host).values(not_before=None))
        eventually(lambda: world.status("busy").verdict == "ok", "it is asked again", seconds=60)
    assert len(site.asked("/busy/")) == 1


def test_promise_9_robots_txt_is_asked_for_once_a_day_across_processes(world: World) -> None:
    world.declare("a", "b", together=True)
    site = world.sites["a"]
    for _ in range(2):
        with schedulers(world, 2):
            next_round(world, "a", "b")
    assert len(site.asked("/robots.txt")) == 1
    assert len(site.asked("/a/")) >= 2
    with writing(world.engine) as connection:  # as if the day had passed
        connection.execute(update(tables.Host).values(robots_expires_at=world.now() - timedelta(seconds=1)))
    site.robots("User-agent: *\nDisallow: /b/\n")
    site.forget()
    with schedulers(world, 2):
        next_round(world, "a", "b")
    assert [asked.path for asked in site.log] == ["/robots.txt", "/a/"]
    assert world.status("b").verdict == "failed"
    assert "robots.txt" in world.status("b").reason

"""A site that publishes, edits and removes while `tidings run` is going: each is in the next digest, once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from digest.compose import compose
from storage import tables
from storage.engine import writing
from storage.leases import lease_due_hosts
from storage.subscriptions import DigestFilter, subscribe
from tests.live.running import next_round, tidings_run
from tests.scheduler.world import World, eventually, listing


def told(world: World) -> list[tuple[str, str]]:
    """Compose the next digest; return kind and title of what it tells."""
    digest = compose(world.engine, "reader", now=world.now())
    return [] if digest is None else [(item.change.kind.value, item.change.title) for item in digest.items]


def let_looks_be_due(world: World) -> None:
    at = world.now()
    with writing(world.engine) as connection:
        connection.execute(update(tables.Article).values(next_look_at=at))


def test_promise_1_what_happens_while_it_runs_is_in_the_next_digest_once(
    world: World, tmp_path: Path
) -> None:
    world.declare("daily", "other")
    subscribe(world.engine, "reader", filter=DigestFilter(), now=world.now())
    site = world.sites["daily"]
    for number in range(1, 9):
        site.page(f"/daily/{number}", listing(number, prefix="daily"))
    with tidings_run(world, tmp_path / "log"):
        eventually(
            lambda: world.verdicts() == {"daily": "ok", "other": "ok"}, "the baselines are taken", seconds=60
        )
        assert told(world) == []

        site.page("/daily/", listing(6, 5, 4, 3, 2, 1, prefix="daily"))
        next_round(world, "daily", "other")
        assert told(world) == [("published", "Item 6 of the dailys")]

        site.page("/daily/", listing(7, 6, 5, 4, 3, 2, 1, edited=4, prefix="daily"))
        next_round(world, "daily", "other")
        assert sorted(told(world)) == [
            ("edited", "Item 4 of the dailys"),
            ("published", "Item 7 of the dailys"),
        ]

        site.page("/daily/", listing(7, 6, 4, 3, 2, 1, edited=4, prefix="daily"))
        site.remove("/daily/5", 410)
        let_looks_be_due(world)
        next_round(world, "daily", "other")
        assert told(world) == [("withdrawn", "Item 5 of the dailys")]

        site.forget()
        world.sites["other"].forget()
        next_round(world, "daily", "other")
        assert told(world) == []
        for name in ("daily", "other"):
            assert [(asked.path, asked.status) for asked in world.sites[name].log] == [(f"/{name}/", 304)]
    # A new process goes on where the old one stopped: it tells nothing again, and misses nothing of the pause.
    site.page("/daily/", listing(8, 7, 6, 4, 3, 2, 1, edited=4, prefix="daily"))
    with tidings_run(world, tmp_path / "log"):
        next_round(world, "daily", "other")
        assert told(world) == [("published", "Item 8 of the dailys")]
        next_round(world, "daily", "other")
        assert told(world) == []


def test_promise_2_a_source_is_crawled_again_after_the_scheduler_was_killed(
    sqlite_world: World, tmp_path: Path
) -> None:
    world = sqlite_world
    world.declare("daily")
    with tidings_run(world, tmp_path / "log"):
        eventually(lambda: world.status("daily").has_baseline, "the baseline is taken", seconds=60)
    world.sites["daily"].page("/daily/", listing(6, 5, 4, 3, 2, 1, prefix="daily"))
    subscribe(world.engine, "reader", filter=DigestFilter(), now=world.now())
    world.make_due()
    # As somebody leaves it who is killed: the host leased, for another moment.
    assert lease_due_hosts(world.engine, owner="killed", limit=9, seconds=1.5)
    with tidings_run(world, tmp_path / "log"):
        eventually(
            lambda: told(world) == [("published", "Item 6 of the dailys")], "the news is told", seconds=60
        )
        eventually(lambda: not world.leased(), "the host is given free")

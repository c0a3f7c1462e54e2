"""The queue in PostgreSQL: who gets a job, and that nobody gets two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text, update

from news.errors import ConfigError, SchemaError, StorageError
from scheduler import jobs
from scheduler.cluster import ClusterDispatcher, need_cluster, need_queue
from scheduler.jobs import Queued, check_queue, enqueue_due, make_queue
from storage import tables
from storage.engine import open_engine, reading, writing
from storage.leases import hosts_due, lease_due_hosts
from storage.sources import pause
from tests.faults.disks import administering
from tests.scheduler.world import World, a_world


@pytest.fixture
def world(postgres_url: str) -> Iterator[World]:
    with a_world(postgres_url) as made:
        make_queue(made.engine)
        yield made


def enqueue(world: World, limit: int = 99) -> Queued:
    return enqueue_due(world.engine, stalled_seconds=30, limit=limit)


def queued(world: World) -> dict[str, str]:
    """The state of each job by the source whose host it is for; every source here has a host of its own."""
    hosts = {world.status(name).host: name for name in world.sites}
    with reading(world.engine) as connection:
        rows = connection.execute(text("SELECT lock, status::text FROM procrastinate_jobs ORDER BY id")).all()
    return {hosts[row.lock]: row.status for row in rows}


def set_jobs(world: World, values: str) -> None:
    with writing(world.engine) as connection:
        connection.execute(text(f"UPDATE procrastinate_jobs SET {values}"))


def test_each_due_host_gets_one_job_the_longest_due_first_and_nothing_is_leased(world: World) -> None:
    world.declare("a", "b")
    world.declare("c", "d", together=True)
    world.make_due("b", since=timedelta(hours=1))
    assert enqueue(world) == Queued(added=3, waiting=3)
    assert enqueue(world) == Queued(added=0, waiting=3)
    assert next(iter(queued(world))) == "b"
    assert world.leased() == []


def test_a_job_holds_the_name_of_its_host_and_nothing_else(world: World) -> None:
    world.declare("a")
    enqueue(world)
    with reading(world.engine) as connection:
        query = "SELECT args, lock, queueing_lock, queue_name FROM procrastinate_jobs"
        job = connection.execute(text(query)).one()
    host = world.status("a").host
    assert tuple(job) == ({"host": host}, host, host, "tidings")


def test_a_host_whose_job_runs_gets_no_other(world: World) -> None:
    world.declare("a")
    enqueue(world)
    set_jobs(world, "status = 'doing'")
    assert enqueue(world) == Queued()
    set_jobs(world, "status = 'todo'")  # it is put back, and meets no successor
    assert queued(world) == {"a": "todo"}


def test_hosts_that_are_paused_leased_patient_or_not_due_get_no_job(world: World) -> None:
    world.declare("paused", "leased", "patient", "later", "due")
    pause(world.engine, "paused")
    world.make_due("leased", since=timedelta(hours=1))
    [(lease, _)] = lease_due_hosts(world.engine, owner="somebody", limit=1, seconds=60)
    assert lease.host == world.status("leased").host
    world.make_due("later", since=timedelta(hours=-1))
    with writing(world.engine) as connection:
        patient = tables.Host.name == world.status("patient").host
        later = world.now() + timedelta(hours=1)
        connection.execute(update(tables.Host).where(patient).values(not_before=later))
    assert enqueue(world).added == 1
    assert queued(world) == {"due": "todo"}


def test_the_queue_is_filled_up_to_its_limit(world: World) -> None:
    world.declare("a", "b", "c")
    assert enqueue(world, limit=2) == Queued(added=2, waiting=2)
    assert enqueue(world, limit=2) == Queued(added=0, waiting=2)
    set_jobs(world, "status = 'doing'")
    assert enqueue(world, limit=2) == Queued(added=1, waiting=1)


def test_one_scheduler_at_a_time_fills_the_queue(world: World) -> None:
    world.declare("a")
    with jobs.queueing(world.engine) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": jobs._LOCK_KEY})
        assert enqueue(world) == Queued(busy=True)
    assert enqueue(world).added == 1


def test_a_connection_that_is_lost_under_the_library_leaves_nothing_and_is_told_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.declare("a")

    def found_and_lost(connection: Connection, **wanted: Any) -> list[str]:
        found = hosts_due(connection, **wanted)
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with administering(world.engine) as run:
            run(f"SELECT pg_terminate_backend({pid})")
        return found

    monkeypatch.setattr(jobs, "hosts_due", found_and_lost)
    with pytest.raises(StorageError, match=r"was restarted; try again|connection was lost|no connection"):
        enqueue(world)
    monkeypatch.undo()
    assert queued(world) == {}
    assert enqueue(world).added == 1


def test_it_is_told_once_that_no_worker_takes_jobs_and_once_that_one_does(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.declare("a")
    caplog.set_level("INFO")
    dispatcher = ClusterDispatcher(world.engine, world.settings(dispatcher="cluster"))
    for _ in range(3):
        dispatcher.dispatch_due()
    with writing(world.engine) as connection:
        connection.execute(text("SELECT procrastinate_register_worker_v1()"))
    for _ in range(3):
        dispatcher.dispatch_due()
    said = [record.getMessage() for record in caplog.records if record.name == "scheduler.cluster"]
    unheard, heard = said
    assert unheard == (
        "no worker has given a sign of life for 30 seconds, and hosts wait in the queue (1); start one with "
        "`tidings worker`"
    )
    assert heard == "workers that take jobs: 1"


# --------------------------------------------------------------------------------------------- the tables


def test_the_queue_is_made_once_and_alembic_does_not_mind(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    try:
        with pytest.raises(SchemaError, match="has not been made; make it with `tidings db queue`"):
            need_queue(engine)
        assert make_queue(engine)
        assert not make_queue(engine)
        need_queue(engine)
    finally:
        engine.dispose()


def test_a_queue_of_another_version_is_brought_up_to_date(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "99.00.00_01_something.sql"
    script.write_text("CREATE TABLE later (percent text DEFAULT '100 %'); INSERT INTO later DEFAULT VALUES;")
    known = jobs._migrations()
    monkeypatch.setattr(jobs, "_migrations", lambda: {**known, script.name: script})
    with pytest.raises(SchemaError, match="is of another version"):
        check_queue(world.engine)
    assert make_queue(world.engine)
    check_queue(world.engine)
    with reading(world.engine) as connection:
        assert connection.execute(text("SELECT percent FROM later")).scalars().all() == ["100 %"]
    monkeypatch.undo()
    with pytest.raises(SchemaError, match="or by a newer one"):
        make_queue(world.engine)


def test_somebody_else_s_queue_is_left_alone(world: World) -> None:
    with writing(world.engine) as connection:
        connection.execute(text("COMMENT ON TABLE procrastinate_jobs IS NULL"))
    with pytest.raises(SchemaError, match="not made by tidings"):
        make_queue(world.engine)


def test_sqlite_is_refused_in_words(sqlite_url: str) -> None:
    with pytest.raises(ConfigError, match="workers need a PostgreSQL database"):
        need_cluster(sqlite_url)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "procrastinate", None)
    with pytest.raises(ConfigError, match=r"pip install 'tidings\[cluster\]'"):
        need_cluster("postgresql://db/tidings")

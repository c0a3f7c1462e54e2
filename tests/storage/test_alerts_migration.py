"""A database of the schema before alerts, with digests on their way: all of it is there, and goes on as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from digest.due import DueDigests
from storage.claims import mark_sent
from storage.deliveries import DeliveryState
from storage.engine import open_engine, reading, writing
from storage.reader_tables import Digest
from storage.schema import check_schema
from storage.subscribing import Rhythm, edit
from storage.subscriptions import WhenEmpty, digest_notes, load
from tests.storage.earlier import Columns, Rows, made_as_of, rows_of
from tests.storage.outbox import NOW, deliveries, digest, subscription, take

BEFORE = "0010"


@pytest.fixture
def old(
    request: pytest.FixtureRequest, engine: Engine, tmp_path: Path
) -> Iterator[tuple[Engine, Columns, Rows]]:
    """An outbox of three subscriptions in which something waits, was sent and is being brought."""
    subscription(engine, "desk", 2, 1, 1)
    subscription(engine, "team", 1)
    subscription(engine, "by hand", 3, plan=None)
    [first, _] = take(engine)
    mark_sent(engine, first, now=NOW)
    fixture = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[engine.dialect.name]
    there = str(request.getfixturevalue(fixture))
    columns, rows = made_as_of(BEFORE, there, engine, tmp_path)
    earlier = open_engine(there)
    yield earlier, columns, rows
    earlier.dispose()


def test_readers_and_what_is_on_its_way_to_them_are_as_they_were(old: tuple[Engine, Columns, Rows]) -> None:
    engine, columns, rows = old
    upgrade = check_schema(engine)
    assert upgrade is not None
    assert upgrade.before == BEFORE
    assert rows_of(engine, columns) == rows
    with reading(engine) as connection:
        row = load(connection, "desk")
    assert (row.quiet_hours, row.max_items, row.when_empty, row.alert_after_seconds) == (
        "",
        None,
        WhenEmpty.SILENT,
        None,
    )
    assert [(each.subscription, each.number, str(each.state)) for each in deliveries(engine)] == [
        ("desk", 1, "sent"),
        ("desk", 2, "waiting"),
        ("desk", 3, "waiting"),
        ("team", 1, "claimed"),
    ]
    for number in (2, 3):
        [claim] = take(engine)
        assert (claim.subscription, claim.number) == ("desk", number)
        assert mark_sent(engine, claim, now=NOW)
    digest(engine, "desk")
    assert deliveries(engine)[-1].state is DeliveryState.WAITING


def test_each_change_still_stands_in_one_digest_and_a_record_of_nothing_stands_beside_it(
    old: tuple[Engine, Columns, Rows],
) -> None:
    engine, _, _ = old
    check_schema(engine)
    with reading(engine) as connection:
        row = load(connection, "desk")
    same = {"subscription_id": row.id, "after_seq": 0, "composed_at": NOW, "content": {}, "hash": ""}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(Digest), same | {"number": 9, "upto_seq": 1})
    with writing(engine) as connection:
        connection.execute(insert(Digest), same | {"number": 9, "upto_seq": 0})
        connection.execute(insert(Digest), same | {"number": 10, "upto_seq": 0})
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(Digest), same | {"number": 10, "upto_seq": 0})


def test_a_subscription_from_before_takes_the_new_choices(old: tuple[Engine, Columns, Rows]) -> None:
    engine, _, _ = old
    check_schema(engine)
    rhythm = Rhythm(schedule="1h", quiet_hours="22:00-07:00", when_empty=WhenEmpty.RECORD)
    row = edit(engine, "team", rhythm=rhythm, max_items=5, now=NOW)
    assert (row.quiet_hours, row.max_items, row.when_empty) == ("22:00-07:00", 5, WhenEmpty.RECORD)
    assert row.due_at is not None
    with writing(engine) as connection:  # the helper's digests stand ahead of an empty log
        connection.exec_driver_sql("UPDATE subscriptions SET cursor = 0 WHERE name = 'team'")
        connection.exec_driver_sql("DELETE FROM deliveries")
        connection.exec_driver_sql("DELETE FROM digests")
    assert len(DueDigests(engine).compose(now=row.due_at)) == 1
    with reading(engine) as connection:
        assert [note.upto_seq for note in digest_notes(connection, "team", limit=9)] == [0]

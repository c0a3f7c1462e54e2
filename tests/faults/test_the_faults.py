"""The faults themselves: each is what it says, is over when its block ends, and fails a test that it never struck."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from news.errors import StorageError
from storage.engine import database_now, open_engine, reading, writing
from storage.tables import Counter
from tests.faults.clocks import clock_set_back, setting_clock
from tests.faults.full_disk import full_disk
from tests.faults.locked import locked
from tests.faults.lost_connection import lost_answer, lost_connection
from tests.faults.points import At, NeverStruckError, Struck, counting

Fault = Callable[..., AbstractContextManager[Struck]]
FAULTS: list[tuple[Fault, int, str]] = [
    (full_disk, sqlite3.SQLITE_FULL, "53100"),
    (locked, sqlite3.SQLITE_BUSY, "55P03"),
    (lost_connection, sqlite3.SQLITE_IOERR, "57P01"),
]


def count_on(engine: Engine) -> None:
    """Write something, and only that."""
    with writing(engine) as connection:
        value = connection.execute(select(Counter.value)).scalar_one()
        connection.execute(update(Counter).values(value=value + 1))


def counted(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(Counter.value)).scalar_one()


@pytest.mark.parametrize(("fault", "sqlite_code", "state"), FAULTS)
def test_a_fault_is_what_the_database_calls_so_and_is_over_after_its_block(
    engine: Engine, fault: Fault, sqlite_code: int, state: str
) -> None:
    with pytest.raises(StorageError) as raised, fault(engine):
        count_on(engine)
    assert raised.value.__cause__ is not None
    assert code(raised.value.__cause__) == (sqlite_code if engine.dialect.name == "sqlite" else state)
    count_on(engine)
    assert counted(engine) == 1


def code(error: BaseException) -> Any:
    """Return what the driver calls an error."""
    original: Any = getattr(error, "orig", None)
    if isinstance(original, sqlite3.Error):
        return original.sqlite_errorcode & 0xFF
    # The server's own word comes with the statement that it refuses, or not at all once it has hung up.
    return original.sqlstate or "57P01"


@pytest.mark.parametrize("at", [99, "DELETE FROM counters"])
@pytest.mark.parametrize("fault", [full_disk, locked, lost_connection])
def test_a_fault_that_never_came_fails_the_test(engine: Engine, fault: Fault, at: At) -> None:
    with pytest.raises(NeverStruckError, match="no fault struck"), fault(engine, at=at):
        count_on(engine)
    assert counted(engine) == 1


def test_a_fault_strikes_where_it_is_told_to(engine: Engine) -> None:
    with counting(engine) as calm:
        count_on(engine)
    with pytest.raises(StorageError), lost_connection(engine, at="UPDATE counters") as struck:
        count_on(engine)
    assert 1 < struck.points < calm.points
    assert (struck.times > 0, struck.commits) == (True, [])
    assert calm.commits == [calm.points]


def test_an_answer_is_lost_after_the_commit(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with pytest.raises(StorageError, match=r"no connection|the connection was lost"), lost_answer(engine):
        count_on(engine)
    assert counted(engine) == 1
    engine.dispose()


def test_a_lock_in_the_middle_of_a_transaction_is_that_of_the_tables_still_free(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with locked(engine, at="UPDATE counters") as struck:
        count_on(engine)  # what it has begun with nobody else can lock
    assert struck.times == 1
    engine.dispose()


def test_a_database_s_clock_can_be_set_and_is_right_again_afterwards(engine: Engine) -> None:
    then = datetime(2020, 2, 29, 12, tzinfo=UTC)
    with clock_set_back(engine, then):
        assert timedelta() <= now(engine) - then < timedelta(minutes=5)
    assert datetime.now(UTC) - now(engine) < timedelta(minutes=5)
    with setting_clock(engine) as clock:
        clock.step(timedelta(days=2))
        clock.step(timedelta(days=-1))
        assert timedelta(hours=23) < now(engine) - datetime.now(UTC) < timedelta(hours=25)


def now(engine: Engine) -> datetime:
    with reading(engine) as connection:
        return database_now(connection)

"""What the tests of digests share: a log to write, and one that holds a little of everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from storage.engine import open_engine
from tests.digest.everything import write_everything
from tests.digest.logs import Log


@pytest.fixture
def log(engine: Engine) -> Log:
    """An empty log; the test runs once on each kind of database."""
    return Log(engine)


@pytest.fixture
def full_log(log: Log) -> Log:
    """A log with every kind of change, three languages, and sources that are not being read."""
    write_everything(log)
    return log


@pytest.fixture
def sqlite_log(sqlite_url: str) -> Iterator[Log]:
    """An empty log on SQLite alone, for what the kind of database does not concern."""
    engine = open_engine(sqlite_url)
    yield Log(engine)
    engine.dispose()

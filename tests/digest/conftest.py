"""What the tests of digests share: a log to write, and one that holds a little of everything."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

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

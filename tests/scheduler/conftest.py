from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scheduler.world import World, a_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A world on each kind of database."""
    with a_world(database_url) as made:
        yield made


@pytest.fixture
def sqlite_world(sqlite_url: str) -> Iterator[World]:
    with a_world(sqlite_url) as made:
        yield made

"""Servers that a module's tests share, and passwords that are hashed cheaply; one test looks at the real parameters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from storage.engine import open_engine
from tests.conftest import fresh_database
from tests.serving.content import filled
from tests.serving.serving import Site, serving
from tidings.serving import secrets

REAL_HASHER = secrets._hasher


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_engine(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A migrated database that all tests of a module share, on each kind; they only read."""
    with ExitStack() as around:
        if request.param == "sqlite":
            file = tmp_path_factory.mktemp("shared") / "tidings.db"
            url = f"sqlite:///{shutil.copyfile(sqlite_template, file)}"
        else:
            url = around.enter_context(fresh_database(*request.getfixturevalue("postgres_server")))
        opened = open_engine(url)
        around.callback(opened.dispose)
        yield opened


@pytest.fixture(scope="module")
def full_site(module_engine: Engine) -> Iterator[Site]:
    """A server of a database with something of everything, shared by all tests of a module."""
    filled(module_engine)
    with serving(module_engine) as made:
        yield made


@pytest.fixture(autouse=True, scope="session")
def cheap_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(secrets, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        secrets._nobody.cache_clear()
        yield
    secrets._nobody.cache_clear()

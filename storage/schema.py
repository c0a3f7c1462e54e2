"""The schema's version: making a new database, upgrading an older one, refusing a newer one.

When all is well ``ready`` costs one SELECT. Alembic is imported only when there is something to migrate.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, inspect, select, table, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from news.errors import SchemaError, StorageError
from storage.engine import open_engine, reading, sqlite_file
from storage.failures import advice_for, shown_url, storage_errors

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
)
"""Every revision in order, the newest last; a test holds it to the files in ``migrations/versions``."""
VERSION_TABLE = "tidings_version"
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = (MIGRATIONS / "versions",)
_VERSION = select(table(VERSION_TABLE, column("version_num", String)).c.version_num)
_LOCK_KEY = 0x74696469  # PostgreSQL's advisory locks are numbers; nobody else in this database takes ours
_MARKS = ("articles", "changes", "counters", "hosts", "revisions", "runs", "sources", "subscriptions")

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgrade:
    """What was done to a database: ``before`` is empty for a new one, which has no ``backup`` either."""

    before: str
    after: str
    backup: Path | None = None


def ready(
    database: Engine | str,
    *,
    create: bool = True,
    told: Callable[[Upgrade], None] | None = None,
) -> Engine:
    """Open a database and bring it up to date.

    Args:
        database: its URL, or an engine from ``open_engine``.
        create: whether the tables may be made where there are none.
        told: called with what was done, if anything was.

    Raises:
        ConfigError, StorageError: as ``open_engine`` does, and for a database without tables if not ``create``.
        SchemaError: when it was made by a newer version, or holds somebody else's tables.
    """
    engine = open_engine(database, create=create) if isinstance(database, str) else database
    try:
        upgrade = check_schema(engine, create=create)
    except BaseException:
        if isinstance(database, str):
            engine.dispose()
        raise
    if upgrade is not None and told is not None:
        told(upgrade)
    return engine


def check_schema(engine: Engine, *, create: bool = True) -> Upgrade | None:
    """Migrate a database that is empty or older; return what was done, or None when it was up to date.

    Raises:
        SchemaError: when it was made by a newer version.
        StorageError: when it is empty and nothing may be created.
    """
    stored = stored_revision(engine)
    if stored == REVISIONS[-1]:
        return None
    _refuse_newer(engine, stored)
    if stored is None and not create:
        raise StorageError(
            f"database {shown_url(engine)}: it holds nothing of tidings yet; crawl a source first"
        )
    return migrate(engine)


def stored_revision(engine: Engine) -> str | None:
    """Return the revision that a database is at, or None for one without our tables."""
    with reading(engine) as connection:
        try:
            found = connection.execute(_VERSION).scalars().first()
        except (OperationalError, ProgrammingError) as error:
            if not _is_missing_table(error.orig):
                raise
            return None
    return found


def migrate(engine: Engine, *, keep_old: bool = True) -> Upgrade | None:
    """Bring a database to the newest revision, in one transaction and one process at a time.

    A SQLite file that holds something is copied first, to ``FILE.backup-REVISION-TIME`` beside it, unless it is a copy
    itself (``keep_old``). Returns what was done, or None if another process had just done it.

    Raises:
        SchemaError: when it was made by a newer version, or holds tables that are not ours.
        StorageError: when the backup or the migration cannot be written; the database stays as it was.
    """
    with storage_errors(engine), _alone(engine) as connection:
        before = _revision_inside(connection)
        if before == REVISIONS[-1]:
            return None
        _refuse_newer(engine, before)
        if before is None:
            _refuse_foreign_tables(engine, connection)
        file = sqlite_file(engine) if keep_old and before is not None else None
        backup = back_up(file, before, datetime.now(UTC)) if file is not None and before is not None else None
        _run_alembic(connection)
        _check_references(engine, connection)
    upgrade = Upgrade(before=before or "", after=REVISIONS[-1], backup=backup)
    log.info(
        "database %s: schema %s -> %s, backup %s", shown_url(engine), before, upgrade.after, upgrade.backup
    )
    return upgrade


def back_up(file: Path, revision: str, now: datetime) -> Path:
    """Copy a SQLite database that may be in use, and return the copy's path: it is whole or not there.

    Raises:
        StorageError: when it cannot be written.
    """
    target = file.with_name(f"{file.name}.backup-{revision}-{now:%Y%m%dT%H%M%SZ}")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        advice = advice_for(error) or str(error)
        raise StorageError(
            f"database {file}: no backup could be made at {target}, so it was not upgraded: {advice}"
        ) from error
    return target


@contextmanager
def _alone(engine: Engine) -> Generator[Connection]:
    """Open the transaction of a migration; a second process waits here and then finds it done."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
                yield connection
            return
        # Alembic alters a SQLite table by copying and dropping it, and a drop would cascade to what refers to it. The
        # switch does nothing inside a transaction, so it is set on the driver's connection before ours begins.
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101  # for the type checker
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _escaped(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(_escaped(path) for path in VERSIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _revision_inside(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(_VERSION).scalars().first()


def _refuse_newer(engine: Engine, revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        raise SchemaError(
            f"database {shown_url(engine)}: it was made by a newer tidings (schema {revision}; this one knows up to "
            f"{REVISIONS[-1]}); upgrade tidings, or use another database"
        )


def _refuse_foreign_tables(engine: Engine, connection: Connection) -> None:
    foreign = sorted(set(_MARKS) & set(inspect(connection).get_table_names()))
    if foreign:
        raise SchemaError(
            f"database {shown_url(engine)}: it holds tables of another application ({', '.join(foreign)}); "
            "use a database or a schema of its own"
        )


def _check_references(engine: Engine, connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        raise SchemaError(
            f"database {shown_url(engine)}: after the upgrade rows of {broken[0]} would refer to nothing in "
            f"{broken[2]}; it was left as it was, please report this"
        )


def _is_missing_table(error: object) -> bool:
    if isinstance(error, sqlite3.Error):
        return error.sqlite_errorcode == sqlite3.SQLITE_ERROR
    return getattr(error, "sqlstate", "") == "42P01"

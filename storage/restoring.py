"""Putting a backup in the place of a SQLite database: checked first, whole or not at all, and the former file kept."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from news.errors import SchemaError, StorageError
from storage.engine import open_engine
from storage.failures import advice_for
from storage.holding import held_alone, refuse_while_in_use
from storage.schema import REVISIONS, migrate, stored_revision

BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database; a log of another database must never stand there."""

FindFaults = Callable[[Engine], Sequence[str]]
"""Returns what is wrong with a database of today's schema, a line each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What was done: ``former`` is where the file that stood there is now, ``revision`` the schema of the backup."""

    file: Path
    former: Path | None
    revision: str


def restore_file(backup: Path, file: Path, *, find_faults: FindFaults, now: datetime) -> Restored:
    """Put a copy of a backup in the place of a SQLite database that nobody uses.

    The backup is copied beside the database, brought to today's schema and checked there: all of it before anything is
    touched. Then the copy takes the database's name in one step. The backup stays as it is.

    Args:
        backup: a file that ``tidings db backup`` or an upgrade made.
        file: the database, which may be missing or damaged.
        find_faults: what tells whether the copy is sound.
        now: aware UTC; it becomes part of the former file's name.

    Raises:
        StorageError: the backup is no database of ours or is damaged, somebody uses the database, or it cannot be
            written; the database is then as it was.
        SchemaError: the backup was made by a newer version.
    """
    purpose = f"restore {backup}"
    _refuse_nonsense(backup, file, purpose)
    if file.exists():
        refuse_while_in_use(file, purpose)
    copy = file.with_name(f"{file.name}.restoring")
    try:
        _drop(copy)
        _copy(backup, copy, purpose)
        revision = _checked(backup, copy, find_faults)
        former = _put_in_place(copy, file, purpose, now)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"{purpose}: {advice_for(error) or error}; the database is as it was") from error
    finally:
        _drop(copy)
    return Restored(file=file, former=former, revision=revision)


def _refuse_nonsense(backup: Path, file: Path, purpose: str) -> None:
    if not backup.is_file():
        raise StorageError(f"{purpose}: there is no such file; name one that `tidings db backup` has made")
    if not file.parent.is_dir():
        raise StorageError(f"{purpose}: there is no directory {file.parent}; create it first")
    if file.exists() and backup.samefile(file):
        raise StorageError(f"{purpose}: this is the database itself; name a backup of it")


def _copy(backup: Path, copy: Path, purpose: str) -> None:
    """Copy the backup without leaving anything beside it, so that it may lie where nothing can be written."""
    in_use = backup.with_name(f"{backup.name}-wal").exists()
    address = f"{backup.absolute().as_uri()}?{'mode=ro' if in_use else 'mode=ro&immutable=1'}"
    try:
        with (
            closing(sqlite3.connect(address, uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise StorageError(
                f"{purpose}: it is no SQLite database, or it is damaged ({error}); name another backup: the database "
                "is as it was"
            ) from error
        raise


def _checked(backup: Path, copy: Path, find_faults: FindFaults) -> str:
    """Bring the copy to today's schema, and return the one that it had; refuse it if anything in it is wrong."""
    try:
        engine = open_engine(f"sqlite:///{copy}", create=False)
    except StorageError as error:
        raise StorageError(
            f"restore {backup}: it was not made by tidings; name another backup: the database is as it was"
        ) from error
    try:
        revision = stored_revision(engine)
        if revision is None:
            raise StorageError(f"restore {backup}: it holds nothing of tidings; name another backup")
        if revision not in REVISIONS:
            raise SchemaError(
                f"restore {backup}: it was made by a newer tidings (schema {revision}; this one knows up to "
                f"{REVISIONS[-1]}); upgrade tidings first: the database is as it was"
            )
        if revision != REVISIONS[-1]:
            migrate(engine, keep_old=False)
        faults = _faults(engine, find_faults)
    finally:
        engine.dispose()
    if faults:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise StorageError(
            f"restore {backup}: it is not sound ({faults[0]}{more}); name another backup: the database is as it was"
        )
    return revision


def _faults(engine: Engine, find_faults: FindFaults) -> Sequence[str]:
    try:
        return find_faults(engine)
    except StorageError as error:
        return [str(error)]


def _put_in_place(copy: Path, file: Path, purpose: str, now: datetime) -> Path | None:
    _settle(copy)
    if not file.exists():
        for left in _beside(file):  # of a file that is gone: its log must not be read into this one
            left.unlink()
        copy.replace(file)
        _sync(file.parent)
        return None
    _settle(file)
    former = file.with_name(f"{file.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    if former.exists():
        raise StorageError(f"{purpose}: {former} exists; wait a second, and try again")
    with held_alone(file, purpose):
        with suppress(FileNotFoundError):
            file.with_name(f"{file.name}-wal").rename(former.with_name(f"{former.name}-wal"))
        with suppress(FileNotFoundError):
            file.with_name(f"{file.name}-shm").unlink()
        _keep_as(file, former)
        copy.replace(file)
        _sync(file.parent)
    return former


def _keep_as(file: Path, former: Path) -> None:
    """Give the former file its other name, while its own stays until the new one takes it."""
    try:
        former.hardlink_to(file)
    except OSError:  # not every file system knows a second name
        file.rename(former)


def _settle(file: Path) -> None:
    """Let SQLite fold the log beside a database into it; what is too damaged for that keeps its log."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _beside(file: Path) -> list[Path]:
    return [each for ending in BESIDE if (each := file.with_name(f"{file.name}{ending}")).exists()]


def _drop(copy: Path) -> None:
    for left in (copy, *_beside(copy)):
        left.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

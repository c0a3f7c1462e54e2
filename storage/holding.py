"""Whether a SQLite file is in use: asked of the system's locks, which go with the process that took them.

A connection in WAL mode holds a lock on the file for as long as it is open, also while it does nothing. So a service
between two ticks is found, and one that was killed is not, whatever its last heartbeat says.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from news.errors import StorageError
from storage.engine import opened_here

_PENDING_BYTE = 0x40000000
"""Where SQLite's locks begin in every file (sqlite.org/fileformat2.html, section 1.2.1)."""
_LOCK_BYTES = 512
_OWNER = "SELECT owner FROM heartbeats WHERE name = 'scheduler'"


@contextmanager
def held_alone(file: Path, purpose: str) -> Generator[None]:
    """Keep every other process away from a SQLite file, which nobody may have open.

    Nothing in the block may open the file: closing it would give the lock up.

    Args:
        file: an existing file; what it holds does not matter.
        purpose: how an error begins, such as ``restore copy.db``.

    Raises:
        StorageError: another process, or this one, has it open.
    """
    if opened_here(file):
        raise StorageError(f"{purpose}: this process has {file} open itself; close it first")
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError as error:
        raise StorageError(
            f"{purpose}: {file} cannot be opened ({error.strerror}); check the permissions"
        ) from error
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_BYTES, _PENDING_BYTE)
        except OSError as error:
            raise StorageError(
                f"{purpose}: {_holder(file)} has {file} open; stop `tidings run`, `tidings serve` and whatever else "
                "uses it, then try again: nothing was changed"
            ) from error
        yield
    finally:
        os.close(descriptor)


def refuse_while_in_use(file: Path, purpose: str) -> None:
    """Refuse to go on while another process has a SQLite file open.

    Raises:
        StorageError: as ``held_alone`` does.
    """
    with held_alone(file, purpose):
        pass


def _holder(file: Path) -> str:
    """Return who has the file open, as far as a scheduler has left its name."""
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as known,
    ):
        row = known.execute(_OWNER).fetchone()
        if row is not None:
            return f"another process (perhaps {row[0]})"
    return "another process"

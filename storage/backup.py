"""A copy of a SQLite database that is in use: consistent, and under its name only when it is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from news.errors import StorageError
from storage.failures import advice_for


def back_up_file(file: Path, target: Path, *, overwrite: bool = False) -> None:
    """Copy a SQLite database with SQLite's own backup, which waits for no crawl and sees one state of everything.

    Raises:
        StorageError: when the target is taken, or cannot be written.
    """
    if target.exists() and not overwrite:
        raise StorageError(
            f"backup {target}: a file of this name exists; choose another name, or remove it first"
        )
    if not target.parent.is_dir():
        raise StorageError(f"backup {target}: there is no directory {target.parent}; create it first")
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        reason = advice_for(error) or str(error)
        raise StorageError(f"backup {target}: it could not be made: {reason}") from error

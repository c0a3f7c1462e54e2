"""The disk: room where a SQLite database stands, and for temporary files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from tidings.doctor.findings import Finding, failed, ok, warning

MEGABYTE = 1024**2
FULL = 200 * MEGABYTE
NEARLY_FULL = 1024 * MEGABYTE
NEARLY_FULL_SHARE = 0.05
_ADVICE = "make room, or move the database to another disk; a full disk stops crawling, and loses nothing"


class Usage(Protocol):
    """What `shutil.disk_usage` gives."""

    @property
    def total(self) -> int: ...
    @property
    def free(self) -> int: ...


def look(database: Path | None, *, usage: Callable[[Path], Usage] = shutil.disk_usage) -> Iterator[Finding]:
    """Yield how much room there is.

    Args:
        database: the SQLite file; None for a database elsewhere.
        usage: asks the system.
    """
    folders = {"temporary": Path(tempfile.gettempdir())}
    if database is not None:
        folders = {"database": database.resolve().parent} | folders
    for name, folder in folders.items():
        yield _room(name, folder, usage)


def _room(name: str, folder: Path, usage: Callable[[Path], Usage]) -> Finding:
    try:
        found = usage(folder)
    except OSError as error:
        return failed("disk", name, f"{folder}: {error.strerror or error}", "make the folder")
    share = found.free / found.total if found.total else 0.0
    seen = f"{found.free // MEGABYTE:,} MB free ({share:.0%}) in {folder}"
    if found.free < FULL:
        return failed("disk", name, seen, _ADVICE)
    if found.free < NEARLY_FULL or share < NEARLY_FULL_SHARE:
        return warning("disk", name, seen, _ADVICE)
    return ok("disk", name, seen)

"""How much can still be written: the disks of the database, of the working directory, and those that were named."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from storage.engine import sqlite_file

LEAST_BYTES = 1024**3
LEAST_SHARE = 0.1
"""Of a disk: less than this is asked of a small one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disk:
    """One disk, by a folder on it: how many bytes may still be written, and how many it holds."""

    path: str
    free: int
    total: int


def disks(engine: Engine, further: Sequence[Path] = ()) -> list[Disk]:
    """Return the disks that we write to, each once: the database's first.

    That of a PostgreSQL server is its own, and not seen from here. What cannot be looked at has nothing free.
    """
    file = sqlite_file(engine)
    folders = [*([file.absolute().parent] if file is not None else []), Path.cwd(), *further]
    found: dict[int | str, Disk] = {}
    for folder in folders:
        try:
            device, usage = folder.stat().st_dev, shutil.disk_usage(folder)
        except OSError:
            found[str(folder)] = Disk(path=str(folder), free=0, total=0)
            continue
        found.setdefault(device, Disk(path=str(folder), free=usage.free, total=usage.total))
    return list(found.values())


def is_nearly_full(disk: Disk, least: int | None) -> bool:
    """Return whether less is free than must be: ``least`` bytes, or by default a gibibyte or a tenth of a small disk.

    >>> gigabyte = 10**9
    >>> is_nearly_full(Disk(path="/", free=gigabyte, total=4_000 * gigabyte), None)
    True
    >>> is_nearly_full(Disk(path="/", free=gigabyte, total=8 * gigabyte), None)
    False
    """
    usual = min(LEAST_BYTES, int(disk.total * LEAST_SHARE))
    return disk.total == 0 or disk.free < (usual if least is None else least)

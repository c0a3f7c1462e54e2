"""An operation that writes to the database, as faults strike it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from tests.storage.desk import START, Desk

NOW = START + timedelta(hours=2)
"""When every operation takes place, unless the database's own clock tells the time."""

Given = Any
"""What is found before the operation, as plain values: they are sent to another process."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation.

    Args:
        covers: the functions of the project that open its transaction, as ``module.function``.
        prepare: brings the database to where it begins, and returns what ``do`` is given.
        do: does it, at an aware time or by the database's clock (None).
        settles: whether it settles runs, so that leases fence it.
        leases: whether it leases hosts.
        frees: whether it gives leased hosts free.
        has_clock: whether it can tell the time by the database's clock.
        everyday: whether it is struck by every fault in every run of the tests, not in `make crash` alone.
    """

    name: str
    covers: tuple[str, ...]
    prepare: Callable[[Desk], Given]
    do: Callable[[Engine, Given, datetime | None], object]
    settles: bool = False
    leases: bool = False
    frees: bool = False
    has_clock: bool = True
    everyday: bool = False

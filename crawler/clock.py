"""The clock of a run: the lease's database time plus what has elapsed since."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class RunClock:
    """Tells the time of everything that a run captures.

    It starts at ``started_at`` (aware UTC, the lease's database time) and goes on with the monotonic clock, so that
    machines with wrong clocks still agree about what was seen first. ``fixed`` makes it stand still, as a replay needs.

    >>> from datetime import UTC
    >>> ticks = iter([5.0, 7.5])
    >>> clock = RunClock(datetime(2026, 11, 22, 8, tzinfo=UTC), monotonic=lambda: next(ticks))
    >>> clock.now().isoformat()
    '2026-11-22T08:00:02.500000+00:00'
    """

    def __init__(
        self, started_at: datetime, *, fixed: bool = False, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._started_at = started_at
        self._monotonic: Callable[[], float] = _still if fixed else monotonic
        self._origin = self._monotonic()

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        return self._started_at + timedelta(seconds=self._monotonic() - self._origin)


def _still() -> float:
    return 0.0

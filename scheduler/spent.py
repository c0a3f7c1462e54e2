"""How long the ticks take, from one heartbeat to the next."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager


class Spent:
    """Adds up, for each kind of tick, how often it was made and how many seconds that took; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent: dict[str, tuple[int, float]] = {}

    def add(self, name: str, seconds: float, times: int = 1) -> None:
        """Add a tick, or several."""
        with self._lock:
            before = self._spent.get(name, (0, 0.0))
            self._spent[name] = (before[0] + times, before[1] + seconds)

    @contextmanager
    def taken(self) -> Generator[Mapping[str, tuple[int, float]]]:
        """Give what was added since the last time; where that could not be kept, it is given again.

        >>> spent = Spent()
        >>> spent.add("dispatch", 0.5)
        >>> with spent.taken() as found:
        ...     found
        {'dispatch': (1, 0.5)}
        """
        with self._lock:
            taken, self._spent = self._spent, {}
        try:
            yield taken
        except BaseException:
            for name, (times, seconds) in taken.items():
                self.add(name, seconds, times)
            raise

"""How often an address may try to sign in: a few times freely, then after a wait that doubles."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE = 5
"""Failures after which the next attempt has to wait."""
FIRST_WAIT = 2.0
LONGEST_WAIT = 900.0
FORGOTTEN_AFTER = 3_600.0
MOST_ADDRESSES = 10_000
AT_ONCE = 2
"""Passwords that are verified at the same time: each takes 64 MiB and all of a processor."""


@dataclass(slots=True)
class _Failures:
    number: int
    last: float


class SignIns:
    """What a server remembers of those who try to sign in."""

    def __init__(self) -> None:
        self.attempts = Attempts()
        self.turn = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0


class Attempts:
    """Counts failures by address; it is kept in memory, and thread-safe.

    Args:
        clock: seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait_of(self, address: str) -> float:
        """Return how many seconds an address has to wait before it may try, 0 for none.

        It counts as a failure until `succeeded` says otherwise, so that many attempts at once are many.
        """
        key, now = _key(address), self._clock()
        with self._lock:
            self._forget(now)
            known = self._known.setdefault(key, _Failures(0, now))
            due = known.last + _wait(known.number) if known.number else now
            if due > now:
                return due - now
            known.number += 1
            known.last = now
            self._known.move_to_end(key)
            return 0.0

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address."""
        with self._lock:
            self._known.pop(_key(address), None)

    def _forget(self, now: float) -> None:
        while self._known:
            oldest = next(iter(self._known.values()))
            if len(self._known) <= MOST_ADDRESSES and now - oldest.last < FORGOTTEN_AFTER:
                return
            self._known.popitem(last=False)


def _wait(failures: int) -> float:
    return 0.0 if failures < FREE else min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures - FREE, 30))


def _key(address: str) -> str:
    """One household: of IPv6, where a single machine has addresses without end, the first 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found)

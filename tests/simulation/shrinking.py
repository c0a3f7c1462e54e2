"""The fewest operations of a random history that still break what it broke, by halves (delta debugging)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Operation = TypeVar("Operation")
Played = TypeVar("Played")


def fewest(
    operations: Sequence[Operation],
    play: Callable[[list[Operation]], Played],
    breaks: Callable[[Played], bool],
    *,
    seconds: float,
) -> Played:
    """Return the play of the fewest operations found within ``seconds`` that still breaks what all of them do."""
    deadline = time.monotonic() + seconds
    left = list(operations)
    best = play(left)
    size = len(left) // 2
    while size and time.monotonic() < deadline:
        start = 0
        while start < len(left) and time.monotonic() < deadline:
            fewer = left[:start] + left[start + size :]
            tried = play(fewer)
            if breaks(tried):
                left, best = fewer, tried
            else:
                start += size
        size //= 2
    return best

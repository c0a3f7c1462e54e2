"""The difference of two sequences in bounded time: `difflib` where it is affordable, else between landmarks.

`difflib` reads well, and takes quadratic or cubic time on texts made for that: 50,000 characters may cost a minute. A
page is written by somebody else, and comparing happens while others wait. So what a comparison may cost at worst is
counted before it is made; what costs too much is cut at items that both sides have exactly once (patience difference),
and what is left then is told as removed and added.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal, NamedTuple

EFFORT = 2_000_000
"""Steps that one comparison may cost at worst: well under a second."""
MAX_DEPTH = 12
"""How often a stretch between landmarks is cut again at landmarks of its own."""


class Opcode(NamedTuple):
    """How ``old[i1:i2]`` becomes ``new[j1:j2]``."""

    tag: Literal["equal", "replace"]
    i1: int
    i2: int
    j1: int
    j2: int


class Budget:
    """What may still be spent on comparing; one is shared by all parts of one comparison."""

    def __init__(self, effort: int | None = None) -> None:
        self.left = EFFORT if effort is None else effort

    def affords(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Return whether comparing the two at once can be paid for."""
        return _cost(old, new) <= self.left

    def takes(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Pay for comparing the two at once, and return whether that was possible."""
        cost = _cost(old, new)
        if cost > self.left:
            return False
        self.left -= cost
        return True


def opcodes(old: Sequence[str], new: Sequence[str], budget: Budget | None = None) -> list[Opcode]:
    """Return how one sequence becomes the other, in order; equal and replaced stretches alternate.

    >>> [tuple(code) for code in opcodes("held in Fez today".split(), "held in Rabat today".split())]
    [('equal', 0, 2, 0, 2), ('replace', 2, 3, 2, 3), ('equal', 3, 4, 3, 4)]
    """
    found: list[Opcode] = []
    at_old = at_new = 0
    for i, j, size in [*_blocks(old, new, budget or Budget()), (len(old), len(new), 0)]:
        if at_old < i or at_new < j:
            found.append(Opcode("replace", at_old, i, at_new, j))
        if size:
            found.append(Opcode("equal", i, i + size, j, j + size))
        at_old, at_new = i + size, j + size
    return found


def _cost(old: Sequence[str], new: Sequence[str]) -> int:
    """Return what `difflib` costs at worst: every equal pair, once for each match that it may find."""
    here, there = Counter(old), Counter(new)
    pairs = sum(count * there[item] for item, count in here.items())
    return pairs * min(len(old), len(new), pairs)


def _blocks(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[tuple[int, int, int]]:
    """Return the equal stretches in order, neighbours joined."""
    blocks: list[tuple[int, int, int]] = []
    waiting = [(0, len(old), 0, len(new), 0)]
    while waiting:
        i1, i2, j1, j2, depth = waiting.pop()
        head = _shared(old, new, i1, i2, j1, j2)
        blocks.append((i1, j1, head))
        i1, j1 = i1 + head, j1 + head
        tail = _shared_end(old, new, i1, i2, j1, j2)
        i2, j2 = i2 - tail, j2 - tail
        blocks.append((i2, j2, tail))
        if i1 == i2 or j1 == j2:
            continue
        here, there = old[i1:i2], new[j1:j2]
        if budget.takes(here, there):
            matcher = SequenceMatcher(None, here, there, autojunk=False)
            blocks.extend((i1 + i, j1 + j, size) for i, j, size in matcher.get_matching_blocks())
        elif depth < MAX_DEPTH and (landmarks := _landmarks(here, there)):
            places = [(i1 - 1, j1 - 1), *((i1 + i, j1 + j) for i, j in landmarks), (i2, j2)]
            blocks.extend((i, j, 1) for i, j in places[1:-1])
            waiting.extend((a + 1, c, b + 1, d, depth + 1) for (a, b), (c, d) in pairwise(places))
    return _joined(sorted(block for block in blocks if block[2]))


def _joined(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    joined: list[tuple[int, int, int]] = []
    for i, j, size in blocks:
        if joined and (i, j) == (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]):
            joined[-1] = (*joined[-1][:2], joined[-1][2] + size)
        else:
            joined.append((i, j, size))
    return joined


def _shared(old: Sequence[str], new: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> int:
    most = min(i2 - i1, j2 - j1)
    return next((at for at in range(most) if old[i1 + at] != new[j1 + at]), most)


def _shared_end(old: Sequence[str], new: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> int:
    most = min(i2 - i1, j2 - j1)
    return next((at for at in range(most) if old[i2 - 1 - at] != new[j2 - 1 - at]), most)


def _landmarks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of what stands exactly once on both sides, as many as stand in the same order."""
    here, there = Counter(old), Counter(new)
    place = {item: at for at, item in enumerate(new) if there[item] == 1}
    pairs = [(at, place[item]) for at, item in enumerate(old) if here[item] == 1 and item in place]
    # The longest rising run of places (patience sorting).
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        pile = bisect_left(ends, at)
        before.append(tops[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [at]
        tops[pile : pile + 1] = [number]
    run: list[tuple[int, int]] = []
    number = tops[-1] if tops else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]

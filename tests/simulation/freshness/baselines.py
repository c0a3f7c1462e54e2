"""What the adaptive schedule is measured against, each with its one knob turned until it asks as often."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import Random

from tests.simulation.freshness.world import STEP, Feed, World

MIN_DAYS, MAX_DAYS = 300 / 86_400, 1.0
Reads = list[list[float]]
"""For each source the moments at which it is asked, in order."""


def measured_reads(world: World, reads: Reads) -> int:
    """Return how often all sources are asked while it is measured."""
    return sum(len(each) - bisect_left(each, world.measured_from) for each in reads)


def fixed(world: World, total: int, phases: int = 0) -> Reads:
    """Return the reads of one interval for all, from a moment that is each source's own, drawn by ``phases``."""
    random = Random(f"{phases}")
    interval = len(world.feeds) * (world.days - world.measured_from) / total
    return [_every(interval, random.random() * interval, world.days) for _ in world.feeds]


def proportional(world: World, total: int) -> Reads:
    """Return the reads of intervals in inverse proportion to the news of the last seven days, from 5 min to a day."""

    def reads(factor: float) -> Reads:
        return [_by_last_week(feed, factor, world.days) for feed in world.feeds]

    return _turned(reads, world, total, first=1.0, rising=True)


def oracle(world: World, total: int) -> Reads:
    """Return the reads of one who knows every rate at every moment, and asks by the square root of it."""
    integrals = [[0.0, *accumulate(math.sqrt(rate) * STEP for rate in feed.rates)] for feed in world.feeds]

    def reads(price: float) -> Reads:
        return [_priced(integral, price, world.days) for integral in integrals]

    paid = sum(each[-1] for each in integrals) * (1 - world.measured_from / world.days)
    return _turned(reads, world, total, first=paid / total, rising=False)


def _turned(
    reads: Callable[[float], Reads], world: World, total: int, *, first: float, rising: bool
) -> Reads:
    """Return the reads at the setting that asks as often as ``total`` says, within 0.2 %."""
    setting, found = first, reads(first)
    for _ in range(12):
        ratio = total / measured_reads(world, found)
        if abs(ratio - 1) <= 0.002:
            break
        setting *= ratio if rising else 1 / ratio
        found = reads(setting)
    return found


def _every(interval: float, first: float, days: float) -> list[float]:
    return [first + number * interval for number in range(int((days - first) / interval) + 1)]


def _by_last_week(feed: Feed, factor: float, days: float) -> list[float]:
    found, at = [], 0.0
    while at < days:
        found.append(at)
        weekly = bisect_right(feed.news, at) - bisect_right(feed.news, at - 7)
        at += min(max(7 / (weekly * factor), MIN_DAYS), MAX_DAYS) if weekly else MAX_DAYS
    return found


def _priced(integral: Sequence[float], price: float, days: float) -> list[float]:
    """Return when an integral has grown by the price again and again, never within the least interval."""
    found, at, paid = [], 0.0, 0.0
    while at < days:
        found.append(at)
        step = bisect_left(integral, paid + price)
        if step >= len(integral):
            break
        grown = integral[step] - integral[step - 1]
        at = max((step - 1 + (paid + price - integral[step - 1]) / grown) * STEP, at + MIN_DAYS)
        whole, part = divmod(at / STEP, 1)
        if whole >= len(integral) - 1:
            break
        here, there = integral[int(whole)], integral[int(whole) + 1]
        paid = here + (there - here) * part
    return found

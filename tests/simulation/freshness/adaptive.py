"""The adaptive schedule as it is, driven through a world by a clock that nobody waits for."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import timedelta

from news.pace import Pace, Terms, next_read, observe
from news.price import Budget, first_price, is_over, next_price
from tests.simulation.freshness.baselines import Reads
from tests.simulation.freshness.world import START, World

PAGE_ENTRIES = 20
"""How many entries every page holds."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Course:
    """What came of a schedule: when each source was asked, and which share of the budget each week used."""

    reads: Reads
    weeks: list[float]


def adaptive(world: World, budget: Budget) -> Course:
    """Return the reads of the schedule under its own price: every decision is one of `news.pace` and `news.price`."""
    reads: Reads = [[] for _ in world.feeds]
    paces = [Pace(until=START) for _ in world.feeds]
    price = first_price(budget, START)
    queue = [(0.0, number) for number in range(len(world.feeds))]
    while queue[0][0] < world.days:
        at, number = heapq.heappop(queue)
        feed, now = world.feeds[number], START + at * _DAY
        if is_over(price, now):
            price = next_price(price, now, budget=budget, sources=len(world.feeds))
        price = replace(price, used=price.used + 1)
        last = reads[number][-1] if reads[number] else 0.0
        if came := feed.between(last, at):
            said = [START + each * _DAY if feed.tells_times else None for each in came]
            paces[number] = observe(paces[number], said, since=START + last * _DAY, until=now, zone=feed.zone)
        reads[number].append(at)
        due = next_read(
            paces[number],
            zone=feed.zone,
            after=now,
            read_until=now,
            price=price.value,
            terms=Terms(),
            page_entries=PAGE_ENTRIES,
            name=feed.name,
        )
        heapq.heappush(queue, ((due.at - START) / _DAY, number))
    whole = 7 * budget.reads_per_day * len(world.feeds)
    weeks = [0] * (world.days // 7)
    for each in reads:
        for at in each:
            weeks[int(at // 7)] += 1
    return Course(reads=reads, weeks=[count / whole for count in weeks])

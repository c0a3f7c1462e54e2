"""Which hosts are crawled together: pure arithmetic over what is due."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from news.run import Lease


@dataclass(frozen=True, kw_only=True, slots=True)
class DueHost:
    """A leased host and its due sources, which take about ``seconds``. ``alone`` after a batch with it was killed."""

    lease: Lease
    source_ids: tuple[int, ...]
    seconds: float = 0.0
    alone: bool = False


def batches(
    due: Sequence[DueHost], *, hosts: int, sources: int, seconds: float = math.inf
) -> list[tuple[DueHost, ...]]:
    """Group due hosts into batches of at most ``hosts`` hosts, about ``sources`` sources and ``seconds`` of waiting.

    A host is never split between batches, so that one process alone talks to it, one source after the other. So hosts
    that will take long go together, and no host that is finished soon holds its process for one that is not. Hosts
    wait for their delays at the same time, but only so many at once: ``seconds`` is what all of them wait together.
    Batches come in the order in which their hosts were due. A host that must go alone gets a batch of its own, with
    its first source only: if it kills the process again, nobody else is hurt, and the source that did it is known.

    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> lease = lambda name: Lease(host=name, token=1, owner="me", leased_at=t, until=t)
    >>> due = [DueHost(lease=lease(n), source_ids=(1, 2), alone=n == "b") for n in "abc"]
    >>> [[(h.lease.host, h.source_ids) for h in batch] for batch in batches(due, hosts=2, sources=50)]
    [[('b', (1,))], [('a', (1, 2)), ('c', (1, 2))]]
    """
    made: list[tuple[DueHost, ...]] = [
        (DueHost(lease=host.lease, source_ids=host.source_ids[:1], alone=True),) for host in due if host.alone
    ]
    place = {host.lease.host: number for number, host in enumerate(due)}
    together = sorted((host for host in due if not host.alone), key=_length)
    grouped = _grouped(together, hosts=hosts, sources=sources, seconds=seconds)
    return made + sorted(grouped, key=lambda batch: min(place[host.lease.host] for host in batch))


def _length(host: DueHost) -> tuple[float, int]:
    return -host.seconds, -len(host.source_ids)


def _grouped(
    due: Sequence[DueHost], *, hosts: int, sources: int, seconds: float
) -> list[tuple[DueHost, ...]]:
    made: list[tuple[DueHost, ...]] = []
    batch: list[DueHost] = []
    count, waits = 0, 0.0
    for host in due:
        full = count + len(host.source_ids) > sources or waits + host.seconds > seconds
        if batch and (full or len(batch) >= hosts):
            made.append(tuple(batch))
            batch, count, waits = [], 0, 0.0
        batch.append(host)
        count += len(host.source_ids)
        waits += host.seconds
    if batch:
        made.append(tuple(batch))
    return made

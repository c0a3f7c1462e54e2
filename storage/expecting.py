"""How long the hosts that are about to be crawled will take, by what their sources asked for until now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, func, select

from news.run import Lease
from storage.engine import reading
from storage.rows import chunks
from storage.tables import Source

REQUESTS_OF_A_NEW_SOURCE = 15
"""Requests, about, of a baseline: some pages of the listing, and looks at as many articles as a run has."""


def expected_seconds(engine: Engine, leased: Sequence[tuple[Lease, tuple[int, ...]]]) -> dict[str, float]:
    """Return by host how many seconds its due sources keep it busy, about: their requests a run, a delay apart.

    A server that answers slowly takes longer, and so does one whose robots.txt asks for more.

    Args:
        engine: the database.
        leased: hosts, each with the ids of the sources that are due.
    """
    seconds = {lease.host: 0.0 for lease, _ in leased}
    delay = func.coalesce(Source.definition["request"]["delay_seconds"].as_float(), 0.0)
    query = select(Source.host, Source.runs_total, Source.requests_total, delay.label("delay"))
    with reading(engine) as connection:
        for some in chunks([source_id for _, ids in leased for source_id in ids]):
            for row in connection.execute(query.where(Source.id.in_(some))):
                a_run = row.requests_total / row.runs_total if row.runs_total else REQUESTS_OF_A_NEW_SOURCE
                seconds[row.host] = seconds.get(row.host, 0.0) + a_run * row.delay
    return seconds

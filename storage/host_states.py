"""What a run leaves of the hosts that it asked: patience, the last request, robots.txt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from news.run import HostState
from storage.engine import insert_into
from storage.tables import Host


def host_values(state: HostState) -> dict[str, Any]:
    """Return a host's state as the columns of its row."""
    return {
        "not_before": state.not_before,
        "last_request_at": state.last_request_at,
        "robots": state.robots,
        "robots_status": state.robots_status,
        "robots_expires_at": state.robots_expires_at,
    }


def keep_further(connection: Connection, states: Sequence[HostState]) -> None:
    """Write down what became of hosts that a run asked without a lease on them: where its articles stand.

    Somebody else may be crawling such a host, so of each fact the later one counts, and the lease is left alone.
    """
    for state in states:
        connection.execute(insert_into(connection, Host).on_conflict_do_nothing(), [{"name": state.name}])
        columns = (Host.not_before, Host.last_request_at, Host.robots_expires_at)
        row = connection.execute(select(*columns).where(Host.name == state.name)).one()
        values = host_values(state)
        if row.robots_expires_at and (
            not state.robots_expires_at or row.robots_expires_at > state.robots_expires_at
        ):
            values = {key: value for key, value in values.items() if not key.startswith("robots")}
        for name in ("not_before", "last_request_at"):
            known = getattr(row, name)
            if known is not None and (values[name] is None or known > values[name]):
                values[name] = known
        connection.execute(update(Host).where(Host.name == state.name).values(values))

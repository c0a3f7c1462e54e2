"""What runs that are settled together write alike, and so write at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, update

from storage.tables import Host, Source

COUNTED = ("runs_total", "unchanged_total", "requests_total", "not_modified_total", "received_bytes")
"""The counters of a source, which every run adds to, also one that came too late for anything else."""


@dataclass(slots=True)
class Later:
    """What every run writes alike, and hundreds of unchanged ones write together: two statements at the end.

    ``unchanged`` are rows of sources; ``hosts`` holds the last word of the runs on each host, by name.
    """

    unchanged: list[dict[str, Any]] = field(default_factory=list)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, connection: Connection) -> None:
        """Write all of it, once every run is decided."""
        sources, hosts = Source.__table__, Host.__table__
        if self.unchanged:
            connection.execute(
                update(sources).where(sources.c.id == bindparam("row_id")),  # type: ignore[arg-type]
                self.unchanged,
            )
        for released in (False, True):
            values = [each for each in self.hosts.values() if ("lease_owner" in each) is released]
            if values:
                connection.execute(
                    update(hosts).where(hosts.c.name == bindparam("row_name")),  # type: ignore[arg-type]
                    values,
                )

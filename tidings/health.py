"""How everything fares, for the command line, the pages and the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.changes import last_run_id
from storage.checking import count_all
from storage.checkup import check_up, limits_of
from storage.engine import database_now, reading
from storage.failures import shown_url
from storage.heartbeat import SCHEDULER, last_beat
from storage.source_status import list_sources
from storage.unread import unread_stretches
from tidings.json_output import Health

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings


def health_of(engine: Engine, settings: Settings) -> Health:
    """Return how everything fares, and what is complained of with these settings."""
    checkup = check_up(engine, limits_of(settings), folders=settings.watched_disks)
    sources = list_sources(engine)
    with reading(engine) as connection:
        last = last_run_id(connection)
        return Health(
            now=database_now(connection),
            database=shown_url(engine),
            sources=sources,
            # From the last run to the last run nothing was lost: what is left are the open ones.
            stretches=unread_stretches(connection, after_run_id=last, upto_run_id=last),
            scheduler=last_beat(engine, SCHEDULER),
            totals=count_all(connection),
            checkup=checkup,
        )

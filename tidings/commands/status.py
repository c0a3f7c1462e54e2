"""``tidings status``: whether everything is being read, and if not, what and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tidings.exits import news_code
from tidings.options import AsJson, Config, Database, Debug, ExitCode, settings_from

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tidings.json_output import Health

SCHEDULER = "scheduler"
"""The name under which `scheduler.service` beats; importing it from there would import APScheduler."""


def status(
    as_json: AsJson = False,
    exit_code: ExitCode = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show the health of every source.

    Who is not being read and since when, what was skipped, what waits, and who is crawling now.
    """
    settings = settings_from(config, database)
    from tidings.opening import database as opened

    with opened(settings) as engine:
        health = health_of(engine)
    if as_json:
        from tidings.json_output import health_json, print_json

        print_json(health_json(health))
    else:
        from tidings.show_status import print_status

        print_status(health)
    if exit_code:
        active = [source.verdict for source in health.sources if not source.paused]
        raise typer.Exit(news_code(active, news=False))


def health_of(engine: Engine) -> Health:
    """Return how everything fares."""
    from storage.changes import last_run_id
    from storage.checking import count_all
    from storage.engine import database_now, reading
    from storage.failures import shown_url
    from storage.heartbeat import last_beat
    from storage.source_status import list_sources
    from storage.unread import unread_stretches
    from tidings.json_output import Health

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
        )

"""``tidings status``: whether everything is being read, and if not, what and since when."""

from __future__ import annotations

import typer

from tidings.exits import news_code
from tidings.options import AsJson, Config, Database, Debug, ExitCode, settings_from


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
    from tidings.health import health_of
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

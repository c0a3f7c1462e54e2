"""``tidings status``: whether everything is being read, and if not, what and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.exits import news_code
from tidings.options import AsJson, Config, Database, Debug, ExitCode, settings_from

if TYPE_CHECKING:
    from tidings.json_output import Health

Metrics = Annotated[
    bool, typer.Option("--metrics", help="Print metrics as Prometheus reads them, and nothing else.")
]


def status(
    as_json: AsJson = False,
    metrics: Metrics = False,
    exit_code: ExitCode = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show the health of every source, and what is to be complained of.

    Who is not being read and since when, what was skipped, what waits, and who is crawling now.
    """
    settings = settings_from(config, database)
    from tidings.health import health_of
    from tidings.opening import database as opened

    if metrics:
        from tidings.metrics import metrics_text

        with opened(settings) as engine:
            text, _ = metrics_text(engine, settings)
        show.write(text.decode("utf-8"))
        return
    with opened(settings) as engine:
        health = health_of(engine, settings)
    if as_json:
        from tidings.json_output import health_json, print_json

        print_json(health_json(health))
    else:
        from tidings.show_status import print_status

        print_status(health)
    if exit_code:
        raise typer.Exit(_code(health))


def _code(health: Health) -> int:
    from news.health import OF_VERDICTS
    from news.run import Verdict

    verdicts = [source.verdict for source in health.sources if not source.paused]
    gone = {each.subject for each in health.checkup.complaints if each.kind in OF_VERDICTS}
    if any(source.paused and source.name in gone for source in health.sources):
        verdicts.append(Verdict.FAILED)  # nobody paused it: its listing said that it is gone
    return news_code(verdicts, news=False, ailing=bool(health.checkup.counts.keys() - OF_VERDICTS))

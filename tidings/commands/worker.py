"""``tidings worker``: one more crawl worker, in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import ConfigError
from tidings import show
from tidings.options import Config, Database, Debug, settings_from

if TYPE_CHECKING:
    from storage.settings import Settings

Processes = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", help="Crawl processes at the same time. [default: 2]"),
]


def worker(
    workers: Processes = None,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Crawl what schedulers have put into the queue, until you stop it.

    For more than one machine. Schedulers (`tidings run`) and workers share a PostgreSQL database and have dispatcher =
    "cluster" in their settings; `tidings db queue` makes the queue, once. Start as many workers as you like, wherever
    you like. Ctrl-C or SIGTERM ends one within seconds: what was read is settled, the rest goes to other workers.
    Prints one line when it is ready; its log goes to stderr.
    """
    settings = settings_from(config, database, workers=workers)
    if settings.dispatcher != "cluster":
        raise ConfigError(
            'dispatcher is "local": schedulers with these settings crawl by themselves and put nothing into the queue; '
            'set dispatcher = "cluster" (TIDINGS_DISPATCHER=cluster) for schedulers and workers alike'
        )
    from scheduler.cluster import need_cluster, need_queue
    from storage.logs import log_to_stderr, secrets_of
    from tidings.opening import database as opened

    need_cluster(settings.database_url)
    with opened(settings) as engine:  # one of an older version is brought up to date, as by every command
        need_queue(engine)
    from scheduler.worker import run_worker

    log_to_stderr(settings.log_level, settings.log_format, secrets=secrets_of(settings))
    run_worker(settings, on_ready=lambda: show.say(_running(settings)))


def _running(settings: Settings) -> str:
    from storage.failures import shown_url

    processes = f"{settings.workers} crawl process{'es' if settings.workers != 1 else ''}"
    return (
        f"tidings worker takes jobs from {shown_url(settings.database_url)} for {processes}; Ctrl-C stops it"
    )

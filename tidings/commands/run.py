"""``tidings run``: crawl on schedule, in the foreground."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import SourceError
from tidings import show
from tidings.commands.serve import Host, Port
from tidings.exits import DONE
from tidings.options import Config, Database, Debug, settings_from

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from storage.settings import Settings
    from storage.source_status import SourceStatus
    from tidings.serving.server import WebServer

logger = logging.getLogger(__name__)

STOPPING_SECONDS = 9.0
"""How long after SIGTERM what has not ended by itself is left as it is; containers are killed after ten."""

Serve = Annotated[
    bool | None,
    typer.Option("--serve/--no-serve", help="Serve the web pages and the HTTP API too. [default: not]"),
]


def run(
    serve: Serve = None,
    host: Host = None,
    port: Port = None,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Crawl on schedule until you stop it, or have it crawled by workers (`tidings worker --help`).

    Ctrl-C or SIGTERM ends it gracefully: what was read is settled, the rest is due again. Prints one line when it is
    ready; its log goes to stderr.
    """
    settings = settings_from(config, database, serve=serve, serve_host=host, serve_port=port)
    if settings.dispatcher == "cluster":
        from scheduler.cluster import need_cluster

        need_cluster(settings.database_url)
    active = _active(settings)
    from scheduler.service import run_forever
    from storage.logs import log_to_stderr, secrets_of

    log_to_stderr(settings.log_level, settings.log_format, secrets=secrets_of(settings))
    with ExitStack() as around:
        last_resort = around.enter_context(_last_resort())
        server, address = around.enter_context(_served(settings)) if settings.serve else (None, "")

        def ends() -> None:
            last_resort.start()
            if server is not None:
                server.ask_to_stop()

        run_forever(settings, on_ready=lambda: show.say(_running(settings, active, address)), on_stop=ends)


@contextmanager
def _last_resort() -> Generator[threading.Timer]:
    """Once started, end the process when it is time, whatever still keeps it: a database that does not answer, say.

    That loses nothing: what a killed process leaves behind is taken up again too.
    """
    timer = threading.Timer(STOPPING_SECONDS, _leave)
    timer.daemon = True
    try:
        yield timer
    finally:
        timer.cancel()


def _leave() -> None:
    logger.warning("not everything has ended within %g seconds; the next start takes it up", STOPPING_SECONDS)
    logging.shutdown()
    os._exit(DONE)


def _running(settings: Settings, active: Sequence[SourceStatus], address: str) -> str:
    from storage.failures import shown_url

    sources, hosts = len(active), len({status.host for status in active})
    served = f", served at {address}" if address else ""
    crawled = ", crawled by workers" if settings.dispatcher == "cluster" else ""
    return (
        f"tidings is running: {sources} source{'s' if sources != 1 else ''} on {hosts} "
        f"host{'s' if hosts != 1 else ''}{crawled}, kept in {shown_url(settings.database_url)}{served}; Ctrl-C stops it"
    )


@contextmanager
def _served(settings: Settings) -> Generator[tuple[WebServer, str]]:
    """Serve beside the scheduler, in a thread of its own, until the end; yield the server and its address."""
    from tidings.opening import database
    from tidings.serving.opening import open_server

    with database(settings, create=True) as engine:
        server, address = open_server(engine, settings)
        server.start()
        try:
            yield server, address
        finally:
            server.stop()


def _active(settings: Settings) -> Sequence[SourceStatus]:
    from storage.source_status import list_sources
    from tidings.declared import HOW_TO_ADD, ready_sources
    from tidings.opening import database, holds_nothing

    with ExitStack() as around:
        empty = holds_nothing(settings)
        found = [] if empty else list_sources(around.enter_context(database(settings)))
    if not found:
        if settings.serve:  # sources can be added there
            return []
        raise SourceError(f"there is no source to crawl; {HOW_TO_ADD}")
    active = [status for status in found if not status.paused]
    if not active:
        show.warn("every source is paused; `tidings sources resume NAME` takes one up again")
    else:
        ready_sources(settings, [status.name for status in active])  # what the catalogue mended since
    return active

"""``tidings run``: crawl on schedule, in the foreground."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import SourceError
from tidings import show
from tidings.commands.serve import Host, Port
from tidings.options import Config, Database, Debug, settings_from

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from storage.settings import Settings
    from storage.source_status import SourceStatus


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
        address = around.enter_context(_served(settings)) if settings.serve else ""
        run_forever(settings, on_ready=lambda: show.say(_running(settings, active, address)))


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
def _served(settings: Settings) -> Generator[str]:
    """Serve beside the scheduler, in a thread of its own, from its address on until the end."""
    from tidings.opening import database
    from tidings.serving.opening import open_server

    with database(settings, create=True) as engine:
        server, address = open_server(engine, settings)
        server.start()
        try:
            yield address
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

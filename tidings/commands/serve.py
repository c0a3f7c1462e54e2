"""``tidings serve``: the web pages and the HTTP API, in the foreground."""

from __future__ import annotations

from typing import Annotated

import typer

from tidings import show
from tidings.options import Config, Database, Debug, settings_from

Host = Annotated[
    str | None,
    typer.Option("--host", metavar="ADDRESS", help="Listen at this address. [default: 127.0.0.1]"),
]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="N", help="Listen on this port, 0 for a free one. [default: 8000]"),
]


def serve(
    host: Host = None,
    port: Port = None,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Serve the web pages and the HTTP API until you stop it.

    Only this machine reaches it unless you say otherwise; for others somebody must be able to sign in (`tidings users
    add`). Ctrl-C or SIGTERM ends it within seconds. Prints one line when it is ready; its log goes to stderr.
    """
    settings = settings_from(config, database, serve_host=host, serve_port=port)
    from storage.failures import shown_url
    from storage.logs import log_to_stderr, secrets_of
    from tidings.opening import database as opened
    from tidings.serving.opening import open_server

    log_to_stderr(settings.log_level, settings.log_format, secrets=secrets_of(settings))
    with opened(settings, create=True) as engine:
        server, address = open_server(engine, settings)

        def ready() -> None:
            show.say(f"tidings serves {shown_url(settings.database_url)} at {address}; Ctrl-C stops it")

        server.run(on_ready=ready)

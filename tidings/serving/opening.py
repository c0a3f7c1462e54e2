"""A server of an installation's settings: its application with all routes, on a socket that listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.errors import ConfigError
from tidings.serving.app import create_app
from tidings.serving.doors import doors_of
from tidings.serving.server import WebServer, listen

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings


def open_server(engine: Engine, settings: Settings) -> tuple[WebServer, str]:
    """Return a server that listens already, and the address at which a person finds it.

    Raises:
        ConfigError: it cannot listen there, or others could reach it and nobody could sign in.
    """
    doors = doors_of(settings)
    if doors.exposed:
        raise ConfigError("only loopback is served so far")
    listener = listen(doors)
    port = listener.getsockname()[1]
    host = f"[{doors.host}]" if ":" in doors.host else doors.host
    address = doors.public_url or f"http://{host}:{port}"
    return WebServer(create_app(engine, settings, doors=doors), listener), f"{address}/"

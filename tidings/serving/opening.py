"""A server of an installation's settings: its application with all routes, on a socket that listens."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from news.errors import ConfigError
from storage.engine import reading
from storage.users import anybody_is_known
from tidings.pages.drawing import PagesDrawing
from tidings.pages.router import pages
from tidings.serving.app import create_app
from tidings.serving.doors import doors_of, is_loopback
from tidings.serving.server import WebServer, listen

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings
    from tidings.serving.doors import Doors

logger = logging.getLogger(__name__)


def open_server(engine: Engine, settings: Settings) -> tuple[WebServer, str]:
    """Return a server that listens already, and the address at which a person finds it.

    Raises:
        ConfigError: it cannot listen there, or others could reach it and nobody could sign in.
    """
    doors = doors_of(settings)
    _refuse_open_doors(engine, doors)
    listener = listen(doors)
    port = listener.getsockname()[1]
    host = f"[{doors.host}]" if ":" in doors.host else doors.host
    address = doors.public_url or f"http://{host}:{port}"
    app = create_app(engine, settings, doors=doors, routers=[pages()], drawing=PagesDrawing())
    return WebServer(app, listener), f"{address}/"


def _refuse_open_doors(engine: Engine, doors: Doors) -> None:
    if not doors.exposed:
        return
    with reading(engine) as connection:
        known = anybody_is_known(connection)
    if not known:
        where = doors.public_url or doors.host
        raise ConfigError(
            f"others than this machine could reach the server ({where}), and nobody could sign in: add somebody "
            "(`tidings users add NAME`), or serve at 127.0.0.1 without public_url, allowed_hosts and trusted_proxies"
        )
    if not is_loopback(doors.host) and not doors.secure:
        logger.warning(
            "passwords and tokens cross the network in the open, unless a proxy with TLS stands before %s; "
            "the setting public_url says so (https://…)",
            doors.host,
        )

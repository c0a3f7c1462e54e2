"""The web server: an application behind a listening socket, until it is asked to stop."""

from __future__ import annotations

import contextlib
import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from news.errors import ConfigError
from tidings.serving.doors import Doors
from tidings.serving.served import Served

logger = logging.getLogger(__name__)

GRACE_SECONDS = 5
"""How long a stopping server lets answers finish that are on their way."""
START_SECONDS = 30


class WebServer:
    """Serves an application, in this thread or in one of its own.

    Args:
        app: made by `tidings.serving.app.create_app`.
        listener: a socket of `listen`; it is closed at the end.
    """

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        served: Served = app.state.served
        self._listener = listener
        proxies = list(served.doors.proxies)
        config = uvicorn.Config(
            app,
            lifespan="on",
            ws="none",
            log_config=None,  # the command has said where its log goes
            access_log=False,  # addresses may hold the secret of an unsubscribe link
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        self._server = _Server(config, ending=served.watch.close)
        self._thread: threading.Thread | None = None

    def run(self, *, on_ready: Callable[[], None] | None = None) -> None:
        """Serve in this thread, the main one, until SIGTERM or SIGINT."""
        self._server.on_ready = on_ready
        before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            self._server.run(sockets=[self._listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        logger.info("stopped serving")

    def start(self) -> None:
        """Serve in a thread of its own until `stop`.

        Raises:
            ConfigError: it did not start; the log says why.
        """
        ready = threading.Event()
        self._server.on_ready = ready.set
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="web server", daemon=True)
        self._thread.start()
        if not ready.wait(START_SECONDS) or not self._server.started:
            raise ConfigError("the web server did not start; the log says why")

    def ask_to_stop(self) -> None:
        """Take no more requests, and send those away who wait; returns at once."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Let the answers finish that are on their way, and end."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join(GRACE_SECONDS + START_SECONDS)

    def _serve(self, ready: threading.Event) -> None:
        try:
            self._server.run(sockets=[self._listener])
        finally:
            ready.set()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._server.should_exit and number == signal.SIGINT:
            self._server.force_exit = True
        self._server.should_exit = True


def listen(doors: Doors) -> socket.socket:
    """Return a socket that listens where the server is to be reached.

    Raises:
        ConfigError: it cannot listen there; the message says why.
    """
    family = socket.AF_INET6 if ":" in doors.host else socket.AF_INET
    where = f"{doors.host}:{doors.port}" if family == socket.AF_INET else f"[{doors.host}]:{doors.port}"
    try:
        return socket.create_server((doors.host, doors.port), family=family, backlog=512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"{where}: something else listens there already; end it, or choose another --port"
            ) from error
        reason = error.strerror or str(error)
        raise ConfigError(
            f"{where}: it is not possible to listen there ({reason}); check --host and --port"
        ) from error


class _Server(uvicorn.Server):
    """Sends those away who wait for changes before it waits for them, and leaves signals to its owner."""

    def __init__(self, config: uvicorn.Config, *, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending
        self.on_ready: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.on_ready is not None:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        with contextlib.nullcontext():
            yield

"""A real HTTP receiver that does what receivers do: takes, refuses, fails, redirects, hangs, drips, answers late."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Came:
    """One request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Does:
    """What the receiver does with one request.

    Args:
        status: what it answers; 0 cuts the connection instead.
        hangs: it reads all and never answers, until it is closed.
        drips: it answers one header after the other for ever.
        before: called with the request before it is answered, and ``after`` when the answer is out.
    """

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    drips: bool = False
    before: Callable[[Came], object] = lambda _came: None
    after: Callable[[Came], object] = lambda _came: None


class Receiver:
    """Listens on this machine; what it does is said beforehand, or decided each time.

    Args:
        does: what it does with the first requests, and ``then`` with all that come later.
        tls: with it the receiver speaks TLS.
        decide: says what it does with a request that has come, in place of the former.
    """

    def __init__(
        self,
        *does: Does,
        then: Does | None = None,
        tls: ssl.SSLContext | None = None,
        decide: Callable[[Came], Does] | None = None,
    ) -> None:
        self._decide = decide
        self.came: list[Came] = []
        self._does = deque(does)
        self._then = then or Does()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Requests", (_Requests,), {"receiver": self}))
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def takes(self, came: Came) -> Does:
        with self._lock:
            self.came.append(came)
            if self._decide is not None:
                return self._decide(came)
            return self._does.popleft() if self._does else self._then

    def waits(self, seconds: float = 60) -> bool:
        """Wait until the receiver is closed; say whether it was."""
        return self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Senders that go away are what it is for."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        came = Came(method=self.command, path=self.path, headers=headers, body=body)
        does = self.receiver.takes(came)
        does.before(came)
        self._answer(does)
        does.after(came)

    def _answer(self, does: Does) -> None:
        self.close_connection = True
        if does.hangs:
            self.receiver.waits()
        elif does.drips:
            self._drip()
        elif does.status == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._say(does)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.receiver.waits(0.05):
            self.wfile.write(b"X-More: and more\r\n")

    def _say(self, does: Does) -> None:
        self.send_response(does.status)
        for name, value in {"Content-Length": str(len(does.body)), **does.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(does.body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""

"""A news site on the loopback interface that a test writes, changes and reads the log of.

    with LocalSite() as site:
        site.page("/news/", "<article>…</article>")           # 200, text/html, ETag, answers 304 by itself
        site.script("/a", Answer(status=503, headers={"Retry-After": "2"}), Answer(body="well again"))
        ... crawl site.url("/news/") ...
        assert [request.path for request in site.log] == ["/robots.txt", "/news/", "/a"]

Standard library only. It binds a free port of 127.0.0.1, answers in threads, and keeps a log of every request with
its time (monotonic seconds) and headers. ``robots.txt`` is there and allows everything until a test says otherwise.
Several names lead to one site when the test's resolver says so: routes may be bound to a ``Host`` header.
"""

from __future__ import annotations

import gzip
import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived; header names are lower-case. ``at`` and ``until`` are monotonic seconds."""

    method: str
    path: str
    host: str
    headers: Mapping[str, str]
    at: float
    status: int = 0

    @property
    def conditional(self) -> bool:
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a path answers with.

    ``etag`` and ``last_modified`` make the path answer 304 when they come back verbatim; ``etag=True`` makes a tag of
    the body. ``delay_seconds`` waits before the status line; ``drip_seconds`` sends one byte per so many seconds, and
    for ever; ``reset`` closes the connection with a TCP reset; ``cut`` promises more bytes than it sends.
    """

    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = HTML
    etag: str | bool = False
    last_modified: str = ""
    gzipped: bool = False
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    reset: bool = False
    cut: bool = False

    @property
    def data(self) -> bytes:
        raw = self.body.encode() if isinstance(self.body, str) else self.body
        return gzip.compress(raw) if self.gzipped else raw

    @property
    def tag(self) -> str:
        if self.etag is True:
            return f'"{hashlib.blake2b(self.data, digest_size=8).hexdigest()}"'
        return self.etag or ""


Responder = Callable[[Asked], Answer]

MISSING = Answer(status=404, body="<title>Not found</title><h1>Not found</h1>")
ALLOW_ALL = Answer(body="User-agent: *\nDisallow:\n", content_type="text/plain")


def redirect(location: str, status: int = 302) -> Answer:
    """Return an answer that leads elsewhere."""
    return Answer(status=status, headers={"Location": location})


class LocalSite:
    """A scriptable site; use it as a context manager. All methods may be called while it serves."""

    def __init__(self, *, tls: Any = None) -> None:
        self._lock = threading.Lock()
        self._routes: dict[str, list[Answer] | Responder] = {"/robots.txt": [ALLOW_ALL]}
        self._log: list[Asked] = []
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._scheme = "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    # ------------------------------------------------------------------------------------------ writing it

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return the address of ``path``, under any name that leads here (``localhost``, another 127.…)."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    def page(self, path: str, body: str, *, etag: str | bool = True, **answer: Any) -> None:
        """Serve ``body`` as a page with an entity tag, over whatever was there."""
        self.script(path, Answer(body=body, etag=etag, **answer))

    def script(self, path: str, *answers: Answer) -> None:
        """Answer the n-th request for ``path`` from now on with the n-th of these; the last one stays."""
        with self._lock:
            self._routes[path] = list(answers)

    def respond(self, path: str, responder: Responder) -> None:
        """Ask ``responder`` for each answer, whatever query follows the path."""
        with self._lock:
            self._routes[path] = responder

    def remove(self, path: str, status: int = 404) -> None:
        """Answer ``path`` with 404, or 410."""
        self.script(path, Answer(status=status, body=f"<title>{status}</title>"))

    def robots(self, text: str, status: int = 200, **answer: Any) -> None:
        """Serve another robots.txt."""
        self.script("/robots.txt", Answer(body=text, status=status, content_type="text/plain", **answer))

    # ------------------------------------------------------------------------------------------ reading it

    @property
    def log(self) -> list[Asked]:
        """Every request so far, in the order of arrival."""
        with self._lock:
            return list(self._log)

    def asked(self, path: str) -> list[Asked]:
        """The requests for one path."""
        return [request for request in self.log if request.path == path]

    def paths(self, *, robots: bool = False) -> list[str]:
        """The paths that were asked for, without robots.txt unless it is wanted."""
        return [request.path for request in self.log if robots or request.path != "/robots.txt"]

    def forget(self) -> None:
        """Empty the log."""
        with self._lock:
            self._log.clear()

    # ------------------------------------------------------------------------------------------ answering

    def _answer(self, request: Asked) -> Answer:
        with self._lock:
            route = self._routes.get(request.path)
            if route is None and callable(by_path := self._routes.get(request.path.partition("?")[0])):
                route = by_path
            answer = MISSING
            if isinstance(route, list):
                answer = route.pop(0) if len(route) > 1 else route[0]
        if callable(route):
            answer = route(request)
        if answer.status == 200 and _unchanged(request, answer):
            # What a cache needs comes with a 304 too (RFC 9110 §15.4.5).
            answer = replace(answer, status=304, etag=answer.tag, body="")
        with self._lock:
            self._log.append(Asked(**{**vars(request), "status": answer.status}))
        return answer

    def _wait(self, seconds: float) -> bool:
        return self._stopping.wait(seconds)


def _unchanged(request: Asked, answer: Answer) -> bool:
    tag = request.headers.get("if-none-match")
    if tag is not None:
        return bool(answer.tag) and tag == answer.tag
    since = request.headers.get("if-modified-since")
    return bool(answer.last_modified) and since == answer.last_modified


def http_date(at: datetime | None = None) -> str:
    """Return a time as ``Last-Modified`` and ``Retry-After`` spell it."""
    return format_datetime((at or datetime.now(UTC)).astimezone(UTC), usegmt=True)


def rows(items: Iterable[tuple[str, str]], *, next_url: str = "", title: str = "News") -> str:
    """Return a small listing: (path, title) pairs in a list, and a link to the next page."""
    entries = "".join(f'<li class="item"><a href="{path}">{text}</a></li>' for path, text in items)
    more = f'<a class="next" href="{next_url}">Older</a>' if next_url else ""
    return f"<!doctype html><html><head><title>{title}</title></head><body><ul>{entries}</ul>{more}</body></html>"


def article(title: str, body: str) -> str:
    """Return an article's page."""
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1><div class=body><p>{body}</p></div></article></body></html>"
    )


class _Server(ThreadingHTTPServer):
    site: LocalSite
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the site."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Asked(
            method=self.command,
            path=self.path,
            host=headers.get("host", ""),
            headers=headers,
            at=time.monotonic(),
        )
        answer = self.server.site._answer(request)
        if answer.delay_seconds and self.server.site._wait(answer.delay_seconds):
            return
        if answer.reset:
            self._reset()
            return
        self._send(answer)

    do_HEAD = do_GET  # noqa: N815

    def _send(self, answer: Answer) -> None:
        data = b"" if answer.status == 304 else answer.data
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.tag:
            self.send_header("ETag", answer.tag)
        if answer.last_modified:
            self.send_header("Last-Modified", answer.last_modified)
        if answer.gzipped:
            self.send_header("Content-Encoding", "gzip")
        if data:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(data) + 100 * answer.cut))
        self.end_headers()
        if self.command == "HEAD":
            return
        if answer.drip_seconds:
            self._drip(data, answer.drip_seconds)
        else:
            self.wfile.write(data)
        if answer.cut:
            self.close_connection = True

    def _drip(self, data: bytes, seconds: float) -> None:
        for index in range(len(data)):
            self.wfile.write(data[index : index + 1])
            self.wfile.flush()
            if self.server.site._wait(seconds):
                self.close_connection = True
                return

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The site keeps its own log."""

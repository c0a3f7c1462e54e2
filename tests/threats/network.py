"""The far side of the network for attacks: names that lie, a port that counts, servers that do not behave.

The resolvers are named by import path in the setting ``TIDINGS_RESOLVER``; the crawl's process imports them.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Self

UNROUTED = "2d00::1"
"""A public address by the rule, in a block that nobody has: nothing that is sent there arrives anywhere."""


async def everything_is_here(host: str) -> tuple[str, ...]:
    """Let every name lead to this machine."""
    return ("127.0.0.1",)


async def public_and_private(host: str) -> tuple[str, ...]:
    """Answer with a public address, and with this machine's too."""
    return (UNROUTED, "127.0.0.1")


class Rebinding:
    """Answers with a public address the first time, and with this machine's from then on."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, host: str) -> tuple[str, ...]:
        self.asked += 1
        return (UNROUTED,) if self.asked == 1 else ("127.0.0.1",)


rebinding = Rebinding()


class LyingSystem:
    """A Scrapy extension: the system's own resolver, asked by whoever connects by name, leads to this machine."""

    def __init__(self) -> None:
        real = socket.getaddrinfo

        def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
            return real("127.0.0.1" if host == "rebound.test" else host, *rest, **more)

        socket.getaddrinfo = getaddrinfo
        socket.gethostbyname = lambda name: "127.0.0.1" if name == "rebound.test" else name


async def public(host: str) -> tuple[str, ...]:
    """Answer with a public address."""
    return (UNROUTED,)


class Listener:
    """A port of this machine that nobody may reach: it counts connections, which the kernel completes by itself."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.bind((host, 0))
        self._socket.listen(100)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def connections(self) -> int:
        """Return how many connections arrived since the last question."""
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


Misbehave = Callable[[socket.socket, str], None]


class RawSite:
    """A server that answers each request with whatever a function writes; robots.txt is missing."""

    def __init__(self, misbehave: Misbehave) -> None:
        self.asked: list[str] = []
        self.stopping = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = self.request.recv(65_536)
                    if not part:
                        return
                    head += part
                line = head.partition(b"\r\n")[0].decode("latin-1")
                outer.asked.append(line)
                if line.split(" ")[1] == "/robots.txt":
                    self.request.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    return
                try:
                    misbehave(self.request, line)
                except OSError:
                    return  # the client has had enough, which is what is wanted

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])

    def url(self, path: str = "/news/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def raw_site(misbehave: Misbehave) -> Generator[RawSite]:
    """Serve until the block ends."""
    site = RawSite(misbehave)
    thread = threading.Thread(target=site._server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopping.set()
        site._server.shutdown()
        site._server.server_close()
        thread.join(5)


class PeakMemory:
    """A Scrapy extension that tells the crawl process's largest memory, in megabytes, among the statistics."""

    def __init__(self, crawler: Any) -> None:
        from scrapy import signals

        self._crawler = crawler
        crawler.signals.connect(self.tell, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        return cls(crawler)

    def tell(self) -> None:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self._crawler.stats.set_value("peak_megabytes", peak)

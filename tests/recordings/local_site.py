"""A local HTTP site with everything that makes recording hard; each page is served by a small function."""

import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]

TEXT = (
    "<html><body><h1>Harbour reopens</h1><p>Ferries sail again, says the port. أخبار المرفأ</p></body></html>"
)
BIG = b"<html><body>" + bytes(range(32, 127)) * 220_000 + b"</body></html>"  # about 20 MB
WRONG_CHARSET = "<html><p>caf\u00e9 cr\u00e8me</p></html>".encode("latin-1")
BINARY = bytes(range(256)) * 64


@dataclass(slots=True)
class Log:
    """What the site was asked: method and path with query, in order."""

    asked: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log: Log

    def do_GET(self) -> None:
        self.log.asked.append(f"{self.command} {self.path}")
        page = getattr(
            self, f"page_{urlsplit(self.path).path.strip('/').replace('.', '_')}", self.page_missing
        )
        page()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response_only(status)
        for name, value in ({"Content_Type": "text/html; charset=UTF-8"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def page_missing(self) -> None:
        self.answer(b"<html>nothing here</html>", 404)

    def page_robots_txt(self) -> None:
        self.answer(b"User-agent: *\nDisallow: /private\n", Content_Type="text/plain")

    def page_plain(self) -> None:
        self.answer(TEXT.encode(), ETag='"v1"', X_Raw="caf\xe9")  # one byte that is no UTF-8

    def page_gzip(self) -> None:
        self.answer(gzip.compress(TEXT.encode()), Content_Encoding="gzip")

    def page_deflate(self) -> None:
        self.answer(zlib.compress(TEXT.encode()), Content_Encoding="deflate")

    def page_brotli(self) -> None:
        self.answer(brotli.compress(TEXT.encode()), Content_Encoding="br")

    def page_unknown_encoding(self) -> None:
        self.answer(b"sealed", Content_Encoding="rot13")

    def page_broken_gzip(self) -> None:
        self.answer(b"no gzip at all", Content_Encoding="gzip")

    def page_wrong_charset(self) -> None:
        self.answer(WRONG_CHARSET)

    def page_binary(self) -> None:
        self.answer(BINARY)

    def page_big(self) -> None:
        self.answer(BIG)

    def page_chunked(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (b"first ", b"second"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def page_moved(self) -> None:
        self.answer(b"", 301, Location="/moved_again")

    def page_moved_again(self) -> None:
        self.answer(b"", 302, Location="/plain")

    def page_counter(self) -> None:
        visits = sum(asked == "GET /counter" for asked in self.log.asked)
        self.answer(f"visit {visits}".encode())

    def page_conditional(self) -> None:
        if self.headers.get("If-None-Match") == '"v1"':
            self.answer(b"", 304, ETag='"v1"')
        else:
            self.answer(TEXT.encode(), ETag='"v1"')

    def page_cookie(self) -> None:
        self.answer(b"here is a cookie", Set_Cookie="session=canary-cookie-0123456789; Path=/")

    def page_echo(self) -> None:
        """Show a visitor everything that he sent, as some error pages do."""
        sent = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        self.answer(
            f"{self.path}\n{sent}".encode(), X_Echo=self.path, X_Token=self.headers.get("X-Token", "")
        )

    def page_posted(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def page_slow(self) -> None:
        self.log.release.wait(20)
        self.close_connection = True

    def page_reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RD)

    def page_cut(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def local_site() -> Iterator[tuple[str, Log]]:
    """The site's address and its log, while the block runs."""
    log = Log()
    server = _Server(("127.0.0.1", 0), type("Site", (_Site,), {"log": log}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", log
    finally:
        log.release.set()
        server.shutdown()
        server.server_close()
        thread.join(5)

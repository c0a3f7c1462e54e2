"""The proxy through which a browser reaches the network: every connection of every page passes the address gate.

A page's scripts ask for whatever they like: other hosts, private addresses, names that resolve to something else a
second later. So the browser gets no network of its own. It speaks to this proxy on loopback (RFC 9110 §7.6: absolute
form for http, CONNECT for https and WebSockets), which resolves, checks and connects, and hands the bytes through.

Each source has a pass of its own (the credentials of RFC 7617), so that the right to private addresses of one is never
another's, and no other process of the machine can use the proxy.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.failures import RefusedAddress
from news.addresses import endpoint_key
from news.errors import UrlError
from news.urls import Endpoint, endpoint_of

logger = logging.getLogger(__name__)

MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0
CHUNK = 64 * 1024

Connect = Callable[[str, int, frozenset[str]], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
"""Connects to a host and port at a checked address; the set names what may be private (`endpoint_key`)."""

_DROPPED = frozenset({b"proxy-authorization", b"proxy-connection", b"connection", b"keep-alive"})


@dataclass(kw_only=True, slots=True)
class Pass:
    """What one source may do here: reach public addresses, those of ``private_hosts`` too, and ``budget`` bytes a page.

    ``refused`` holds what its page asked for in vain: why, by `news.addresses.endpoint_key`.
    """

    token: str
    private_hosts: frozenset[str]
    budget: int = 0
    left: int = 0
    refused: dict[str, Exception] = field(default_factory=dict)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def begin_page(self) -> None:
        """Give the next page its whole budget; what an earlier one still had under way is cut off."""
        self.cut_off()
        self.left = self.budget
        self.refused.clear()

    def cut_off(self) -> None:
        """End every connection of this pass."""
        for writer in list(self.writers):
            writer.close()

    @property
    def is_spent(self) -> bool:
        """Say whether the page brought more bytes than it may."""
        return self.left <= 0


class FilteringProxy:
    """An HTTP proxy on loopback for one crawl process.

    The socket listens from the beginning, so that the browser can be told its port; `start` serves it.

    Args:
        connect: the address gate's own connect.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._passes: dict[str, Pass] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return where the proxy listens."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def issue(self, private_hosts: Iterable[str], *, budget: int) -> Pass:
        """Return a new pass; its ``token`` is both user and password.

        Args:
            private_hosts: what may be private for its pages, by `news.addresses.endpoint_key`.
            budget: bytes that one page may bring, with everything that belongs to it.
        """
        token = secrets.token_urlsafe(24)
        issued = Pass(token=token, private_hosts=frozenset(private_hosts), budget=budget, left=budget)
        self._passes[token] = issued
        return issued

    async def start(self) -> None:
        """Begin to serve; calling it again does nothing."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=self._socket, limit=MAX_HEAD_BYTES)

    async def close(self) -> None:
        """End every connection and stop listening."""
        for issued in self._passes.values():
            issued.cut_off()
        if self._server is not None:
            self._server.close()
        self._socket.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            writer.close()
            return
        try:
            await self._answer(_Head.parse(head), reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            logger.debug("a connection of the browser ended: %s", error)
        finally:
            writer.close()

    async def _answer(self, head: _Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        issued = self._passes.get(head.token)
        if issued is None:
            await _say(writer, 407, 'Proxy-Authenticate: Basic realm="tidings"\r\n')
            return
        try:
            endpoint = head.target()
        except UrlError:
            await _say(writer, 403)
            return
        try:
            far = await self._connect(endpoint.host, endpoint.port, issued.private_hosts)
        except (RefusedAddress, OSError) as error:
            issued.refused.setdefault(endpoint_key(endpoint.host, endpoint.port), error)
            await _say(writer, 403 if isinstance(error, RefusedAddress) else 502)
            return
        far_reader, far_writer = far
        issued.writers |= {writer, far_writer}
        try:
            if head.method == "CONNECT":
                await _say(writer, 200)
            else:
                far_writer.write(head.onward())
            await _both_ways(reader, writer, far_reader, far_writer, issued)
        finally:
            issued.writers -= {writer, far_writer}
            far_writer.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    """The head of a request to a proxy."""

    method: str
    uri: str
    version: str
    lines: tuple[bytes, ...]
    token: str

    @classmethod
    def parse(cls, head: bytes) -> _Head:
        first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
        method, uri, version = first.decode("ascii").split(" ")
        kept = tuple(line for line in lines if line.partition(b":")[0].strip().lower() not in _DROPPED)
        return cls(method=method, uri=uri, version=version, lines=kept, token=_token(lines))

    def target(self) -> Endpoint:
        """Return the host and port that are asked for.

        Raises:
            UrlError: it is no address that tidings would ask for.
        """
        return endpoint_of(f"https://{self.uri}/" if self.method == "CONNECT" else self.uri)

    def onward(self) -> bytes:
        """Return the head in origin form, for the server itself; one request a connection keeps it simple."""
        parts = urlsplit(self.uri)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        first = f"{self.method} {path} {self.version}".encode("ascii")
        return b"\r\n".join([first, *self.lines, b"Connection: close", b"", b""])


def _token(lines: Iterable[bytes]) -> str:
    for line in lines:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"proxy-authorization" and value.strip().lower().startswith(b"basic "):
            try:
                return base64.b64decode(value.strip()[6:]).decode("ascii").partition(":")[0]
            except ValueError:
                return ""
    return ""


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    issued: Pass,
) -> None:
    """Hand bytes through until the server has said everything, or the page's budget is spent."""
    upward = asyncio.ensure_future(_pump(reader, far_writer, None))
    try:
        await _pump(far_reader, writer, issued)
    finally:
        upward.cancel()
        await asyncio.gather(upward, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, issued: Pass | None) -> None:
    while data := await reader.read(CHUNK):
        if issued is not None:
            issued.left -= len(data)
            if issued.is_spent:
                return
        writer.write(data)
        await writer.drain()


_PHRASES = {
    200: "Connection established",
    403: "Forbidden",
    407: "Proxy authentication required",
    502: "Bad gateway",
}


async def _say(writer: asyncio.StreamWriter, status: int, headers: str = "") -> None:
    ending = "" if status == 200 else "Content-Length: 0\r\nConnection: close\r\n"
    writer.write(f"HTTP/1.1 {status} {_PHRASES[status]}\r\n{headers}{ending}\r\n".encode("ascii"))
    await writer.drain()

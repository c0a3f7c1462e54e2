"""Asks for one host's robots.txt without a crawl: through the gate, politely, and within a bounded time."""

from __future__ import annotations

import asyncio
import http.client
import io
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from crawler.failures import RefusedAddress
from crawler.gate import Gate, connect_checked
from crawler.robots import MAX_BYTES, Rules, readable_text
from news.errors import UrlError
from news.urls import endpoint_of, fetchable_url

MAX_HOPS = 5
_MAX_ANSWER_BYTES = MAX_BYTES + 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class RobotsAnswer:
    """What a host answered. ``error`` says why nothing could be had, and is empty otherwise.

    ``date`` is the server's clock, from the header ``Date``; None where there is none, or a cache answered.
    """

    url: str
    status: int = 0
    text: str = ""
    date: datetime | None = None
    error: str = ""
    refused: bool = False

    @property
    def rules(self) -> Rules:
        """Return what it allows, by RFC 9309: 4xx everything, 5xx and no answer nothing."""
        if self.error:
            return Rules.refusing(f"robots.txt could not be had: {self.error}")
        if self.status >= 500 or self.status == 429:
            return Rules.refusing(f"robots.txt answered {self.status}, which forbids everything")
        return Rules(self.text if 200 <= self.status < 300 else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """How it is asked."""

    gate: Gate
    user_agent: str
    allowed_private: frozenset[str] = frozenset()
    timeout_seconds: float = 10.0


async def ask_robots(url: str, asking: Asking) -> RobotsAnswer:
    """Return what the host of ``url`` says to us; up to five redirects are followed, each through the gate.

    Nothing is raised: an answer that could not be had says why.
    """
    endpoint = endpoint_of(url)
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    place = f"{endpoint.scheme}://{host}:{endpoint.port}/robots.txt"
    try:
        async with asyncio.timeout(asking.timeout_seconds):
            for _ in range(MAX_HOPS + 1):
                status, headers, body = await _fetched(place, asking)
                target = headers.get("Location")
                if status not in (301, 302, 303, 307, 308) or not target:
                    return RobotsAnswer(
                        url=place, status=status, text=readable_text(body), date=_date(headers)
                    )
                place = fetchable_url(urljoin(place, target))
    except RefusedAddress as error:
        return RobotsAnswer(url=place, error=str(error), refused=True)
    except TimeoutError:
        return RobotsAnswer(url=place, error=f"no answer within {asking.timeout_seconds:g} seconds")
    except ssl.SSLCertVerificationError as error:
        return RobotsAnswer(url=place, error=f"its certificate is not trusted: {error.verify_message}")
    except (OSError, UrlError, http.client.HTTPException, ValueError) as error:
        return RobotsAnswer(url=place, error=str(error) or type(error).__name__)
    return RobotsAnswer(url=place, status=404)  # redirects without end: unavailable (RFC 9309 §2.3.1.2)


async def _fetched(url: str, asking: Asking) -> tuple[int, http.client.HTTPMessage, bytes]:
    endpoint = endpoint_of(url)
    reader, writer = await connect_checked(
        endpoint.host,
        endpoint.port,
        allowed_private=asking.allowed_private,
        gate=asking.gate,
        timeout_seconds=asking.timeout_seconds,
    )
    try:
        if endpoint.scheme == "https":
            await writer.start_tls(ssl.create_default_context(), server_hostname=endpoint.host)
        rest = url.split("/", 3)
        lines = (
            f"GET /{rest[3] if len(rest) > 3 else ''} HTTP/1.1",
            f"Host: {rest[2].removesuffix(':443' if endpoint.scheme == 'https' else ':80')}",
            f"User-Agent: {asking.user_agent}",
            "Accept: text/plain, */*;q=0.1",
            "Accept-Encoding: identity",
            "Connection: close",
        )
        writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii"))
        return _parsed(await _bounded(reader))
    finally:
        writer.transport.abort()  # a farewell that is not answered would be waited for


async def _bounded(reader: asyncio.StreamReader) -> bytes:
    read = bytearray()
    while len(read) < _MAX_ANSWER_BYTES and (part := await reader.read(65_536)):
        read += part
    return bytes(read)


class _Bytes:
    """As much of a socket as the standard library's reader of answers wants."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._data)


def _parsed(data: bytes) -> tuple[int, http.client.HTTPMessage, bytes]:
    answer = http.client.HTTPResponse(_Bytes(data))  # type: ignore[arg-type]  # it only asks for a file
    answer.begin()
    try:
        body = answer.read()
    except http.client.IncompleteRead as error:  # cut at our bound, or by the server: rules stand one a line
        body = error.partial
    return answer.status, answer.headers, body


def _date(headers: http.client.HTTPMessage) -> datetime | None:
    if headers.get("Age", "0").strip() != "0":
        return None
    try:
        found = parsedate_to_datetime(headers["Date"])
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

"""The gate of every outgoing connection: a name is looked up once, every answer is judged, and a checked one connected.

A check that is followed by a connection *by name* asks the resolver a second time, and may get another answer (DNS
rebinding). So nothing here gives out a permission: `Gate.addresses` gives the addresses themselves, and whoever called
it connects to these and to nothing else. Scrapy does so in `crawler.downloading`; what speaks asyncio, such as the
proxy in front of a browser, calls `connect_checked`.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from crawler.failures import RefusedAddress
from news.addresses import Blocked, blocked_among, endpoint_key, why_blocked
from news.errors import UrlError
from news.urls import Endpoint, endpoint_of

LookUp = Callable[[str], Awaitable[Iterable[str]]]
"""Asks a resolver for all addresses of a name, IPv4 and IPv6; raises `OSError` where there is none."""

KEEP_SECONDS = 300.0
"""How long an answer of the resolver is used again; what was kept is judged anew each time."""
KEEP_NAMES = 10_000
LOOK_UP_THREADS = 20
LOOK_UP_SECONDS = 10.0


async def look_up(host: str) -> tuple[str, ...]:
    """Ask the system's resolver, in a thread of its own.

    Raises:
        OSError: the name leads nowhere (`socket.gaierror`).
    """
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_threads(), _all_addresses, host)
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))


def _all_addresses(host: str) -> list[tuple[Any, ...]]:
    return list(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(LOOK_UP_THREADS, thread_name_prefix="names")


class Gate:
    """Looks names up, and gives out only addresses that may be connected.

    Args:
        look_up: asks the resolver.
        timeout_seconds: the longest that it may take.
    """

    def __init__(self, look_up: LookUp = look_up, *, timeout_seconds: float = LOOK_UP_SECONDS) -> None:
        self._look_up = look_up
        self._timeout_seconds = timeout_seconds
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def addresses(
        self, host: str, port: int, *, allowed_private: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Return the addresses of a host, IPv4 first; the caller connects to one of these, and to nothing else.

        Args:
            host: a name, or an address without brackets.
            port: where it will be connected.
            allowed_private: keys (`news.addresses.endpoint_key`) of what may be private.

        Raises:
            RefusedAddress: any of the addresses is blocked.
            OSError: the name leads nowhere, or the resolver takes too long (`TimeoutError`).
        """
        found = (host,) if is_address(host) else await self._known(host)
        blocked = blocked_among(found, private=may_be_private(host, port, allowed_private))
        if blocked is not None:
            raise _refused(host, port, blocked, opted_in=bool(allowed_private))
        return tuple(sorted(found, key=lambda address: ":" in address))

    async def _known(self, host: str) -> tuple[str, ...]:
        now = time.monotonic()
        until, kept = self._kept.get(host, (0.0, ()))
        if until > now:
            return kept
        async with asyncio.timeout(self._timeout_seconds):
            found = tuple(await self._look_up(host))
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, f"{host} has no address")
        if len(self._kept) >= KEEP_NAMES:
            self._kept.clear()
        self._kept[host] = (now + KEEP_SECONDS, found)
        return found


async def connect_checked(
    host: str,
    port: int,
    *,
    allowed_private: frozenset[str] = frozenset(),
    gate: Gate | None = None,
    timeout_seconds: float = 30.0,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to a host over TCP, at an address that was checked.

    Args:
        host: a name or an address, as somebody else wrote it; read by the rules of `news.urls`.
        port: its port.
        allowed_private: keys (`news.addresses.endpoint_key`) of the hosts whose addresses may be private.
        gate: keeps answers of the resolver for the next call; a new one each time if there is none.
        timeout_seconds: for all of it; a tried address may take a share of it.

    Returns:
        The two ends of the connection; the caller closes the writer.

    Raises:
        RefusedAddress: the host is none that we would ask for, or one of its addresses is blocked.
        OSError: the name leads nowhere, or no address answers in time.
    """
    endpoint = named_endpoint(host, port)
    async with asyncio.timeout(timeout_seconds):
        found = await (gate or Gate()).addresses(
            endpoint.host, endpoint.port, allowed_private=allowed_private
        )
        failure: OSError = OSError(f"{host} has no address")
        for address in found:
            try:
                async with asyncio.timeout(timeout_seconds / len(found)):
                    reader, writer = await asyncio.open_connection(address, endpoint.port)
            except OSError as error:
                failure = error
                continue
            peer = str(writer.get_extra_info("peername")[0])
            if reason := why_blocked(
                peer, private=may_be_private(endpoint.host, endpoint.port, allowed_private)
            ):
                writer.transport.abort()
                raise RefusedAddress(f"{host} was to be asked at {address}, and {peer} answered: {reason}")
            return reader, writer
        raise failure


def named_endpoint(host: str, port: int) -> Endpoint:
    """Return what a host and a port mean, read by the one parser that tidings trusts.

    Raises:
        RefusedAddress: it is no host, or no port.
    """
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    try:
        endpoint = endpoint_of(f"http://{bracketed}:{port}")
    except UrlError as error:
        raise RefusedAddress(str(error)) from None
    if set(host) & set("/?#") or endpoint.port != port:
        raise RefusedAddress(f"{host[:200]!r} with port {port} is no place to connect to")
    return endpoint


def check_unresolved(host: str, port: int, *, allowed_private: frozenset[str]) -> None:
    """Refuse what can be refused without a resolver: a blocked address, and the names of the machine itself.

    It is all that can be said of what a proxy will be asked for, since the proxy looks names up by itself.

    Raises:
        RefusedAddress: it is blocked.
    """
    address = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host  # RFC 6761 §6.3
    if not is_address(address):
        return
    blocked = blocked_among([address], private=may_be_private(host, port, allowed_private))
    if blocked is not None:
        raise _refused(host, port, blocked, opted_in=bool(allowed_private))


def may_be_private(host: str, port: int, allowed_private: frozenset[str]) -> bool:
    """Say whether a source's opt-in covers this host and port."""
    return bool(allowed_private) and endpoint_key(host, port) in allowed_private


@lru_cache(maxsize=4096)
def is_address(host: str) -> bool:
    """Say whether a host is an address, so that there is nothing to look up."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _refused(host: str, port: int, blocked: Blocked, *, opted_in: bool) -> RefusedAddress:
    """Say which address is not asked, why, and what an operator who wants it does."""
    key = endpoint_key(host, port)
    text = f"{blocked.address} is" if blocked.address == host else f"{host} leads to {blocked.address},"
    if not blocked.private:
        advice = "it is never asked"
    elif opted_in:
        advice = f"it is not asked, since the source does not name {key} (hosts)"
    else:
        advice = "it is not asked; if it is meant, write allow_private = true under [request]"
    return RefusedAddress(f"{text} {blocked.reason}: {advice}", host=key)

"""Connections of targets: to addresses that were checked, and cut when an attempt has taken too long altogether."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from digest.targets.target import Carriage
from news.addresses import blocked_among, why_blocked
from news.errors import DeliveryError

MAX_ADDRESSES = 4
"""Of a name that are tried, so that their number does not decide how long an attempt takes."""


class Deadline:
    """Ends an attempt that lasts too long, by shutting down the connection under it: a server may drip for ever.

    Args:
        seconds: for all of the attempt.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self.passed = False

    def watch(self, connection: socket.socket) -> None:
        """Shut down this connection when the time is over, in place of the one before."""
        with self._lock:
            self._connection = connection
            if self.passed:
                self._cut()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            self._cut()

    def _cut(self) -> None:
        if self._connection is not None:
            with suppress(OSError):  # it has been closed meanwhile
                # Not TLS's own method, which takes the connection away from whoever is reading from it.
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)


def with_tls(plain: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    """Return a connection under TLS whose certificate was verified; the plain one is closed if that fails.

    Raises:
        OSError: the handshake failed.
    """
    try:
        secured = ssl.create_default_context().wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False
        )
    except BaseException:
        plain.close()
        raise
    try:
        deadline.watch(secured)
        secured.do_handshake()
    except BaseException:
        secured.close()
        raise
    return secured


ALLOW = "say --allow-private"


def connect_checked(
    host: str, port: int, carriage: Carriage, *, private: bool, allow: str = ALLOW
) -> socket.socket:
    """Connect to a host at an address that was checked, and to nothing else.

    Args:
        host: a name or an address, without brackets.
        port: its port.
        carriage: the resolver, and the time for one connection.
        private: whether addresses of private networks may be connected to.
        allow: what to do where they are meant.

    Raises:
        DeliveryError: one of the host's addresses is blocked.
        OSError: the name leads nowhere, or no address answers.
    """
    found = carriage.resolve(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    blocked = blocked_among(addresses, private=private)
    if blocked is not None:
        advice = f"; if that is meant, {allow}" if blocked.private else ""
        raise DeliveryError(
            f"{host} leads to {blocked.address}, {blocked.reason}: nothing is sent there{advice}"
        )
    failure = OSError(f"{host} has no address")
    for address in addresses[:MAX_ADDRESSES]:
        try:
            connection = socket.create_connection((address, port), timeout=carriage.timeout_seconds)
        except OSError as error:
            failure = error
            continue
        peer = str(connection.getpeername()[0])
        reason = why_blocked(peer, private=private)
        if reason:
            connection.close()
            raise DeliveryError(f"{host} was to be asked at {address}, and {peer} answered: {reason}")
        return connection
    raise failure

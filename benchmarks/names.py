"""Names of hosts that exist only here: importing this module makes every ``….news.test`` lead to this machine.

The names are still looked up as ever, in threads and with a cache; only the last step, which would ask the system, is
answered here. Both sides of the benchmark import it.
"""

from __future__ import annotations

import socket
from typing import Any

SUFFIX = ".news.test"
LOOPBACK = "127.0.0.1"

_by_name = socket.gethostbyname
_addresses = socket.getaddrinfo


def host_name(number: int) -> str:
    """Return the name of one host."""
    return f"site{number:05}{SUFFIX}"


def _gethostbyname(name: str) -> str:
    return LOOPBACK if name.endswith(SUFFIX) else _by_name(name)


def _getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    if isinstance(host, str) and host.endswith(SUFFIX):
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (LOOPBACK, port or 0))]
    return _addresses(host, port, *rest, **more)


socket.gethostbyname = _gethostbyname
socket.getaddrinfo = _getaddrinfo

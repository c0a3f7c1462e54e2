"""Names of hosts that exist only here: importing this module makes every ``….news.test`` lead to this machine.

The names are still looked up by Scrapy's own resolver, in its threads and with its cache; only the last step, which
would ask the system, is answered here. Both sides of the benchmark import it.
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


def _getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
    ours = isinstance(host, str) and host.endswith(SUFFIX)
    return _addresses(LOOPBACK if ours else host, *rest, **more)


socket.gethostbyname = _gethostbyname
socket.getaddrinfo = _getaddrinfo

"""How a server is reached: under which names, from where, and whether everybody there may be trusted."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from storage.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Doors:
    """How a server is reached.

    Args:
        host: the address that it is bound to.
        port: the port there.
        names: what the ``Host`` of a request may say, without a port; None for anything.
        exposed: whether others than the people of this machine may reach it, so that nobody is trusted unknown.
        public_url: its address for readers elsewhere, without a slash at the end; empty if there is none.
        proxies: addresses and networks whose word for a client's address and scheme is taken.
    """

    host: str
    port: int
    names: frozenset[str] | None
    exposed: bool
    public_url: str = ""
    proxies: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether readers elsewhere come by https."""
        return self.public_url.startswith("https://")


def doors_of(settings: Settings, host: str | None = None, port: int | None = None) -> Doors:
    """Return how a server with these settings is reached; ``host`` and ``port`` override them.

    A server on loopback that is told of a public address, of further names or of a proxy is meant for others too.
    """
    bound = settings.serve_host if host is None else host
    public = settings.public_url.rstrip("/")
    named = {name.lower() for name in settings.allowed_hosts}
    if public:
        named.add(_host_of(public))
    local = is_loopback(bound)
    exposed = not local or bool(settings.trusted_proxies) or bool(named - LOOPBACK_NAMES)
    return Doors(
        host=bound,
        port=settings.serve_port if port is None else port,
        # A name that leads to this machine by somebody else's nameserver is no name of ours.
        names=frozenset(named | LOOPBACK_NAMES) if local or named else None,
        exposed=exposed,
        public_url=public,
        proxies=settings.trusted_proxies,
    )


def is_loopback(host: str) -> bool:
    """Return whether an address to bind to is reached from this machine only.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "", "news.example.org")]
    [True, True, True, False, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(authority: str) -> str:
    """Return a ``Host`` header's name, in lower case and without its port; empty if it is none.

    >>> [host_name(text) for text in ("News.example.org:8000", "[::1]:80", "127.0.0.1", "a@b", "x:y")]
    ['news.example.org', '[::1]', '127.0.0.1', '', '']
    """
    name, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        name, port = authority, "0"
    usual = name.replace("-", "").replace(".", "").replace("_", "")
    if not (port.isascii() and port.isdigit()) or not (
        _is_bracketed(name) or (usual.isascii() and usual.isalnum())
    ):
        return ""
    return name.lower().rstrip(".")


def _is_bracketed(name: str) -> bool:
    try:
        return name.startswith("[") and name.endswith("]") and bool(ipaddress.IPv6Address(name[1:-1]))
    except ValueError:
        return False


def _host_of(url: str) -> str:
    return host_name(urlsplit(url).netloc)

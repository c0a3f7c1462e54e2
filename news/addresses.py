"""Which IP addresses a fetch may reach, and which hosts a source opted in to (promise 10). Pure; whoever connects asks.

Python's ``ipaddress`` cannot be asked: its answers change between releases, and it calls NAT64 and 6to4 addresses that
lead into a private network global. So the registries stand here (IANA's special-purpose addresses for IPv4 and IPv6;
RFC 6890 and its updates), what carries an IPv4 address is judged by that, and of IPv6 only what IANA gives out as
global unicast, ``2000::/3``, is public at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from news.errors import UrlError
from news.source import Source
from news.urls import endpoint_of, host_key


class Blocked(NamedTuple):
    """An address that is not asked: which, why, and whether a source's opt-in to private addresses would reach it."""

    address: str
    reason: str
    private: bool


class _Kind(NamedTuple):
    reason: str
    private: bool = False


_LOOPBACK = _Kind("a loopback address: the machine itself", private=True)
_PRIVATE = _Kind("an address of a private network", private=True)
_SHARED = _Kind("an address shared behind a carrier's NAT (100.64.0.0/10)", private=True)
_BENCHMARK = _Kind("an address for benchmarks", private=True)
_SITE_LOCAL = _Kind("a site-local address", private=True)
_LOCAL_NAT64 = _Kind("an address of a local NAT64 translator", private=True)
# What follows is reached by nobody: no news stands there, and a cloud's metadata service does.
_METADATA = _Kind("the address of a cloud's metadata service")
_THIS_NETWORK = _Kind("an address of 'this network', which leads to the machine itself")
_LINK_LOCAL = _Kind("a link-local address")
_PROTOCOL = _Kind("an address for protocol assignments")
_DOCUMENTATION = _Kind("an address for documentation")
_RELAY = _Kind("the address of a 6to4 relay")
_MULTICAST = _Kind("a multicast address")
_RESERVED = _Kind("a reserved address")
_UNSPECIFIED = _Kind("the unspecified address")
_DISCARD = _Kind("an address whose traffic is discarded")
_EMBEDDED = _Kind("an IPv6 form of an IPv4 address that is no longer in use")

# The first that holds an address decides, so what is special in a range stands before the range.
_FOUR: tuple[tuple[IPv4Network, _Kind], ...] = tuple(
    (IPv4Network(network), kind)
    for network, kind in (
        ("100.100.100.200/32", _METADATA),
        ("168.63.129.16/32", _METADATA),
        ("0.0.0.0/8", _THIS_NETWORK),  # RFC 1122 §3.2.1.3
        ("10.0.0.0/8", _PRIVATE),  # RFC 1918
        ("100.64.0.0/10", _SHARED),  # RFC 6598
        ("127.0.0.0/8", _LOOPBACK),
        ("169.254.0.0/16", _LINK_LOCAL),  # RFC 3927; 169.254.169.254 is the metadata service of most clouds
        ("172.16.0.0/12", _PRIVATE),
        ("192.0.0.0/24", _PROTOCOL),  # RFC 6890 §2.1
        ("192.0.2.0/24", _DOCUMENTATION),  # RFC 5737
        ("192.88.99.0/24", _RELAY),  # RFC 7526
        ("192.168.0.0/16", _PRIVATE),
        ("198.18.0.0/15", _BENCHMARK),  # RFC 2544
        ("198.51.100.0/24", _DOCUMENTATION),
        ("203.0.113.0/24", _DOCUMENTATION),
        ("224.0.0.0/4", _MULTICAST),
        ("240.0.0.0/4", _RESERVED),  # and the broadcast address
    )
)
_SIX: tuple[tuple[IPv6Network, _Kind], ...] = tuple(
    (IPv6Network(network), kind)
    for network, kind in (
        ("::/128", _UNSPECIFIED),
        ("::1/128", _LOOPBACK),
        ("fd00:ec2::254/128", _METADATA),
        ("64:ff9b:1::/48", _LOCAL_NAT64),  # RFC 8215
        ("100::/64", _DISCARD),  # RFC 6666
        ("100:0:0:1::/64", _DISCARD),  # RFC 9780
        ("2001:2::/48", _BENCHMARK),  # RFC 5180
        ("2001::/23", _PROTOCOL),  # Teredo, which stands in it, is judged before
        ("2001:db8::/32", _DOCUMENTATION),
        ("3fff::/20", _DOCUMENTATION),  # RFC 9637
        ("::/96", _EMBEDDED),  # RFC 4291 §2.5.5.1
        ("::ffff:0:0:0/96", _EMBEDDED),  # RFC 2765 §2.1
        ("fc00::/7", _PRIVATE),  # RFC 4193
        ("fe80::/10", _LINK_LOCAL),
        ("fec0::/10", _SITE_LOCAL),  # RFC 3879
        ("ff00::/8", _MULTICAST),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 §2.4
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))  # RFC 6052 §2.1, RFC 8215
_CARRIERS = (IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
_SIX_TO_FOUR = IPv6Network("2002::/16")  # RFC 3056 §2
_TEREDO = IPv6Network("2001::/32")  # RFC 4380 §4


def why_blocked(address: str, *, private: bool = False) -> str | None:
    """Return why an IP address must not be connected to, or None for one that may.

    IPv4-mapped, NAT64, 6to4 and Teredo addresses are judged by the IPv4 addresses that they carry. What is no
    address in the strict notation, and an address with a scope id, is blocked.

    Args:
        address: an IPv4 or IPv6 address without brackets, as a resolver gives it.
        private: the source has opted in to private addresses of the host: loopback and private networks, but never
            link-local, multicast, reserved addresses or the metadata service of a cloud.

    >>> why_blocked("93.184.215.14") is None, why_blocked("10.0.0.1")
    (True, 'an address of a private network')
    >>> why_blocked("64:ff9b::a00:1"), why_blocked("10.0.0.1", private=True)
    ('an address that carries 10.0.0.1, an address of a private network', None)
    """
    blocked = _judge(address)
    return None if blocked is None or (private and blocked.private) else blocked.reason


def blocked_among(addresses: Iterable[str], *, private: bool = False) -> Blocked | None:
    """Return the first of a name's addresses that is blocked: one of them is enough to refuse the name.

    A name that leads to a public and to a private address is the very sign of an attack by DNS.

    >>> blocked_among(["93.184.215.14", "127.0.0.1"]).address
    '127.0.0.1'
    """
    for address in addresses:
        blocked = _judge(address)
        if blocked is not None and not (private and blocked.private):
            return blocked
    return None


@lru_cache(maxsize=8192)
def endpoint_key(host: str, port: int) -> str:
    """Return the key under which an opt-in names where a connection goes: `news.urls.host_key`, for any scheme.

    >>> endpoint_key("www.intranet.example", 443), endpoint_key("localhost", 8000), endpoint_key("::1", 80)
    ('intranet.example', 'localhost:8000', '[::1]')
    """
    bracketed = f"[{host}]" if ":" in host else host
    return host_key(f"{'http' if port == 80 else 'https'}://{bracketed}:{port}")


def private_hosts(source: Source) -> frozenset[str]:
    """Return the endpoints whose addresses may be private for this source: none, unless it opted in.

    The opt-in covers the hosts that a person named (``url``, ``page_url``, ``hosts``) and not what a redirect or a
    link of theirs leads to.

    >>> private_hosts(Source(name="a", url="http://localhost:8000/news/"))
    frozenset()
    """
    if not source.request.allow_private:
        return frozenset()
    keys = set()
    for url in (source.url, source.page_url, *(f"https://{host}" for host in source.hosts)):
        with suppress(UrlError):  # what is no address covers nothing
            endpoint = endpoint_of(url)
            keys.add(endpoint_key(endpoint.host, endpoint.port))
    return frozenset(keys)


def may_follow(source: Source, url: str) -> bool:
    """Say whether a source may be asked at another address from now on, as a permanent redirect proposes.

    An opt-in stands for hosts that a person named. Were it to follow a redirect, whoever sends one would be free to
    lead it into the private network later.

    >>> public = Source(name="a", url="https://a.example/")
    >>> may_follow(public, "https://b.example/")
    True
    """
    if not source.request.allow_private:
        return True
    endpoint = endpoint_of(url)
    return endpoint_key(endpoint.host, endpoint.port) in private_hosts(source)


@lru_cache(maxsize=4096)
def _judge(address: str) -> Blocked | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return Blocked(address, "no IP address", private=False)
    if isinstance(parsed, IPv4Address):
        return _blocked(address, _kind_of_four(parsed))
    if parsed.scope_id is not None:
        return Blocked(address, "an address that is bound to a network interface", private=False)
    kinds: list[tuple[_Kind | None, str]] = [(_kind_of_four(one), str(one)) for one in _carried(parsed)]
    if not kinds or any(parsed in network for network in (_NAT64[1], *_CARRIERS)):
        kinds.append((_kind_of_six(parsed), ""))
    return _worst(address, kinds)


def _worst(address: str, kinds: list[tuple[_Kind | None, str]]) -> Blocked | None:
    """Return the judgement that no opt-in lifts before one that it does."""
    found = [
        Blocked(
            address,
            f"an address that carries {carried}, {kind.reason}" if carried else kind.reason,
            kind.private,
        )
        for kind, carried in kinds
        if kind is not None
    ]
    return min(found, key=lambda blocked: blocked.private, default=None)


def _blocked(address: str, kind: _Kind | None) -> Blocked | None:
    return None if kind is None else Blocked(address, kind.reason, kind.private)


def _kind_of_four(address: IPv4Address) -> _Kind | None:
    return next((kind for network, kind in _FOUR if address in network), None)


def _kind_of_six(address: IPv6Address) -> _Kind | None:
    found = next((kind for network, kind in _SIX if address in network), None)
    return found or (None if address in _GLOBAL_UNICAST else _RESERVED)


def _carried(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address carries, as the translator or tunnel would read them."""
    bits = int(address)
    if address in _TEREDO:  # the server's, and the client's with every bit turned
        return _four(bits >> 64), _four(~bits)
    if address in _SIX_TO_FOUR:
        return (_four(bits >> 80),)
    if address in _MAPPED or address in _NAT64[0] or any(address in network for network in _CARRIERS):
        return (_four(bits),) if bits > 1 else ()
    if address in _NAT64[1]:  # the length of the prefix is the operator's, so the two usual places are read
        readings = (_four(bits), _four((bits >> 48 & 0xFFFF0000) | (bits >> 40 & 0xFFFF)))
        return tuple(reading for reading in readings if int(reading))  # none stands in an empty place
    return ()


def _four(bits: int) -> IPv4Address:
    return IPv4Address(bits & 0xFFFFFFFF)

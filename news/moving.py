"""Whether the address that a permanent redirect leads to may take the place of a source's own."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from news.errors import UrlError
from news.urls import fetchable_url

_INSIDE = (".localhost", ".local", ".internal", ".home.arpa")
"""Ends of names that lead nowhere on the public internet (RFC 6761, RFC 6762, RFC 8375)."""


def may_move(url: str, new_url: str, *, allow_private: bool) -> bool:
    """Say whether ``new_url``, where ``url`` has moved to for good, may be learnt.

    A source that is read over TLS never falls back to plain HTTP, whatever a redirect says, and never moves into a
    private network by itself. Both may be asked this once, if whoever connects lets them; they are not kept.

    :param allow_private: whether the source has opted in to addresses that are not public.

    >>> may_move("http://a.example/", "https://a.example/", allow_private=False)
    True
    >>> may_move("https://a.example/", "http://a.example/", allow_private=False)
    False
    >>> may_move("https://a.example/", "https://[::1]/", allow_private=False)
    False
    """
    try:
        target = fetchable_url(new_url)
    except UrlError:
        return False
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        return False
    return allow_private or not _is_private(urlsplit(target).hostname or "")


def _is_private(host: str) -> bool:
    """Tell by the name alone: where a name leads is judged by whoever connects, before any answer comes."""
    host = host.rstrip(".").lower()
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(_INSIDE)

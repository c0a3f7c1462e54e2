"""Links of a page: what they are relative to, where a match leads, and whether that is the same site."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.selectors import Match
from news.errors import UrlError
from news.urls import fetchable_url, host_key


def base_url(root: HtmlElement, page_url: str) -> str:
    """Return what relative links refer to: the first ``<base href>`` (HTML Standard §4.2.3), else the page."""
    for node in root.iter("base"):
        href = (node.get("href") or "").strip()
        if href:
            return absolute_url(href, page_url) or page_url
    return page_url


def link_of(match: Match) -> str | None:
    """Return where a match leads: a value as it is, an element's ``href``, else that of the first link in it."""
    if isinstance(match, str):
        return match.strip() or None
    for node in (match, *match.iter("a", "area", "link")):
        href = (node.get("href") or "").strip()
        if href:
            return href
    return None


def absolute_url(href: str, base: str) -> str | None:
    """Return an address that can be asked for, or None if it is none (``mailto:``, ``javascript:``, malformed)."""
    try:
        return fetchable_url(href, base)
    except UrlError:
        return None


def same_site(url: str, other: str) -> bool:
    """Tell whether two addresses stand on one host, ``www.`` aside."""
    try:
        return host_key(url) == host_key(other)
    except UrlError:
        return False

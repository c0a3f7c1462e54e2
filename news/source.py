"""A source as it is declared: the listing that we watch, how to read it, and how to ask for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from news.errors import UrlError
from news.urls import host_key

Selectors = tuple[str, ...]
"""Alternatives in order, the first that matches wins: CSS, or XPath 1.0 where it starts with ``/``, ``./`` or ``(``."""
DESCRIBED = "described-list"
"""What stands in a wrapper's place of an item selector for the list that a page describes as JSON-LD or microdata."""


class Channel(StrEnum):
    """How a source is read."""

    FEED = "feed"  # Atom, RSS, RDF or JSON Feed
    WORDPRESS = "wordpress"  # the posts of WordPress's REST interface
    SITEMAP = "sitemap"  # a news sitemap, or an index of such
    LISTING = "listing"  # HTML, by the source's wrapper


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrapper:
    """The selectors that turn a listing's HTML into entries; all empty for the other channels.

    With `DESCRIBED` for its ``item``, a listing is read by what the page says of it to machines.
    """

    item: Selectors = ()
    link: Selectors = ()
    title: Selectors = ()
    date: Selectors = ()
    summary: Selectors = ()
    body: Selectors = ()
    next_page: Selectors = ()

    @property
    def is_described(self) -> bool:
        """Return whether the page's description is read instead of its elements."""
        return self.item == (DESCRIBED,)


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleRules:
    """The selectors for an article's own page; JSON-LD and meta tags are asked before them.

    ``remove`` names what is cut out of a body (share buttons, related articles), on the listing too.
    """

    title: Selectors = ()
    body: Selectors = ()
    date: Selectors = ()
    author: Selectors = ()
    remove: Selectors = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestRules:
    """How a source wants to be asked. A secret is named, never written: ``env:NAME`` is read when the crawl starts.

    All of it is bound to the source's host: a redirect elsewhere carries none of it. ``allow_private`` opts in to
    addresses that are not public (loopback, private networks); ``browser`` has pages rendered by a browser first.
    """

    delay_seconds: float = 1.0
    headers: tuple[tuple[str, str], ...] = ()
    user: str = ""
    password: str = ""
    proxy: str = ""
    allow_private: bool = False
    browser: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One listing that we watch.

    ``url`` is what is asked: the listing, the feed, the REST address or the sitemap. ``page_url`` is the page that a
    person named where that is another one; healing and a new discovery start there. ``whole_bodies`` says whether a
    body that comes with a feed or a post is the whole article, so that its page need not be asked.

    ``hosts`` names further hosts on which its articles may stand; an entry that leads elsewhere is kept as the
    listing tells it. ``schedule`` is ``adaptive``, an interval (``30m``) or a cron line with names of
    weekdays, in ``time_zone``; empty where a file says nothing: a source that exists keeps what it has.
    """

    name: str
    url: str
    wrapper: Wrapper = field(default_factory=Wrapper)
    page_url: str = ""
    title: str = ""
    site: str = ""
    channel: Channel = Channel.LISTING
    whole_bodies: bool = True
    language: str = ""
    time_zone: str = "UTC"
    schedule: str = "adaptive"
    baseline_pages: int = 1
    max_pages: int = 10
    article: ArticleRules = field(default_factory=ArticleRules)
    request: RequestRules = field(default_factory=RequestRules)
    hosts: tuple[str, ...] = ()


def wrapper_hash(source: Source) -> str:
    """Return 16 hexadecimal digits that change whenever the source's selectors or its channel do.

    >>> a = Source(name="a", url="https://a.example/", wrapper=Wrapper(item=("li",), link=("a",)))
    >>> b = Source(name="b", url="https://b.example/", wrapper=Wrapper(item=("li",), link=("a",)))
    >>> wrapper_hash(a) == wrapper_hash(b)
    True
    """
    reading: tuple[object, ...] = (source.wrapper, source.article)
    if source.channel is not Channel.LISTING:
        reading += (source.channel.value, source.whole_bodies)
    return hashlib.blake2b(repr(reading).encode(), digest_size=8).hexdigest()


def own_hosts(source: Source) -> frozenset[str]:
    """Return the keys of the hosts on which a source's articles may be asked for.

    They are that of its address, that of the page which people know it by (a feed often lives elsewhere), and those
    that it names.

    >>> source = Source(name="a", url="https://feeds.a.example/rss", page_url="https://www.a.example/news/")
    >>> sorted(own_hosts(source))
    ['a.example', 'feeds.a.example']
    """
    urls = [source.url, source.page_url, *(f"https://{host}" for host in source.hosts)]
    found = set()
    for url in filter(None, urls):
        try:
            found.add(host_key(url))
        except UrlError:  # an address of a person who mistyped it; that of the source itself was checked
            continue
    return frozenset(found)

"""Where a source is asked for and by which channel, as far as that is not its declaration's any more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from news.source import Channel, Source, own_hosts
from news.urls import host_key


@dataclass(frozen=True, kw_only=True, slots=True)
class Whereabouts:
    """The address at which a source was found again, and how it is read there.

    The fields are those of a `Source` of the same names. A version of a source's selectors that was made for another
    address than the declared one carries them; the declaration itself stays as it is.
    """

    url: str
    channel: Channel
    page_url: str = ""
    whole_bodies: bool = True
    hosts: tuple[str, ...] = ()


def found_at(source: Source, whereabouts: Whereabouts | None) -> Source:
    """Return a source as it is asked for at other whereabouts; None for those that it has.

    Its headers and its password are for the host that it was declared with, and stay behind on another one.

    >>> feed = Source(name="a", url="https://a.example/feed/", channel=Channel.FEED)
    >>> found_at(feed, Whereabouts(url="https://a.example/rss.xml", channel=Channel.FEED)).url
    'https://a.example/rss.xml'
    """
    if whereabouts is None:
        return source
    rules = source.request
    if host_key(whereabouts.url) != host_key(source.url):
        rules = replace(rules, headers=(), user="", password="")
    return replace(
        source,
        request=rules,
        url=whereabouts.url,
        channel=whereabouts.channel,
        page_url=whereabouts.page_url,
        whole_bodies=whereabouts.whole_bodies,
        hosts=whereabouts.hosts,
    )


def further_hosts(source: Source, url: str) -> tuple[str, ...]:
    """Return the hosts that a source at another address needs to be named, so that it may ask wherever it may now.

    >>> further_hosts(Source(name="a", url="https://a.example/feed/"), "https://feeds.a.example/a")
    ('a.example',)
    """
    return tuple(sorted(own_hosts(source) - {host_key(url)}))

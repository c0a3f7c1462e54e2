"""Between sources and lists of feeds (OPML): what is exported, and what is declared of what is imported. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crawler.discovery.sourcing import name_for
from crawler.opml import OpmlList, Outline
from news.errors import UrlError
from news.source import Channel, RequestRules, Source
from news.urls import url_key


@dataclass(frozen=True, kw_only=True, slots=True)
class FromList:
    """What comes of a list: sources to be saved, what is watched already, and pages that must be discovered first.

    ``known`` names a source beside each title, ``pages`` are addresses.
    """

    sources: tuple[Source, ...]
    known: tuple[tuple[str, str], ...]
    pages: tuple[str, ...]


def outlines_of(sources: Iterable[Source]) -> list[Outline]:
    """Return what a list says of sources: the feeds of those that are read by one, the pages of the others."""
    return [
        Outline(
            title=source.title or source.name,
            feed_url=source.url if source.channel is Channel.FEED else "",
            page_url=source.page_url or ("" if source.channel is Channel.FEED else source.url),
            language=source.language,
        )
        for source in sources
    ]


def sources_of(
    found: OpmlList, stored: Iterable[Source], taken: Collection[str], *, delay_seconds: float
) -> FromList:
    """Return what a list declares that is not watched yet.

    A feed needs no discovery: its entries are read as any feed's are. Whether the texts in it are whole is not known
    before it was read, so each article's own page is asked.

    Args:
        found: the list.
        stored: the sources that are watched.
        taken: names that a new one may not have.
        delay_seconds: between two requests of a host.
    """
    watched = {key: source.name for source in stored for key in _keys(source.url, source.page_url)}
    names = set(taken)
    sources: list[Source] = []
    known: list[tuple[str, str]] = []
    pages: list[str] = []
    for outline in found.outlines:
        key = url_key(outline.feed_url or outline.page_url)
        if key in watched:
            known.append((outline.title, watched[key]))
            continue
        if not outline.feed_url:
            pages.append(outline.page_url)
            continue
        name = name_for(outline.page_url or outline.feed_url, names)
        names.add(name)
        watched[key] = name
        sources.append(
            Source(
                name=name,
                url=outline.feed_url,
                page_url=outline.page_url,
                title=outline.title,
                channel=Channel.FEED,
                whole_bodies=False,
                language=outline.language,
                request=RequestRules(delay_seconds=delay_seconds),
            )
        )
    return FromList(sources=tuple(sources), known=tuple(known), pages=tuple(pages))


def _keys(*urls: str) -> list[str]:
    keys = []
    for url in filter(None, urls):
        try:
            keys.append(url_key(url))
        except UrlError:
            continue
    return keys

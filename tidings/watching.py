"""From an address that somebody typed to the source that it becomes: what the command line and the pages share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

from news.errors import SourceError

if TYPE_CHECKING:
    from crawler.discovery.proposal import Proposal
    from news.source import Source
    from storage.settings import Settings

_SCHEME_TWICE = re.compile(r"(?:https?:/{1,3}){2}", re.IGNORECASE)
_BEGINS_WITH_SCHEME = re.compile(r"https?[:/\\]|[a-z][a-z0-9+-]*:(?!\d)|[^/?#]*://", re.IGNORECASE)


def address_from(text: str) -> str:
    """Return the address that somebody typed, with https where no scheme is given.

    Raises:
        typer.BadParameter: for what is no web address.
    """
    from news.errors import UrlError
    from news.urls import fetchable_url

    typed = text.strip()
    if _SCHEME_TWICE.match(typed):
        raise typer.BadParameter(f"{typed[:200]} names its scheme twice; write it once", param_hint="URL")
    bare = typed and not _BEGINS_WITH_SCHEME.match(typed)
    try:
        return fetchable_url(f"https://{typed}" if bare else typed)
    except UrlError as error:
        raise typer.BadParameter(str(error), param_hint="URL") from None


def language_from(tag: str | None) -> str:
    """Return a language tag as sources carry it.

    Raises:
        typer.BadParameter: for what is no BCP 47 tag.
    """
    from crawler.extraction.languages import language_tag

    known = language_tag(tag or "")
    if tag and not known:
        raise typer.BadParameter(
            f"{tag!r} is no language that we know, such as en, fr or ar", param_hint="--language"
        )
    return known


def watched_as(settings: Settings, *urls: str) -> str:
    """Return the name of the source that reads one of these addresses, or was made from one; empty if there is none."""
    from news.urls import url_key
    from storage.sources import load_sources
    from tidings.opening import database, holds_nothing

    if holds_nothing(settings):
        return ""
    keys = {url_key(url) for url in urls}
    with database(settings) as engine:
        for source in load_sources(engine):
            if keys & {url_key(url) for url in (source.url, source.page_url) if url}:
                return source.name
    return ""


def names_taken(settings: Settings) -> set[str]:
    """Return every name that a new source may not have: those in the database and in the catalogue."""
    from crawler.catalogue import load_catalogue
    from tidings.declared import stored_wrappers

    return {*load_catalogue(*settings.sites), *stored_wrappers(settings)}


def source_from(
    settings: Settings,
    proposal: Proposal,
    *,
    name: str | None,
    schedule: str | None,
    pages: int,
    allow_private: bool,
    taken: set[str],
) -> Source:
    """Return the source that a proposal becomes, under this name or one that is made of its address.

    Raises:
        SourceError: nothing is proposed.
    """
    from crawler.discovery.sourcing import name_for, source_of

    if proposal.chosen is None:
        raise SourceError(f"{proposal.url}: nothing is proposed")
    return source_of(
        proposal.candidates[proposal.chosen],
        proposal,
        name=name or name_for(proposal.url, taken),
        schedule=schedule or "",
        delay_seconds=settings.delay_seconds,
        allow_private=allow_private,
        pages=pages,
    )


def confidence_of(proposal: Proposal) -> float | None:
    """Return how sure a discovery is of what it proposes, None where that is nothing."""
    return None if proposal.chosen is None else proposal.candidates[proposal.chosen].confidence

"""What goes into induction and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass

from news.entry import Entry
from news.source import Wrapper


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A page as it was answered: where it stood after redirects, and its decoded text."""

    url: str
    html: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownItem:
    """An article that is stored already: what healing looks for on a redesigned page."""

    url: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hints:
    """What is known beside the page.

    ``known`` are articles that its source has stored, newest first; ``listed`` the URL keys that a feed of the site
    brings; ``language`` and ``time_zone`` those of the source, empty where they are not known yet.
    """

    known: tuple[KnownItem, ...] = ()
    listed: frozenset[str] = frozenset()
    language: str = ""
    time_zone: str = "UTC"


NO_HINTS = Hints()


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A listing that was found on a page, not yet confirmed by further pages.

    ``wrapper`` reads ``entries`` out of the raw page, in its order. ``next_urls`` are addresses that may be its next
    page, the likeliest first: ask for them until `confirm` is content. ``article_urls`` are two items whose pages
    confirm it. ``score`` compares drafts of one page with each other. ``several`` says that these are several lists
    in one, or one of several that are set alike.
    """

    wrapper: Wrapper
    entries: tuple[Entry, ...]
    score: float
    next_urls: tuple[str, ...] = ()
    article_urls: tuple[str, ...] = ()
    several: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Induction:
    """All that one page gives: drafts with different items, the best first, and what speaks against it as a listing.

    With an obstacle (it is an article, an error page, a search form) nothing of it may be taken without a person.
    """

    drafts: tuple[Draft, ...] = ()
    obstacles: tuple[str, ...] = ()
    language: str = ""
    title: str = ""

"""What a listing shows: entries, in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass, field

from news.dates import Stamp
from news.skips import Skips


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One item as a listing shows it.

    ``url`` is absolute, as the site spells it, and fit to be asked for; ``key`` is ``urls.url_key(url)``.
    ``body_html`` is the raw fragment of an inline body, empty where the listing has only a teaser; ``item_html`` is
    the whole item that it was read from, so that better selectors can read it again. ``site_id`` is the site's own
    name for it (the number of a post, a feed's ``id`` or ``guid``), as it stands there; ``sections`` are what the site
    files it under, as it names them.
    """

    url: str
    key: str
    title: str
    published: Stamp | None = None
    summary: str = ""
    body_html: str = ""
    item_html: str = ""
    site_id: str = ""
    modified: Stamp | None = None
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    image_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page of a listing.

    ``refused`` counts items that matched but had no usable link or title, by reason. ``parts`` are the pages that an
    index of sitemaps names, the newest first: the listing goes on there. ``wait_seconds`` is how long the page itself
    asks to be left alone (a feed's ``ttl``), 0 if it says nothing; ``skips`` at which hours and days it always does.
    """

    entries: tuple[Entry, ...]
    next_url: str | None = None
    title: str = ""
    refused: tuple[tuple[str, int], ...] = ()
    parts: tuple[str, ...] = ()
    wait_seconds: int = 0
    skips: Skips = field(default_factory=Skips)
    language: str = ""

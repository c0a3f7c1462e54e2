"""The formats of a feed document: how a file of it ends, how an answer is labelled, and the pure function behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from digest import atom, jsonfeed, rss
from digest.feed_model import Feed


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedFormat:
    """One format.

    Args:
        ending: of its files, without the dot.
        media_type: for ``Content-Type``; text is UTF-8.
        write: returns a document as text that ends with a line feed; the same document gives the same bytes.
    """

    ending: str
    media_type: str
    write: Callable[[Feed], str]


FEED_FORMATS = {
    each.ending: each
    for each in (
        FeedFormat(ending="atom", media_type=atom.MEDIA_TYPE, write=atom.atom_of),
        FeedFormat(ending="rss", media_type=rss.MEDIA_TYPE, write=rss.rss_of),
        FeedFormat(ending="json", media_type=jsonfeed.MEDIA_TYPE, write=jsonfeed.jsonfeed_of),
    )
}
"""Every format by the ending of its files."""

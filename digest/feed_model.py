"""What a feed is before it is Atom, RSS or JSON Feed: one model for a digest as a file and for the log.

Everything in it is ready to be shown: text is text, without what nobody can see and XML forbids; HTML is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from digest.wording import machine_date
from news.dates import Precision
from news.text import truncate

MAX_SUMMARY = 1_000
"""Characters of a summary; the content has more."""

_TO_THE_MINUTE = (Precision.SECOND, Precision.MINUTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedLinks:
    """Where a feed document stands; whatever is unknown is empty.

    Args:
        own: the document's own address (``self``).
        home: the page that it belongs to (``alternate``).
        current: the subscription document, of an archive (RFC 5005, as the next two).
        older: the archive before this document.
        newer: the archive after this one.
    """

    own: str = ""
    home: str = ""
    current: str = ""
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedLink:
    """A further address of an entry, with its title."""

    url: str
    title: str
    language: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedEntry:
    """One entry of a feed.

    Args:
        id: a ``tag:`` URI that stays for life.
        title: one line of text.
        url: a percent-encoded http or https address, empty where the stored one is not fit to be followed.
        updated: when it last changed in a way that matters.
        published: when its source says that it was published, if that is said to the minute.
        issued: the same only as precisely as it was said (W3CDTF, such as ``2026-11-22``), empty if it was not.
        language: a BCP 47 tag, empty where it is unknown.
        authors: who wrote it, else who brought it; never empty.
        categories: short names for programs, each with a label for people.
        summary: text.
        content: HTML of ours, with its language and direction.
        related: where else the same stands.
        facts: further values for programs, as plain JSON.
    """

    id: str
    title: str
    url: str
    updated: datetime
    published: datetime | None = None
    issued: str = ""
    language: str = ""
    authors: tuple[str, ...]
    categories: tuple[tuple[str, str], ...] = ()
    summary: str
    content: str
    related: tuple[FeedLink, ...] = ()
    facts: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Deleted:
    """That an entry is no more (RFC 6721).

    Args:
        id: the entry's.
        at: since when.
        comment: one line that says why.
        notice: the entry that says so where a format has no word for it; None where nothing of it may be shown.
    """

    id: str
    at: datetime
    comment: str
    notice: FeedEntry | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """One feed document.

    Args:
        id: a ``tag:`` URI, common to all documents of one feed.
        title: one line of text.
        description: one line that says what stands in it.
        updated: when the newest of what stands in it changed.
        links: where it and its neighbours stand.
        language: a BCP 47 tag, if all that stands in it is in one language.
        title_language: that of the title, empty where it is unknown.
        is_archive: whether it is full and stays as it is (RFC 5005 §4).
        entries: the newest first, each id once.
        deleted: what is no more, the newest first.
    """

    id: str
    title: str
    description: str
    updated: datetime
    links: FeedLinks
    language: str = ""
    title_language: str = "en"
    is_archive: bool = False
    entries: tuple[FeedEntry, ...] = ()
    deleted: tuple[Deleted, ...] = ()

    def shown(self) -> tuple[FeedEntry, ...]:
        """Return the entries of a format that cannot say that one is no more: such are said to be, in words."""
        notices = [deleted.notice for deleted in self.deleted if deleted.notice is not None]
        return tuple(sorted((*self.entries, *notices), key=lambda entry: entry.updated, reverse=True))


def common_language(languages: Iterable[str]) -> str:
    """Return the language that all of these are, empty if there are several, or none that is known."""
    found = set(languages)
    return found.pop() if len(found) == 1 else ""


def exact(at: datetime | None, precision: str) -> datetime | None:
    """Return a date of publication where it was said to the minute; what is said by the day has no time of day."""
    return at if at is not None and precision in _TO_THE_MINUTE else None


def issued(at: datetime | None, precision: str) -> str:
    """Return a date of publication as precisely as it was said (W3CDTF), and nothing for "two days ago"."""
    return "" if precision in ("", Precision.RELATIVE) else machine_date(at, precision) or ""


def summary(text: str) -> str:
    """Return text short enough for a summary."""
    return truncate(text, MAX_SUMMARY) if text else ""

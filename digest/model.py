"""What a digest is: an immutable record of what one reader is told, whole enough to be rendered again at any time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from news.change import Change
from news.redline import Span
from news.word_filter import Matched
from storage.quiet import QuietSource
from storage.retellings import Relation
from storage.unread import UnreadSource, UnreadStretch

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A source as readers know it: its name, and the title that its declaration gives."""

    source: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Another article that tells the same, or may be a translation, and is not told in this place of this digest.

    Args:
        relation: which of both.
        article: its ``tag:`` URI.
        url: its address.
        title: its title when the digest was composed.
        language: tag of its language.
        place: a source that lists it.
    """

    relation: Relation
    article: str
    url: str
    title: str
    language: str
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestItem:
    """One change as it is told.

    Args:
        id: a ``tag:`` URI (RFC 4151) of this change that stays for life; a feed may use it.
        article: the same for its article, common to all its changes.
        change: the row of the log.
        place: the source that brought it.
        direction: of its title and text, from its language.
        excerpt: the source's summary, else the beginning of the text; for what is new.
        redline: what the edit changed, with some words around it; ``same`` spans that were cut end or begin with ``…``.
        also: further sources that listed the same article within the digest's range.
        withdrawn_at: when the article was withdrawn after that, if it is gone at the end of the digest: its address
            leads nowhere any more.
        retold: items of other articles that tell the same story, shown with this one. They are changes of their own.
        elsewhere: articles of the same story that this digest does not tell, and possible translations.
        matched: which of the reader's words let it in; None where he asked for none.
    """

    id: str
    article: str
    change: Change
    place: Place
    direction: Direction
    excerpt: str = ""
    redline: tuple[Span, ...] = ()
    also: tuple[Place, ...] = ()
    withdrawn_at: datetime | None = None
    retold: tuple[DigestItem, ...] = ()
    elsewhere: tuple[Reference, ...] = ()
    matched: Matched | None = None


RECOVERED = "recovered"
"""The state of an alert that tells of a trouble's end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """That a source or a delivery is in trouble, or is well again.

    Args:
        state: ``broken``, ``blocked``, ``quiet``, ``dead`` or ``recovered``.
        before: the trouble that was told of it before, empty if there was none or its end was told.
        since: since when it is so.
        source: the source's name, empty for a delivery.
        title: what the source is called.
        language: that of the title.
        delivery: the delivery's number, None for a source.
        subscription: whose digest it brings, and with ``number`` which.
        number: the number of that digest.
        reason: why, in words.
    """

    state: str
    before: str
    since: datetime
    source: str = ""
    title: str = ""
    language: str = ""
    delivery: int | None = None
    subscription: str = ""
    number: int | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What one subscription is told of the changes ``(after_seq, upto_seq]``.

    Of a subscription of alerts these are the numbers of its alerts.

    Args:
        number: counts a subscription's stored digests from 1; None for one that was only looked at.
        subscription: its name; empty for a look without one.
        after_seq: the cursor before it.
        upto_seq: the cursor after it.
        upto_run_id: the last run whose lost stretches are told.
        composed_at: aware UTC; the only time of making that a rendering may show.
        items: in the order of the log, save what is retold, which stands with the first of its story.
        unread: sources that were not being read when it was composed.
        stretches: parts of listings that were not read.
        quiet: sources that are read and have stopped publishing, improbably for their own rhythm.
        hidden: how many changes of which class the filter left out: edit classes, or ``listed``, or other kinds.
        remaining: how many changes of the log stand after it, since it was full.
        alerts: for a subscription of alerts, what it is told instead of all the former.
        hash: SHA-256 of all of the above as canonical JSON.
        shown: at most so many items stand in a message for people, which says how many more there are; None for all.
            It is of one message and not stored, as is ``page``. Programs are told all.
        page: an address at which all of it is read; empty if there is none.
    """

    number: int | None
    subscription: str
    after_seq: int
    upto_seq: int
    upto_run_id: int
    composed_at: datetime
    items: tuple[DigestItem, ...] = ()
    unread: tuple[UnreadSource, ...] = ()
    stretches: tuple[UnreadStretch, ...] = ()
    quiet: tuple[QuietSource, ...] = ()
    hidden: tuple[tuple[str, int], ...] = ()
    remaining: int = 0
    alerts: tuple[Alert, ...] = ()
    hash: str = ""
    shown: int | None = None
    page: str = ""

"""What is known before a run is settled, and what settling makes of it: the in- and output of ``decide``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from news.article import Content, Validators, Way
from news.change import ChangeKind, EditMark
from news.dates import Stamp
from news.entry import Entry
from news.redline import EditClass
from news.revision import VolatilePart
from news.run import Profile, Rank
from news.source import Channel


@dataclass(frozen=True, kw_only=True, slots=True)
class PastRevision:
    """A revision as comparing needs it: what it said, and at which look it was captured (counted from 1; 0: unknown).

    ``modified`` is when the site then said that it was modified. ``body_text`` is loaded for the latest few.
    """

    number: int
    title: str
    fingerprint: str
    digest: str
    captured_at: datetime
    look: int = 0
    modified: datetime | None = None
    marks: tuple[EditMark, ...] = ()
    reverts_to: int = 0
    body_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleState:
    """One article as it stands.

    ``id`` is 0 until the database has numbered it. ``titles`` are the title keys under which it is known: its own and
    those of its listings. An empty ``digest`` means that revision 1 holds only what a listing said. ``captured_by`` is
    the source whose listing carried the body, 0 for a page. ``body_text`` is loaded where a seen digest differs, and
    so is ``past``, the latest revisions, oldest first and the newest included. ``volatile`` is what of it differs at
    each look; ``unsettled_digest`` is of what differs from the newest revision in such parts alone, seen so since
    ``unsettled_at``. ``again`` is the kept raw fragment read by today's extractor, where the
    stored content was made by an older one.
    ``forgotten`` says that a person wants nothing kept of it: it is known only so that it is never new again.
    """

    key: str
    url: str
    fetch_url: str
    title: str
    title_key: str
    first_seen_at: datetime
    id: int = 0
    titles: frozenset[str] = frozenset()
    summary: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    image_url: str = ""
    published: Stamp | None = None
    modified: Stamp | None = None
    announced: bool = False
    revision: int = 0
    way: Way = Way.LISTING
    captured_by: int = 0
    fingerprint: str = ""
    digest: str = ""
    extractor: str = ""
    raw_digest: str = ""
    body_text: str = ""
    again: Content | None = None
    past: tuple[PastRevision, ...] = ()
    volatile: tuple[VolatilePart, ...] = ()
    unsettled_digest: str = ""
    unsettled_at: datetime | None = None
    looked_at: datetime | None = None
    looks: int = 0
    next_look_at: datetime | None = None
    missing_at: datetime | None = None
    withdrawn_at: datetime | None = None
    forgotten: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingEntry:
    """An entry whose article could not be read yet, with the rank that it had when it was first seen.

    ``moved`` are the old addresses to be asked before it may be told (``maybe_moved``); ``asked`` that they were.
    """

    key: str
    entry: Entry
    rank: Rank
    reason: str
    first_seen_at: datetime
    next_look_at: datetime
    attempts: int = 0
    moved: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """An article that a listing no longer shows between two neighbours that it still shows; all three by their keys.

    ``runs`` counts the whole reads that lacked it.
    """

    article: str
    above: str
    below: str
    runs: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenGap:
    """A gap as deciding needs it: the keys below it."""

    id: int
    lower: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Everything that deciding about one run may ask.

    ``aliases`` maps URL keys, and keys of the site's own ids, to article keys; ``ids`` are the ids, by key with
    their spelling, of articles at whose address, or beside whose id, another one was seen. ``listing_url`` is where
    the source is read, ``former_urls`` where it was before. ``by_title`` and ``by_fingerprint`` look through the
    host's articles; ``by_text`` holds, by the URL keys of unknown pages, those of the same day with most of the
    text. ``absent`` is what the listing lacks. ``sighted`` maps article keys to the rank that this source gave
    them. ``profiles`` are the source's latest good runs, newest first. ``failing`` says that nothing but failures
    came since the last good run: what was published meanwhile comes all at once. ``redesigned`` says that it is
    read by selectors that a healing found; ``left_shapes`` are shapes of addresses that its articles once had and
    left. ``copies`` are addresses at which the texts of missing articles were seen after those at which they were
    read, the latest first.
    """

    host: str
    channel: Channel = Channel.LISTING
    language: str = ""
    listing_url: str = ""
    former_urls: tuple[str, ...] = ()
    has_baseline: bool = False
    suspect: bool = False
    failing: bool = False
    redesigned: bool = False
    left_shapes: frozenset[str] = frozenset()
    copies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    horizon: Stamp | None = None
    frontier: tuple[str, ...] = ()
    first_page: int = 0
    complete_at: datetime | None = None
    gaps: tuple[OpenGap, ...] = ()
    profiles: tuple[Profile, ...] = ()
    absent: tuple[Absence, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    articles: Mapping[str, ArticleState] = field(default_factory=dict)
    sighted: Mapping[str, Rank] = field(default_factory=dict)
    pending: Mapping[str, PendingEntry] = field(default_factory=dict)
    by_title: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_fingerprint: Mapping[str, str] = field(default_factory=dict)
    by_text: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def resolve(self, key: str) -> str:
        """Return the article key that the URL key ``key`` leads to, or the URL key itself."""
        return self.aliases.get(key, key)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAlias:
    """A URL that leads to an article, or an id by which its site calls it, and what the match rests on.

    ``url`` is empty where only the article's own key leads to it.

    ``passed_on`` says that it led to another article before: a site gave an id a second time.
    """

    key: str
    url: str
    article: str
    evidence: str
    passed_on: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRevision:
    """A captured state to write: a further revision, or (``replaces``) better content of the newest one."""

    article: str
    number: int
    title: str
    content: Content | None
    way: Way
    url: str
    captured_at: datetime
    edit_class: EditClass = EditClass.NONE
    marks: tuple[EditMark, ...] = ()
    reverts_to: int = 0
    look: int = 0
    published: Stamp | None = None
    replaces: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSighting:
    """That the source listed an article in this run."""

    article: str
    rank: Rank
    position: int
    title_key: str
    is_new: bool
    modified: datetime | None = None  # as the channel says it
    looked: bool = False  # whether what it says of the article was followed up in this run


@dataclass(frozen=True, kw_only=True, slots=True)
class NewChange:
    """A row for the log, before it has a ``seq``."""

    kind: ChangeKind
    article: str
    revision: int
    edit_class: EditClass = EditClass.NONE
    old_title: str = ""
    marks: tuple[EditMark, ...] = ()
    reverts_to: int = 0
    old_published: Stamp | None = None


FORMERLY = "formerly"
"""What the alias rests on under which an article is kept that lost its first address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOver:
    """An address that its site gave to another article: it no longer leads to the one that stood there.

    ``article_id`` and ``article`` are the number and the key of that one, ``key`` is its key from now on: where it had
    that of the address, it is known by another, to which nothing else leads. ``is_astray`` says that it was read there,
    so that nobody knows where it stands now.
    """

    article_id: int
    article: str
    address: str
    key: str
    is_astray: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What becomes of a run: all rows to write, in order. Changes are oldest first.

    ``articles`` are new or altered; ``told`` are all that a change speaks of; ``absent`` is what the listing lacks now,
    None where that stays as it was.
    """

    articles: tuple[ArticleState, ...] = ()
    told: tuple[ArticleState, ...] = ()
    aliases: tuple[NewAlias, ...] = ()
    revisions: tuple[NewRevision, ...] = ()
    sightings: tuple[NewSighting, ...] = ()
    changes: tuple[NewChange, ...] = ()
    pending: tuple[PendingEntry, ...] = ()
    settled_pending: tuple[str, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()
    look_validators: tuple[tuple[str, Validators], ...] = ()
    absent: tuple[Absence, ...] | None = None
    is_baseline: bool = False
    taken: int = 0

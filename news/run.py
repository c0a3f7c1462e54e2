"""One crawl of one source: what it was to do, what it saw, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from news.article import Look, Validators
from news.change import Change
from news.entry import Entry
from news.healing import Healing
from news.skips import Skips
from news.source import Source


class Verdict(StrEnum):
    """What a run is worth."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    PARTIAL = "partial"
    SUSPECT = "suspect"
    FAILED = "failed"


class Reach(StrEnum):
    """What ended a read: how far below its last entry nothing was left out."""

    NOTHING = ""  # no entry was read
    KNOWN = "known"  # it met what was known before: nothing stands between
    END = "end"  # the listing ended
    CAP = "cap"  # as many pages as the source may have were read
    SHORT = "short"  # it stopped before that: a page failed, the host asked for patience, time was up


class Rank(StrEnum):
    """Where an entry stood when it was first seen: taken by the baseline, above the source's horizon, or below it."""

    BASELINE = "baseline"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, kw_only=True, slots=True)
class HostState:
    """What short-lived processes share about a host; ``robots`` is the text of robots.txt (RFC 9309).

    ``robots_status`` is the HTTP status of the last fetch (0: never asked or unreachable).
    """

    name: str
    not_before: datetime | None = None
    last_request_at: datetime | None = None
    robots: str = ""
    robots_status: int = 0
    robots_expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """How long an answer asks to be left alone: not before ``until``; ``reason`` says it in words, and who asked."""

    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """The right to crawl one host until ``until`` (database time); a later lease has a higher ``token``."""

    host: str
    token: int
    owner: str
    leased_at: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DueLook:
    """An article page to be asked again: a pending entry's, an ageing article's, or the old address of a moved one."""

    url: str
    key: str
    validators: Validators = field(default_factory=Validators)
    probes: tuple[str, ...] = ()
    pending: bool = False
    listed: bool = False  # its body came with the listing, so a whole sighting there is as good as a look


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What a listing's page 1 looked like, for comparison with the next: a count and shares from 0 to 1.

    ``titled`` is the number of different titles, as a share of the entries. ``wait_seconds`` and ``skips`` are what the
    page itself asked for: an answer that says that it is unchanged does not say them again.

    ``familiar`` is the share of entries that were known before, ``ordered`` the share of neighbours that stand in the
    order of the last read. ``lag_days`` is how old the new entries were (the median, by their dates; None if there
    were none), ``body_chars`` the median length of the articles that were read (0 if none was). ``language`` is empty
    where it is not clear.
    """

    entries: int = 0
    dated: float = 0.0
    bodied: float = 0.0
    summarised: float = 0.0
    shapes: tuple[str, ...] = ()
    titled: float = 1.0
    wait_seconds: int = 0
    skips: Skips = field(default_factory=Skips)
    familiar: float = 1.0
    ordered: float = 1.0
    lag_days: float | None = None
    body_chars: int = 0
    language: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that the spider must know of one source before it asks for anything.

    The first ``first_page`` keys of the frontier stand on page 1, so that a 304 for it speaks for them.
    ``aliases`` maps URL keys to article keys for everything in ``frontier`` and ``stop_keys``; ``stop_keys`` are the
    keys at which paging may end: the oldest open gap's lower keys, else the frontier. ``listed_titles`` maps article
    keys to the title key under which the listing last showed them. ``complete_at`` is when the listing was last read
    without leaving anything out; ``failures`` counts the bad runs in a row since, the first of which was settled at
    ``failing_since``. ``edits_since`` is set when the source is to be asked what of its archive was edited since then;
    ``edits_due`` says that it is time to, whatever the listing brings. ``further_hosts`` is what is known of the other
    hosts on which its articles may stand; ``former_urls`` is where it was asked for before. ``usual`` is what page 1
    looked like in the latest good run; ``is_reread`` says that other selectors read it since, for the first time now.
    """

    source: Source
    source_id: int
    extractor: str
    lease: Lease
    host: HostState
    has_baseline: bool = False
    suspect: bool = False
    sweep: bool = False
    validators: Validators = field(default_factory=Validators)
    frontier: tuple[str, ...] = ()
    first_page: int = 0
    stop_keys: tuple[str, ...] = ()
    gap_ids: tuple[int, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    listed_titles: dict[str, str] = field(default_factory=dict)
    usual: Profile | None = None
    is_reread: bool = False
    pending_keys: frozenset[str] = frozenset()
    looks: tuple[DueLook, ...] = ()
    announce_latest: int = 0
    complete_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    former_urls: tuple[str, ...] = ()
    edits_since: datetime | None = None
    edits_due: bool = False
    further_hosts: tuple[HostState, ...] = ()


class Trouble(StrEnum):
    """What went wrong in a run, as the verdict needs to know it."""

    NETWORK = "network"  # no answer: DNS, refused, reset, TLS, time-out
    STATUS = "status"  # an answer that is no page: 4xx, 5xx
    RETRY_LATER = "retry_later"  # 429 or 503: the host asked for patience
    GONE = "gone"  # 410 for the listing itself
    REFUSED = "refused"  # an address that we will not ask for
    ROBOTS = "robots"  # robots.txt forbids it, or could not be had
    BLOCKED = "blocked"  # a challenge, a login or a consent page
    NOT_A_PAGE = "not_a_page"  # binary, empty, or too large
    MOVING = "moving"  # the listing did not stand still for four passes
    PAGE_FAILED = "page_failed"  # a later page of the listing could not be read
    CALLBACK = "callback"  # our own code raised
    DIED = "died"  # the process ended, was killed, or ran into its limit
    NOT_RECORDED = "not_recorded"  # a replay asked for something that was never recorded


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that went wrong: ``fatal`` when page 1 of the listing could not be read because of it."""

    trouble: Trouble
    detail: str
    url: str = ""
    fatal: bool = False
    status: int = 0


def trouble_in(problems: Iterable[Problem]) -> Trouble | None:
    """Return why page 1 of the listing could not be read; None if it could."""
    return next((problem.trouble for problem in problems if problem.fatal), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One finished run's ledger: everything it saw, in memory until it is settled.

    ``entries`` are those of the last downward pass, top first, each URL key once. ``joined`` means that the stop rule
    met ``stop_keys``; ``ended`` that the listing or the page cap ended first. ``probes`` maps a pending entry's key to
    (old URL, where it led now); ``gone`` are the old URLs that lead to no article any more. ``next_url`` is the page
    that was not read, a hint for the gap. ``same_body`` says that an unchanged listing came whole, byte for byte as
    before; ``edits_at`` is until when edits of the archive were asked for, and told. ``further_hosts`` are the other
    hosts that were asked, as they were left. ``skips`` are the hours and days at which the page asks not to be read, by
    what it said when it last came whole. ``received_bytes`` counts bodies as they came, packed. ``healing`` is what was
    tried because the selectors did not match.
    """

    source: str
    source_id: int
    host: HostState
    lease: Lease
    extractor: str
    started_at: datetime
    finished_at: datetime
    entries: tuple[Entry, ...] = ()
    looks: tuple[Look, ...] = ()
    probes: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    joined: bool = False
    ended: bool = False
    swept: bool = False
    not_modified: bool = False
    pages: int = 0
    passes: int = 1
    next_url: str = ""
    moved_url: str = ""
    page_title: str = ""
    profile: Profile = field(default_factory=Profile)
    validators: Validators = field(default_factory=Validators)
    problems: tuple[Problem, ...] = ()
    refused: tuple[tuple[str, int], ...] = ()
    gap_ids: tuple[int, ...] = ()
    requests: int = 0
    not_modified_count: int = 0
    received_bytes: int = 0
    announce_latest: int = 0
    last_of_host: bool = True
    same_body: bool = False
    wait: Wait | None = None
    skips: Skips = field(default_factory=Skips)
    edits_at: datetime | None = None
    further_hosts: tuple[HostState, ...] = ()
    healing: Healing | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GapNote:
    """A stretch of a listing that was not read, as it is told: ``open``, ``closed`` or ``lost``."""

    state: str
    since: datetime
    next_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What became of one run in the settling transaction.

    ``stale`` means that the lease had passed to somebody else, so nothing of the run was kept. ``baseline`` is the
    number of articles that a baseline took in silence, or None. ``trouble`` is why page 1 of the listing could not be
    read, None if it could. ``healed`` means that it is read in another way from this run on, see
    ``reason``.
    """

    source: str
    run_id: int | None
    verdict: Verdict
    reason: str
    changes: tuple[Change, ...] = ()
    entries: int = 0
    pages: int = 0
    requests: int = 0
    not_modified: int = 0
    baseline: int | None = None
    pending: int = 0
    refused: tuple[tuple[str, int], ...] = ()
    gap: GapNote | None = None
    next_due_at: datetime | None = None
    stale: bool = False
    not_recorded: tuple[str, ...] = ()
    trouble: Trouble | None = None
    healed: bool = False

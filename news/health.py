"""What is complained of: why ``tidings status`` and ``/health`` fail. Pure; `storage.checkup` finds the facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from news.alerts import Ailment

TOLD_FOR = timedelta(days=7)
"""How long that is complained of which no good run and no later attempt can end: a listing that is gone for good, a
delivery that was given up. Whoever has not looked in a week does not look for it."""


class Kind(StrEnum):
    """What a complaint is about."""

    DATABASE = "database"  # it cannot be used
    HEARTBEAT = "heartbeat"  # the scheduler has given no sign of life
    DISK = "disk"  # hardly anything more can be written
    OVERDUE = "overdue"  # a source has been due for long, and nobody reads it
    BROKEN = "broken"  # a source is not being read
    BLOCKED = "blocked"  # nor is it let in
    WAITING = "waiting"  # a delivery should have arrived long ago
    DEAD = "dead"  # a delivery was given up


OF_VERDICTS = frozenset({Kind.BROKEN, Kind.BLOCKED})
"""What the verdict of a source's latest run says, too."""
OF_SOURCES = OF_VERDICTS | {Kind.OVERDUE}
"""What is said of single sources, of which an installation with thousands may allow a share."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """One reason to fail.

    Args:
        kind: what it is about.
        subject: which source, subscription, scheduler or disk, by its name.
        since: since when that is so, where that is known; aware UTC.
        reason: in words.
        delivery: the number of the delivery that it is about, None if it is about none.
    """

    kind: Kind
    subject: str = ""
    since: datetime | None = None
    reason: str = ""
    delivery: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkup:
    """What was found at one moment: complaints in the order of `Kind`, and how many of each kind there are in all.

    ``complaints`` names so many of each kind as were asked for; ``counts`` counts all.
    """

    at: datetime
    complaints: tuple[Complaint, ...]
    counts: Counter[Kind]

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """From when on something is complained of.

    Args:
        overdue: how long a source may be due.
        lease: how much longer one may be due whose host is leased: somebody is reading it, or was killed.
        unread: how long a source may fail.
        waiting: how long a delivery may be on its way.
        heartbeat: how long the scheduler may be silent.
        disk_bytes: how much must be free where we write; None for what is usual.
        ailing_share: the share of all sources that may be overdue, broken or blocked without a complaint.
    """

    overdue: timedelta = timedelta(minutes=15)
    lease: timedelta = timedelta(minutes=7)
    unread: timedelta = timedelta(minutes=15)
    waiting: timedelta = timedelta(hours=1)
    heartbeat: timedelta = timedelta(minutes=2)
    disk_bytes: int | None = None
    ailing_share: float = 0.0


def overdue_since(
    due_at: datetime,
    *,
    not_before: datetime | None,
    lease_until: datetime | None,
    now: datetime,
    limits: Limits,
) -> datetime | None:
    """Return since when a source is overdue, None if it is not.

    It is not due before its host may be asked again. While somebody holds its host it is about to be read, or the rest
    of a host's sources are read before it: only that must not last much longer than a lease.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    >>> hour = timedelta(hours=1)
    >>> overdue_since(now - hour, not_before=None, lease_until=None, now=now, limits=Limits()) == now - hour
    True
    >>> overdue_since(now - hour, not_before=now, lease_until=None, now=now, limits=Limits()) is None
    True
    """
    since = due_at if not_before is None else max(due_at, not_before)
    held = lease_until is not None and lease_until > now
    least = limits.overdue + (limits.lease if held else timedelta())
    return since if now - since >= least else None


def ailing(
    ailment: Ailment | None, since: datetime, *, gone: bool, now: datetime, limits: Limits
) -> Kind | None:
    """Return what is complained of a source that is not being read, None if nothing is, or not yet.

    Args:
        ailment: as alerts see it; None for a source that a person paused.
        since: since when it is not being read.
        gone: it was paused because its listing said that it is gone: no later run will end that.
        now: aware UTC.
        limits: how long it may last.
    """
    kinds = {Ailment.BROKEN: Kind.BROKEN, Ailment.BLOCKED: Kind.BLOCKED}
    kind = kinds.get(ailment) if ailment is not None else None
    lasted = now - since
    return None if kind is None or lasted < limits.unread or (gone and lasted >= TOLD_FOR) else kind


def checkup(
    complaints: Iterable[Complaint], *, sources: int, now: datetime, limits: Limits, named: int
) -> Checkup:
    """Return what was found, without the complaints of sources where these are no more than may be.

    Args:
        complaints: everything that was found.
        sources: how many sources there are that are not paused.
        now: when it was found, aware UTC.
        limits: which share of the sources may ail.
        named: how many complaints of each kind are kept by name, those that last longest before the others.

    >>> from datetime import UTC
    >>> found = [Complaint(kind=Kind.BROKEN, subject="one"), Complaint(kind=Kind.DISK, subject="/var")]
    >>> limits = Limits(ailing_share=0.01)
    >>> made = checkup(found, sources=100, now=datetime(2026, 3, 1, tzinfo=UTC), limits=limits, named=10)
    >>> [str(each.kind) for each in made.complaints], made.is_well
    (['disk'], False)
    """
    found = list(complaints)
    ill = {each.subject for each in found if each.kind in OF_SOURCES}
    if len(ill) <= limits.ailing_share * sources:
        found = [each for each in found if each.kind not in OF_SOURCES]
    counts = Counter(each.kind for each in found)
    kept = [
        each for kind in Kind for each in _longest((one for one in found if one.kind is kind), now)[:named]
    ]
    return Checkup(at=now, complaints=tuple(kept), counts=counts)


def _longest(complaints: Iterable[Complaint], now: datetime) -> Sequence[Complaint]:
    return sorted(complaints, key=lambda each: (each.since or now, each.subject))

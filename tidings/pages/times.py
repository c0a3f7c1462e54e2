"""Times as a page says them: in the reader's zone, as precise as they were stated, with what a machine reads beside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digest.model import DigestItem
from digest.wording import DAYS, day, machine_date, machine_time, stated
from news.change import ChangeKind
from news.dates import Precision
from tidings.times import ago

_MOMENTS = (Precision.SECOND, Precision.MINUTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A time as it is written, and the same for ``datetime=`` (RFC 3339, or as much of it as is known)."""

    text: str
    machine: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """The reader's zone, and the moment at which a page is drawn."""

    zone: ZoneInfo
    now: datetime

    @classmethod
    def in_zone(cls, name: str, *, now: datetime) -> Times:
        """Return the times of a zone by its IANA name, which the settings have checked."""
        return cls(zone=ZoneInfo(name), now=now)

    @property
    def name(self) -> str:
        """The zone as people know it."""
        return self.zone.key.replace("_", " ")

    def moment(self, at: datetime) -> Said:
        """Return a time to the minute.

        >>> from datetime import UTC
        >>> noon = datetime(2026, 7, 2, 12, tzinfo=UTC)
        >>> Times.in_zone("Africa/Cairo", now=noon).moment(noon)
        Said(text='2 July 2026, 15:00', machine='2026-07-02T12:00:00Z')
        """
        local = at.astimezone(self.zone)
        return Said(text=f"{day(local)}, {local:%H:%M}", machine=machine_time(at))

    def clock(self, at: datetime) -> Said:
        """Return only the hour and minute, for what stands under its day."""
        return Said(text=f"{at.astimezone(self.zone):%H:%M}", machine=machine_time(at))

    def ago(self, at: datetime) -> Said:
        """Return how long ago it was, or how soon it will be."""
        return Said(text=ago(at, self.now), machine=machine_time(at))

    def due(self, at: datetime) -> Said:
        """Return how soon something is due; what should have been done already is due now."""
        return self.ago(at) if at > self.now else Said(text="now", machine=machine_time(at))

    def stated(self, at: datetime | None, precision: str) -> Said | None:
        """Return a date as precisely as its source stated it; a day has no zone, and so is never moved."""
        machine = machine_date(at, precision)
        if at is None or machine is None:
            return None
        text = self.moment(at).text if precision in _MOMENTS else stated(at, precision)
        return Said(text=text, machine=machine)

    def day_of(self, at: datetime) -> date:
        """Return the reader's day on which a moment lies."""
        return at.astimezone(self.zone).date()

    def day(self, on: date) -> Said:
        """Return a day with its weekday; the days next to the reader's own by their names."""
        distance = (self.day_of(self.now) - on).days
        name = {0: "Today", 1: "Yesterday"}.get(distance, DAYS[on.weekday()])
        return Said(text=f"{name}, {day(on)}", machine=on.isoformat())

    def when(self, item: DigestItem) -> tuple[str, Said]:
        """Return when what an item tells happened, with a word before it, after the name of what happened."""
        change = item.change
        if change.kind not in (ChangeKind.PUBLISHED, ChangeKind.LISTED):
            return "seen", self.moment(change.at)
        published = self.stated(change.published_at, change.published_precision)
        if published is not None:
            return "published", published
        return "first seen", self.moment(change.first_seen_at or change.at)

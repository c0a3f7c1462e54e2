"""Sources: how each fares, how it is read, from where to where it is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from tidings.api.shapes.base import Channel, Shape, Verdict


class Silence(Shape):
    """Silence."""

    since: str
    days: int
    expected: float
    probability: float


class Lease(Shape):
    """Lease."""

    owner: str
    until: datetime


class Source(Shape):
    """How a source fares."""

    name: str
    title: str | None
    url: str
    page_url: str | None
    host: str
    language: str | None
    channel: Channel
    schedule: str
    time_zone: str
    paused: bool
    verdict: Verdict | None
    reason: str
    failing_since: datetime | None
    failures: int
    has_baseline: bool
    created_at: datetime
    next_due_at: datetime
    due_reason: str
    last_run_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    gaps: int
    pending: int
    held: int
    runs: int
    unchanged: int
    requests: int
    not_before: datetime | None
    lease: Lease | None
    wrapper: str
    quiet: Silence | None


class Definition(Shape):
    """A source as a site file declares it; the fields are those of the file."""

    name: str
    url: str
    page_url: str
    whole_bodies: bool
    wrapper: dict[str, Any]
    title: str
    site: str
    channel: Channel
    language: str
    time_zone: str
    schedule: str
    baseline_pages: int
    max_pages: int
    article: dict[str, Any]
    request: dict[str, Any]
    hosts: list[str]


class Mark(Shape):
    """Mark."""

    title: str
    url: str


class KnownGap(Shape):
    """Known gap."""

    id: int
    state: Literal["open", "lost"]
    since: datetime
    until: datetime
    above: Mark | None
    below: Mark | None
    next_url: str | None
    opened_run: int
    closed_run: int | None


class Coverage(Shape):
    """From where to where a source is known completely, and what was left out in between."""

    top: Mark | None
    bottom: Mark | None
    gaps: list[KnownGap]


class OpenGap(Shape):
    """Open gap."""

    source: str
    state: Literal["open"]
    since: datetime
    until: datetime


class Scheduler(Shape):
    """Scheduler."""

    owner: str
    started_at: datetime
    beat_at: datetime


class Complaint(Shape):
    """One thing that is complained of."""

    kind: Literal["database", "heartbeat", "disk", "overdue", "broken", "blocked", "waiting", "dead"]
    subject: str | None
    since: datetime | None
    reason: str
    delivery: int | None


class Status(Shape):
    """Status."""

    is_well: bool
    counts: dict[str, int]
    complaints: list[Complaint]
    at: datetime
    database: str
    sources: list[Source]
    gaps: list[OpenGap]
    scheduler: Scheduler | None
    articles: int
    last_seq: int


class SourceDetail(Source):
    """How a source fares and how it is read."""

    definition: Definition
    coverage: Coverage


class SourcePage(Shape):
    """Sources by name."""

    sources: list[Source]
    next: str | None

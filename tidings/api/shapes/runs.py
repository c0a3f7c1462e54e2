"""Runs, and what suspect ones saw."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tidings.api.shapes.base import Shape, Verdict
from tidings.api.shapes.sources import Mark


class RunGap(Shape):
    """Run gap."""

    id: int
    did: Literal["opened", "closed", "lost"]
    state: Literal["open", "closed", "lost"]
    since: datetime
    until: datetime


class Problem(Shape):
    """Problem."""

    trouble: str
    detail: str
    url: str | None
    fatal: bool


class StoredRun(Shape):
    """What is kept of a run."""

    id: int
    source: str
    verdict: Verdict
    reason: str
    started_at: datetime
    finished_at: datetime
    settled_at: datetime
    baseline: bool
    entries: int
    pages: int
    requests: int
    not_modified: int
    announced: int
    reach: Literal["known", "end", "cap", "short"] | None
    top: Mark | None
    bottom: Mark | None
    gaps: list[RunGap]
    held: Literal["held", "approved", "rejected", "passed", "told"] | None
    refused: dict[str, int]
    problems: list[Problem]


class SeenEntry(Shape):
    """Seen entry."""

    state: Literal["new", "listed", "waiting", "older", "known"]
    title: str
    url: str
    published_at: str | None


class RunDetail(StoredRun):
    """What is kept of a run, and what a suspect one saw."""

    seen: list[SeenEntry]


class RunPage(Shape):
    """Runs, the newest first."""

    runs: list[StoredRun]
    next: int | None

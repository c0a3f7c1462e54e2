"""What a look at one thing found: well, doubtful, broken, or not looked at; and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"  # it works, and something is not as it should be
    FAILED = "failed"  # something does not work
    SKIPPED = "skipped"  # not looked at, and why


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, how it stands, what was seen, and what to do."""

    subject: str  # installation, configuration, database, clock, disk, dns, robots
    name: str
    state: State
    seen: str
    advice: str = ""


def ok(subject: str, name: str, seen: str) -> Finding:
    """Return that a thing is well."""
    return Finding(subject=subject, name=name, state=State.OK, seen=seen)


def warning(subject: str, name: str, seen: str, advice: str) -> Finding:
    """Return that a thing works and is not as it should be."""
    return Finding(subject=subject, name=name, state=State.WARNING, seen=seen, advice=advice)


def failed(subject: str, name: str, seen: str, advice: str) -> Finding:
    """Return that a thing does not work."""
    return Finding(subject=subject, name=name, state=State.FAILED, seen=seen, advice=advice)


def skipped(subject: str, name: str, seen: str) -> Finding:
    """Return that a thing was not looked at."""
    return Finding(subject=subject, name=name, state=State.SKIPPED, seen=seen)


def refused(subject: str, name: str, error: Exception) -> Finding:
    """Return what one of our own errors says: they say what, where and what to do.

    >>> found = refused("database", "file", ValueError("x.db: it cannot be read; check its permissions"))
    >>> found.seen, found.advice
    ('x.db: it cannot be read', 'check its permissions')
    """
    seen, _, advice = str(error).partition("; ")
    return failed(subject, name, seen, advice)


def worst(findings: Iterable[Finding]) -> State:
    """Return how all of it stands: as its worst part does.

    >>> str(worst([])), str(worst([warning("a", "b", "c", "d"), ok("a", "b", "c")]))
    ('ok', 'warning')
    """
    states = {finding.state for finding in findings}
    return next((state for state in (State.FAILED, State.WARNING) if state in states), State.OK)

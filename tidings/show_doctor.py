"""The doctor's findings for people: a line each, what to do below it, and a sum at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from digest.wording import count, line
from tidings import show
from tidings.doctor.findings import Finding, State

_STYLES = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.SKIPPED: "dim"}


def print_finding(finding: Finding) -> None:
    """Write it to stdout."""
    state = (f"{finding.state.value:<8}", _STYLES[finding.state])
    show.say(show.styled(state, f"{finding.subject} · {line(finding.name)}: {line(finding.seen)}"))
    if finding.advice:
        show.say(f"        → {line(finding.advice)}")


def summary(found: Sequence[Finding]) -> str:
    """Return how many things are as they should be, and how many are not.

    >>> summary([])
    'Nothing was looked at.'
    """
    if not found:
        return "Nothing was looked at."
    states = Counter(finding.state for finding in found)
    parts = [f"{states[State.OK]} ok"]
    if states[State.WARNING]:
        parts.append(count(states[State.WARNING], "warning", "warnings"))
    if states[State.FAILED]:
        parts.append(f"{states[State.FAILED]} failed")
    if states[State.SKIPPED]:
        parts.append(f"{states[State.SKIPPED]} not looked at")
    return ", ".join(parts)

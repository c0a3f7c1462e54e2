"""What an alert says, in words that every rendering shares."""

from __future__ import annotations

from dataclasses import dataclass

from digest import wording
from digest.model import RECOVERED, Alert, Digest

_ENDS = {
    "broken": "it is read again",
    "blocked": "it is let in and read again",
    "quiet": "it publishes again",
    "dead": "it was brought after all",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertWords:
    """One alert: of whom and what, in a few words each, the whole of it, and what helps or shows more."""

    name: str
    state: str
    detail: str
    command: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it tells of an end."""
        return self.state == RECOVERED

    @property
    def title(self) -> str:
        """Return of whom and what, in one line."""
        return f"{self.name}: {self.state}"


def words_of(alert: Alert) -> AlertWords:
    """Return what an alert says; everything in it is safe to be shown."""
    if alert.delivery is not None:
        return _of_delivery(alert)
    name, source = wording.line(alert.title), wording.line(alert.source)
    shown = f"{name} ({source})" if name and name != source else source
    since, reason = wording.moment(alert.since), wording.line(alert.reason)
    if alert.state == RECOVERED:
        end = _ENDS.get(alert.before, "it is well again")
        detail = f"{end}, since about {since}; it was {wording.line(alert.before)}"
    elif alert.state == "quiet":
        detail = f"nothing new since {wording.day(alert.since)}, improbably for its rhythm; it is read well"
    else:
        detail = f"not read since {since}{f': {reason}' if reason else ''}"
    command = "" if alert.state == RECOVERED else f"tidings sources show {source}"
    return AlertWords(name=shown, state=wording.line(alert.state), detail=detail, command=command)


def summary_of(digest: Digest) -> str:
    """Return how much of what a digest tells."""
    if not digest.alerts:
        return wording.summary_of(digest)
    states = [alert.state for alert in digest.alerts]
    found = dict.fromkeys(("broken", "blocked", "quiet", "dead", RECOVERED, *states))
    return ", ".join(f"{states.count(state):,} {wording.line(state)}" for state in found if state in states)


def range_of(digest: Digest) -> str:
    """Return which part of the log, or of the alerts, a digest covers."""
    if not digest.alerts:
        return wording.range_of(digest)
    first, last = digest.after_seq + 1, digest.upto_seq
    return f"alert {last}" if first == last else f"alerts {first} to {last}"


def _of_delivery(alert: Alert) -> AlertWords:
    name = wording.line(alert.subscription)
    digest = f"digest {alert.number}, delivery {alert.delivery}"
    if alert.state == RECOVERED:
        return AlertWords(name=f"{name} ({digest})", state=RECOVERED, detail=_ENDS["dead"])
    reason = wording.line(alert.reason)
    told = f"given up on {wording.moment(alert.since)}{f': {reason}' if reason else ''}"
    command = f"tidings deliveries retry {alert.delivery}"
    return AlertWords(
        name=f"{name} ({digest})", state=wording.line(alert.state), detail=told, command=command
    )

"""When an operator is told of a trouble, and when of its end: once a change of state, and never of a flicker. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Ailment(StrEnum):
    """What ails a source or a delivery, in the words of an alert."""

    NONE = ""
    BROKEN = "broken"  # a source is not being read
    BLOCKED = "blocked"  # nor is it let in: a challenge, a login, robots.txt, a refusal
    QUIET = "quiet"  # it is read well and has stopped publishing, improbably for its rhythm
    DEAD = "dead"  # a delivery was given up


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """What is known of one subject.

    Args:
        ailment: what ailed it at the last look.
        since: since when that is so.
        told: what was told of it last; nothing where its troubles were never told, or their end was.
        told_at: when.
    """

    ailment: Ailment
    since: datetime
    told: Ailment = Ailment.NONE
    told_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Noticed:
    """What comes of one look.

    ``watched`` is what is known now, None where there is nothing to remember; ``tell`` what is to be told, if anything.
    """

    watched: Watched | None
    tell: Watched | None = None


def noticed(
    before: Watched | None,
    ailment: Ailment | None,
    *,
    since: datetime | None = None,
    now: datetime,
    least: timedelta,
) -> Noticed:
    """Decide what one look at a subject comes to.

    A trouble is told once it has lasted, its end once that has lasted, each once; the end only of a trouble that was
    told. One trouble in the place of another is told like a new one. What comes and goes within the time is not told.

    Args:
        before: what was known of it.
        ailment: what ails it now; None where nothing can be said, as of a source that a person has paused.
        since: since when, where that is known better than from the looks.
        now: aware UTC.
        least: how long a state must last before it is told.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    >>> quarter = timedelta(minutes=15)
    >>> first = noticed(None, Ailment.BROKEN, now=now, least=quarter)
    >>> later = noticed(first.watched, Ailment.BROKEN, now=now + quarter, least=quarter)
    >>> first.tell is None, later.tell.since == now
    (True, True)
    >>> noticed(first.watched, Ailment.NONE, now=now + quarter, least=quarter)
    Noticed(watched=None, tell=None)
    """
    if ailment is None or (before is None and ailment is Ailment.NONE):
        return Noticed(watched=before)
    known = before or Watched(ailment=Ailment.NONE, since=now)
    if known.told_at is not None and now < known.told_at:
        return Noticed(watched=before)  # the clock was set back: this moment has been told of
    if since is not None and not known.told:
        known = replace(known, ailment=ailment, since=since)  # a trouble is as old as it is
    elif ailment is not known.ailment:
        known = replace(known, ailment=ailment, since=now)
    if known.ailment is not known.told and now - known.since >= least:
        told = replace(known, told=known.ailment, told_at=now)
        return Noticed(watched=told if told.told else None, tell=told)
    return Noticed(watched=known if known.ailment or known.told else None)

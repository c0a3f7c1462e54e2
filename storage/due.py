"""When a source is due after a run: by its schedule, later after failures, and not before it was asked to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from news.pace import NextRead
from news.run import Reading, Trouble
from news.skips import MAX_SKIP, Skips
from storage.schedule import backoff, due_from, interval_seconds, next_due

DEFAULT_INTERVAL_SECONDS = 1800
"""The first step of the backoff where the schedule is a cron line."""


SKIPPED = "the feed asks not to be read at these hours (skipHours, skipDays)"
USED_UP = "its host has had as many requests today as its share of the day allows"


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """The next time, and why: empty if an interval or a cron line says so, or if failures are the reason."""

    at: datetime
    reason: str = ""


def was_put_off(reading: Reading) -> bool:
    """Say whether a run asked for nothing, because the host wants to be left alone: it tells nothing of the source."""
    troubles = {problem.trouble for problem in reading.problems}
    return not reading.requests and troubles == {Trouble.RETRY_LATER}


def failures_after(reading: Reading, before: int) -> int:
    """Return the bad runs in a row after a bad run; one that was put off is none, however often somebody tries."""
    return before if was_put_off(reading) else before + 1


def due_after(
    definition: Mapping[str, Any],
    name: str,
    reading: Reading,
    *,
    moment: datetime,
    failures: int,
    planned: Due | None = None,
    paced: NextRead | None = None,
    host_free_at: datetime | None = None,
) -> Due:
    """Return when a source is due again.

    What an answer asks for (``Cache-Control``, ``Expires``, a feed's ``ttl``) is a lower bound after a good run, and
    moves a cron line to its next time from then on; so do the hours and days that a feed skips. After a failure neither
    is heard: the answer was no good. A host's ``Retry-After`` always counts; a run that was put off by one moves
    nothing else, so that trying again meanwhile does no harm.

    Args:
        definition: the source as it is declared.
        name: its name, for the spread of intervals.
        reading: the run.
        moment: when it is settled.
        failures: bad runs in a row, this one included; 0 after a good one.
        planned: what was said before the run.
        paced: what an adaptive schedule says; None for other schedules.
        host_free_at: from when on an adaptive schedule may ask the host again.
    """
    not_before = reading.host.not_before
    if planned is not None and was_put_off(reading):
        kept = planned if not_before is None or not_before <= planned.at else Due(at=not_before)
        if kept.at > moment:
            return kept
    schedule, time_zone = definition["schedule"], definition["time_zone"]
    if paced is not None:
        due, reason = paced.at, paced.because
        if host_free_at is not None and host_free_at > due:
            due, reason = host_free_at, USED_UP
    else:
        due, reason = next_due(schedule, time_zone, after=moment, name=name), ""
    if failures > 1:
        base = interval_seconds(schedule) or DEFAULT_INTERVAL_SECONDS
        later = moment + timedelta(seconds=backoff(failures - 1, base))
        due, reason = (later, "") if later > due else (due, reason)
    if not failures and reading.wait is not None and reading.wait.until > due:
        due, reason = due_from(schedule, time_zone, reading.wait.until), reading.wait.reason
    if not failures and reading.skips:
        opened = _outside(reading.skips, schedule, time_zone, due)
        due, reason = (due, reason) if opened == due else (opened, SKIPPED)
    if not_before is not None and not_before > due:
        due, reason = not_before, ""  # the host's state says that itself
    return Due(at=due, reason=reason)


def _outside(skips: Skips, schedule: str, time_zone: str, due: datetime) -> datetime:
    """Return the first time from ``due`` on that is none of those to be skipped, or ``due`` if no such time is near.

    A cron line that names skipped hours alone is what the operator wants.
    """
    found = due
    while (opened := skips.first_open(found)) != found:
        found = due_from(schedule, time_zone, opened)
        if found - due > MAX_SKIP:
            return due
    return found

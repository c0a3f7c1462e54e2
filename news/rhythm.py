"""How often a source brings something new, and whether its silence is longer than that explains.

The unit is the day on which anything new came, in the source's own time zone: neither a night nor a burst of ten items
says anything about the next day. Each weekday has a rate of its own, since many sources rest at weekends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

IMPROBABLE = 0.001
"""A silence is told when the source's own rhythm gives it no more than this probability."""
KEPT_DAYS = 182
"""Days of news that are kept and counted back: half a year."""
LEAST_DAYS = 5
"""Days of news that it takes to know a rhythm."""
PRIOR_SHARE, PRIOR_DAYS = 0.5, 2.0
"""What is assumed of a weekday before it was seen: as much as two such days, shared with the rest of the week."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """That a source has stopped publishing, improbably for its own rhythm.

    ``since`` is the last day on which it brought something new, ``days`` how many whole days were silent since,
    ``expected`` how many of these would have brought something.
    """

    since: date
    days: int
    expected: float
    probability: float


def add_news_day(days: Sequence[str], at: datetime, time_zone: str) -> list[str]:
    """Return the days of news (ISO 8601) with that of ``at``, the latest `KEPT_DAYS` in order.

    >>> from datetime import UTC
    >>> add_news_day(["2026-03-01"], datetime(2026, 3, 1, 23, 30, tzinfo=UTC), "Asia/Dubai")
    ['2026-03-01', '2026-03-02']
    """
    today = at.astimezone(ZoneInfo(time_zone)).date()
    return sorted({*days, today.isoformat()})[-KEPT_DAYS:]


def silence_of(
    news_days: Sequence[str], *, read_since: datetime | None, read_until: datetime | None, time_zone: str
) -> Silence | None:
    """Return the silence of a source if it is improbable, else None.

    A day brings news or not. With ``n`` days of news among the ``N`` of a weekday in the past, the next is silent
    with the probability ``(N - n + b) / (N + a + b)``, and each further silent one is counted before the next is asked
    (the predictive distribution of a Beta-Bernoulli model; ``a`` and ``b`` come from the rhythm of the whole week).
    News comes in spells, though: a silence that is no longer than one of the last half-year is none.

    :param news_days: days on which something new came, ISO 8601, in order.
    :param read_since: when the source was read for the first time.
    :param read_until: its last complete read: of what came after it nothing is known.
    """
    if read_since is None or read_until is None or len(news_days) < LEAST_DAYS:
        return None
    zone = ZoneInfo(time_zone)
    active = {date.fromisoformat(day) for day in news_days}
    last, today = max(active), read_until.astimezone(zone).date()
    # A full store begins with its oldest day; before that nobody counted.
    begin = min(active) if len(active) >= KEPT_DAYS else min(read_since.astimezone(zone).date(), *active)
    begin = max(begin, last - timedelta(days=KEPT_DAYS))
    silent = [last + timedelta(days=number) for number in range(1, (today - last).days)]
    if len(silent) <= _longest_before(active):
        return None
    counts = _Counts(begin, last, active)
    probability, expected = 1.0, 0.0
    for day in silent:
        share = counts.share(day)
        expected += share
        probability *= 1 - share
        counts.see(day, news=False)
    if probability > IMPROBABLE:
        return None
    return Silence(since=last, days=len(silent), expected=expected, probability=probability)


def _longest_before(active: set[date]) -> int:
    """Return the longest silence of the past: what happened before is not improbable, whatever the rates say."""
    days = sorted(active)
    return max(((later - earlier).days - 1 for earlier, later in pairwise(days)), default=0)


class _Counts:
    """For each weekday, how many were seen and how many of them brought something new."""

    def __init__(self, begin: date, last: date, active: set[date]) -> None:
        # The last day is not counted: that the silence begins after it is how it was chosen.
        weeks, rest = divmod((last - begin).days, 7)
        self._seen, self._news = [weeks] * 7, [0] * 7
        for number in range(rest):
            self._seen[(begin.weekday() + number) % 7] += 1
        for day in active:
            self._news[day.weekday()] += begin <= day < last
        whole = sum(self._seen)
        self._usual = (sum(self._news) + PRIOR_SHARE) / (whole + 1)

    def see(self, day: date, *, news: bool) -> None:
        """Count one day."""
        self._seen[day.weekday()] += 1
        self._news[day.weekday()] += news

    def share(self, day: date) -> float:
        """Return how probable it is that the next such weekday brings something new."""
        number = day.weekday()
        return (self._news[number] + PRIOR_DAYS * self._usual) / (self._seen[number] + PRIOR_DAYS)

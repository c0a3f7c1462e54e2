"""How fast a source brings news, by what it brought, and when it is worth asking again.

With ``f`` questions a day to a source that brings ``r`` articles a day, news waits half a day over ``f``. The least
waiting of all news together, for a number of questions, gives each source questions in proportion to the square root
of its rate, not to the rate: so does every hour of a source. Hence the rule: **ask again when the integral of
``sqrt(weight * rate * shape(hour))`` since the last time reaches a price**, which is the same for all sources and is
set so that all questions together come to the budget (`news.price`).

The rate is what was counted over how long it was counted, both forgotten by halves (the mean of a gamma distribution
under Poisson counts, with one article in one day believed beforehand). The shape is by what each hour of working days
and of weekends departs from that rate; little counted leaves it flat. What is counted is new to the source: not what
its baseline took, nor what came back or moved between pages.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from news.lasting import lasting
from news.week import HOURS, SHARES, decay, hour_named, hour_of, hours_between, lived, smoothed

HALF_LIFE_DAYS = 28.0
"""After so many days what was counted counts half."""
LATELY_DAYS = 3.0
"""The same for what is counted beside it, to see whether the rate has turned."""
TURNED = 3.0
"""So many standard deviations apart, the latest days are believed in place of all."""
SILENT = 7.0
"""A silence in which so many articles were to be expected (its probability is 0.001) is believed to go on."""
PRIOR_NEWS, PRIOR_DAYS = 1.0, 1.0
"""What is believed of a source before it was seen."""
PSEUDO_NEWS = 6.0
"""As many articles, spread evenly over the week, stand beside those that were counted by hour."""
LEAST_SHAPE, MOST_SHAPE = 0.1, 5.0
MIN_SECONDS, MAX_SECONDS = 300, 86_400
JITTER = 0.05
"""By which share the price of one question is moved, so that sources drift apart."""
PAGES_LEFT = 4.0
"""A listing is asked before a quarter of its page could be new, at the fastest hour."""
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """What is remembered of when a source brought news, up to ``until``.

    ``news`` articles in ``days`` days, and ``hours`` articles in each hour of the week (`news.week`); of all three the
    older counts less, so these are no whole numbers. ``lately`` and ``lately_days`` are the same of the latest days,
    which are counted by the source's own hours. ``until`` is None before anything was counted.
    """

    until: datetime | None = None
    news: float = 0.0
    days: float = 0.0
    hours: tuple[float, ...] = (0.0,) * HOURS
    lately: float = 0.0
    lately_days: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How many articles a day are expected of a source, and whether that is by its latest days alone."""

    per_day: float
    has_turned: bool = False


class Bound(StrEnum):
    """What settled a next time, if it was not the price."""

    PRICE = "price"
    SHORTEST = "shortest"
    LONGEST = "longest"
    PAGE = "page"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """How a source wants to be asked: how much its news weighs beside that of others, and the bounds of its waits."""

    weight: float = 1.0
    min_seconds: int = MIN_SECONDS
    max_seconds: int = MAX_SECONDS


@dataclass(frozen=True, kw_only=True, slots=True)
class NextRead:
    """When a source is to be asked again: at its ``rate``, and ``factor`` times that in the ``hour`` of it."""

    at: datetime
    rate: Rate
    factor: float
    hour: int
    price: float
    bound: Bound
    terms: Terms

    @property
    def because(self) -> str:
        """Return why, in words for people.

        >>> at = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
        >>> zone = ZoneInfo("UTC")
        >>> next_read(Pace(), zone=zone, after=at, read_until=at, price=1 / 48, terms=Terms()).because
        'it brings about 1 new a day, as many on working days at 10 h'
        """
        much = "as many" if round(self.factor, 1) == 1 else f"{self.factor:.1f} times that"
        lately = " lately" if self.rate.has_turned else ""
        said = (
            f"it brings about {_number(self.rate.per_day)} new a day{lately}, {much} {hour_named(self.hour)}"
        )
        if self.terms.weight != 1:
            said += f", weight {_number(self.terms.weight)}"
        if self.bound is Bound.SHORTEST:
            said += f"; never sooner than after {lasting(self.terms.min_seconds)}"
        elif self.bound is Bound.LONGEST:
            said += f"; never later than after {lasting(self.terms.max_seconds)}"
        elif self.bound is Bound.PAGE:
            said += "; before what is new could fill its page"
        return said


# ------------------------------------------------------------------------------------------------ what is learnt


def observe(
    pace: Pace, news: Iterable[datetime | None], *, since: datetime, until: datetime, zone: ZoneInfo
) -> Pace:
    """Return the pace after a read that brought news.

    Args:
        pace: as it was.
        news: when each new article was published, where that is known to the minute, else None. What was published
            before the last read, or after this one, cannot be meant: it counts as unknown, and is spread over the time
            between, as the source's hours are known so far.
        since: the last read, or when counting began: what is new came after it.
        until: this read.
        zone: the source's time zone.
    """
    since = since if pace.until is None else max(since, pace.until)
    begin = pace.until or since
    if until <= max(begin, since):  # a recording, or a clock that was set back
        return pace
    kept = decay((until - begin) / _DAY, HALF_LIFE_DAYS)
    hours = [each * kept for each in pace.hours]
    total = 0.0
    spread = _spread(shape_of(pace), since, until, zone)
    for at in news:
        if at is not None and since <= at <= until:
            shares = [(hour_of(at, zone), decay((until - at) / _DAY, HALF_LIFE_DAYS))]
        else:
            shares = spread
        for number, weight in shares:
            hours[number] += weight
            total += weight
    return Pace(
        until=until,
        news=pace.news * kept + total,
        days=pace.days * kept + _seen((until - begin) / _DAY),
        hours=tuple(hours),
        lately=pace.lately * decay((until - begin) / _DAY, LATELY_DAYS) + total,
        lately_days=_lately(pace, begin, until, zone),
    )


def rate_of(pace: Pace, read_until: datetime | None, zone: ZoneInfo) -> Rate:
    """Return how many articles a day are expected; nothing came between ``pace.until`` and ``read_until``.

    What was counted in the latest days takes the place of the rest when the usual rate would hardly ever bring so many,
    or so few, and so does a silence that it would hardly ever bring: a source that turned is not to be read for weeks
    by what it was. The first news after a silence brings the usual rate back.
    """
    if pace.until is None:
        return Rate(per_day=PRIOR_NEWS / PRIOR_DAYS)
    until = max(read_until or pace.until, pace.until)
    quiet = (until - pace.until) / _DAY
    kept = decay(quiet, HALF_LIFE_DAYS)
    usual = (PRIOR_NEWS + pace.news * kept) / (PRIOR_DAYS + pace.days * kept + _seen(quiet))
    silent = _silent(pace, pace.until, until, zone)
    if usual * silent > SILENT:
        return Rate(per_day=PRIOR_NEWS / (PRIOR_NEWS / usual + silent), has_turned=True)
    came, days = pace.lately * decay(quiet, LATELY_DAYS), _lately(pace, pace.until, until, zone)
    # Counts weighted so have half the variance of their mean; one more stands for all that Poisson does not know.
    if abs(came - usual * days) < TURNED * math.sqrt(usual * days / 2 + 1):
        return Rate(per_day=usual)
    return Rate(per_day=(PRIOR_NEWS + came) / (PRIOR_NEWS / usual + days), has_turned=True)


def _silent(pace: Pace, begin: datetime, until: datetime, zone: ZoneInfo) -> float:
    """Return how many days a silence is by the source's own hours; a week is a week whatever they are."""
    weeks = (until - begin) // _WEEK
    return 7 * weeks + lived(shape_of(pace), begin + weeks * _WEEK, until, zone, half_life=math.inf)


def _lately(pace: Pace, begin: datetime, until: datetime, zone: ZoneInfo) -> float:
    """Return how many days of its own shape the latest ones are, the older counting less."""
    kept = decay((until - begin) / _DAY, LATELY_DAYS)
    return pace.lately_days * kept + lived(shape_of(pace), begin, until, zone, half_life=LATELY_DAYS)


@lru_cache(maxsize=1024)
def shape_of(pace: Pace) -> tuple[float, ...]:
    """Return how many times its rate a source brings in each hour of the week: 1 on average, within bounds."""
    counted = smoothed(pace.hours)
    believed = min(pace.days / 7, 1.0)  # before a week is over some hours have not been seen
    whole = sum(counted) * believed + PSEUDO_NEWS
    return tuple(
        min(max((each * believed / share + PSEUDO_NEWS) / whole, LEAST_SHAPE), MOST_SHAPE)
        for each, share in zip(counted, SHARES, strict=True)
    )


def _spread(
    shape: Sequence[float], since: datetime, until: datetime, zone: ZoneInfo
) -> list[tuple[int, float]]:
    """Return how much an article counts in each hour, at ``until``, that came at nobody knows which moment."""
    pieces = list(hours_between(since, until, zone))
    whole = sum(shape[number] * length for number, _, length in pieces)
    return [
        (number, shape[number] * length / whole * decay((until - at) / _DAY - length / 2, HALF_LIFE_DAYS))
        for number, at, length in pieces
    ]


def _seen(days: float) -> float:
    """Return what so many days count that are just over, each by its age."""
    return (1 - decay(days, HALF_LIFE_DAYS)) * HALF_LIFE_DAYS / math.log(2)


# ------------------------------------------------------------------------------------------------ what is decided


def next_read(
    pace: Pace,
    *,
    zone: ZoneInfo,
    after: datetime,
    read_until: datetime | None,
    price: float,
    terms: Terms,
    page_entries: int = 0,
    name: str = "",
) -> NextRead:
    """Return when a source is to be asked again, and why.

    Args:
        pace: what is remembered of it.
        zone: its time zone.
        after: the end of the last run.
        read_until: the last complete read.
        price: what the integral must reach: the square root of articles times days.
        terms: how it wants to be asked.
        page_entries: how many entries its page holds, 0 if that is not known.
        name: the source's name, which moves the price of this question a little; empty for not at all.
    """
    rate, shape = rate_of(pace, read_until, zone), shape_of(pace)
    jittered = price * (1 + JITTER * _share(name, after))
    wait, bound = (
        _reached(rate.per_day * terms.weight, shape, zone, after, jittered, terms.max_seconds),
        Bound.PRICE,
    )
    if wait >= terms.max_seconds:
        wait, bound = float(terms.max_seconds), Bound.LONGEST
    if page_entries:
        lasts = page_entries / (PAGES_LEFT * rate.per_day * max(shape)) * 86_400
        wait, bound = (lasts, Bound.PAGE) if lasts < wait else (wait, bound)
    if wait < terms.min_seconds:
        wait, bound = float(terms.min_seconds), Bound.SHORTEST
    at = after + timedelta(seconds=round(wait))
    hour = hour_of(at, zone)
    return NextRead(at=at, rate=rate, factor=shape[hour], hour=hour, price=price, bound=bound, terms=terms)


def _reached(
    rate: float, shape: Sequence[float], zone: ZoneInfo, after: datetime, price: float, most_seconds: int
) -> float:
    """Return after how many seconds the integral reaches the price, or ``most_seconds`` if that is sooner."""
    paid, waited = 0.0, 0.0
    for number, _, length in hours_between(after, after + timedelta(seconds=most_seconds), zone):
        density = math.sqrt(rate * shape[number])
        if paid + density * length >= price:
            return (waited + (price - paid) / density) * 86_400
        paid, waited = paid + density * length, waited + length
    return float(most_seconds)


def _share(name: str, at: datetime) -> float:
    """Return a number from -1 to 1 that depends on a name and a moment alone; 0 without a name."""
    if not name:
        return 0.0
    seed = f"{name} {at.astimezone(UTC).isoformat()}".encode()
    return int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest(), "big") / 0xFFFF_FFFF * 2 - 1


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"

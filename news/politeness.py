"""How polite the reading of a source is: a score out of 100 by the rules that feed readers are held to, with reasons.

The rules are those of the feed reader score (Kroll): an hour between conditional looks, a day where a server gives no
validator, patience where it is asked for; and what a crawler owes besides: a delay, a name, an end to asking where
the answer is no. Each point that is taken off says why. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from news.lasting import lasting

BEST = 100
HOUR_SECONDS = 3_600.0
DAY_SECONDS = 86_400.0
LEAST_DELAY_SECONDS = 1.0
FEW_RUNS = 3
"""Fewer say nothing of how often a source is asked."""
REQUESTS_OF_AN_UNCHANGED_ONE = 3.0
"""Requests a run, at most, where nothing changes: the listing, robots.txt once a day, and looks at articles."""
STUBBORN_FAILURES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is known of how a source was asked.

    ``every_seconds`` is the mean time between its runs, None where they are too few. ``answers_304`` says that its
    server gave a validator that is sent back. ``wait_seconds`` is how long the listing itself asks to be left alone
    (max-age, ttl). ``recent`` counts the latest stored runs, ``impatient`` those in which a host asked for patience
    (429, 503) and ``denied`` those that robots.txt ended. ``delay_seconds`` is what is kept between two requests.
    """

    runs: int
    unchanged: int
    requests: int
    every_seconds: float | None
    answers_304: bool
    wait_seconds: float = 0.0
    recent: int = 0
    impatient: int = 0
    denied: int = 0
    failures: int = 0
    delay_seconds: float = LEAST_DELAY_SECONDS
    has_contact: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Deduction:
    """Points that are taken off, and why; ``rule`` names the rule for programs."""

    rule: str
    points: int
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Politeness:
    """The score, from 0 to 100, and what it is made of."""

    score: int
    deductions: tuple[Deduction, ...]


def politeness(asked: Asked) -> Politeness:
    """Return how polite it was.

    >>> often = Asked(runs=500, unchanged=400, requests=600, every_seconds=900.0, answers_304=True)
    >>> found = politeness(often)
    >>> found.score, found.deductions[0].why
    (90, 'asked every 15 min; an hour between conditional looks is what readers of feeds are held to')
    """
    deductions = tuple(_deductions(asked))
    return Politeness(score=max(0, BEST - sum(each.points for each in deductions)), deductions=deductions)


def _deductions(asked: Asked) -> Iterator[Deduction]:
    yield from _rhythm(asked)
    if asked.every_seconds is not None and asked.every_seconds < asked.wait_seconds * 0.9:
        why = f"asked every {lasting(asked.every_seconds)}, where the listing asks for {lasting(asked.wait_seconds)}"
        yield Deduction(rule="cache-control", points=15, why=why)
    if asked.impatient:
        why = f"{asked.impatient} of the latest {asked.recent} runs met a host that asked for patience (429 or 503)"
        yield Deduction(rule="patience", points=min(20, 5 * asked.impatient), why=why)
    if asked.denied:
        runs = f"{asked.denied} of the latest {asked.recent} runs"
        why = f"robots.txt ended {runs}; pause the source, or ask for permission"
        yield Deduction(rule="robots", points=min(15, 3 * asked.denied), why=why)
    if asked.delay_seconds < LEAST_DELAY_SECONDS:
        why = f"{asked.delay_seconds:g} s between requests, where a second is the least"
        yield Deduction(rule="delay", points=15, why=why)
    if _is_wasteful(asked):
        why = f"{asked.requests / asked.runs:.1f} requests a run, though nothing changes in most of them"
        yield Deduction(rule="requests", points=10, why=why)
    if asked.failures >= STUBBORN_FAILURES and (asked.every_seconds or DAY_SECONDS) < HOUR_SECONDS:
        why = f"asked on after {asked.failures} failures in a row"
        yield Deduction(rule="failures", points=10, why=why)
    if not asked.has_contact:
        why = "nobody can be reached by the name that is sent: set contact"
        yield Deduction(rule="contact", points=10, why=why)


def _rhythm(asked: Asked) -> Iterator[Deduction]:
    every = asked.every_seconds
    if every is None:
        return
    if asked.answers_304:
        points = _by_shortness(every, ((300.0, 20), (900.0, 15), (1_800.0, 10), (HOUR_SECONDS * 0.95, 5)))
        why = "an hour between conditional looks is what readers of feeds are held to"
    else:
        points = _by_shortness(every, ((900.0, 30), (HOUR_SECONDS * 0.95, 20), (DAY_SECONDS * 0.95, 10)))
        why = "the server gives no validator, so each look is a whole answer, and a day between them is the rule"
    if points:
        yield Deduction(rule="interval", points=points, why=f"asked every {lasting(every)}; {why}")


def _by_shortness(every: float, steps: tuple[tuple[float, int], ...]) -> int:
    return next((points for limit, points in steps if every < limit), 0)


def _is_wasteful(asked: Asked) -> bool:
    if asked.runs < FEW_RUNS or asked.unchanged * 2 < asked.runs:
        return False
    return asked.requests / asked.runs > REQUESTS_OF_AN_UNCHANGED_ONE

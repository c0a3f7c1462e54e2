"""What a run is worth: a pure judgement over the source's own history, what was seen, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from news.known import Known
from news.run import Reading, Trouble, Verdict
from news.source import Channel
from news.suspicion import MANY, Bounds, unlike_history

FEW = 0.4
"""Page 1 with less than this share of its usual entries is suspect."""


class Empty(StrEnum):
    """When an answer without any entry is a good one."""

    NEVER = "never"  # a page without entries is not the listing
    WHEN_USUAL = "when_usual"  # before anything was ever listed, or when the latest good runs were empty too
    ALWAYS = "always"  # what is listed falls out after a while by itself


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectations:
    """What a channel's answer owes to what was usual.

    ``bounds`` says how many entries page 1 may have, ``passed_over`` for which reasons items may be refused without a
    fault.
    """

    empty: Empty
    bounds: Bounds
    passed_over: frozenset[str] = frozenset()


EXPECTATIONS = {
    Channel.LISTING: Expectations(
        empty=Empty.NEVER, bounds=Bounds(few=FEW, few_may_continue=False, many=MANY)
    ),
    Channel.FEED: Expectations(empty=Empty.WHEN_USUAL, bounds=Bounds(few=FEW, few_may_continue=True)),
    Channel.WORDPRESS: Expectations(empty=Empty.WHEN_USUAL, bounds=Bounds(few=FEW, few_may_continue=True)),
    Channel.SITEMAP: Expectations(
        empty=Empty.ALWAYS,
        bounds=Bounds(few=0.0, few_may_continue=True),
        passed_over=frozenset({"no title"}),  # a page that is no news stands there without one
    ),
}
"""What is usual, by channel. A news sitemap holds the last two days: none at all on a Monday morning is well."""
UNUSUAL = frozenset({Trouble.BLOCKED, Trouble.NOT_A_PAGE})
"""A page came, but not the listing: held for a person, where other fatal troubles are plain failures."""


def judge(known: Known, reading: Reading) -> tuple[Verdict, str]:
    """Return the verdict and, unless all is well, the reason in words that an operator understands.

    The order matters: what cannot be trusted at all comes before what is only incomplete.
    """
    for problem in reading.problems:
        if problem.trouble is Trouble.NOT_RECORDED:
            return Verdict.FAILED, problem.detail
    for problem in reading.problems:
        if problem.fatal:
            verdict = Verdict.SUSPECT if problem.trouble in UNUSUAL else Verdict.FAILED
            return verdict, problem.detail
    if reading.not_modified and not reading.entries:
        return Verdict.NOT_MODIFIED, ""
    if not reading.entries and not (_may_be_empty(known) and _is_whole(known, reading)):
        refused = ", ".join(f"{count} {reason}" for reason, count in reading.refused)
        return Verdict.SUSPECT, f"no entries {_PLACES[known.channel]}" + (
            f" (refused: {refused})" if refused else ""
        )
    if reason := suspicion(known, reading):
        return Verdict.SUSPECT, reason
    incomplete = [p for p in reading.problems if p.trouble in _CUTS_SHORT]
    if incomplete:
        return Verdict.PARTIAL, incomplete[0].detail
    return Verdict.OK, ""


_CUTS_SHORT = frozenset(
    {Trouble.PAGE_FAILED, Trouble.RETRY_LATER, Trouble.MOVING, Trouble.DIED, Trouble.CALLBACK, Trouble.ROBOTS}
)


_PLACES = {
    Channel.LISTING: "on the listing",
    Channel.FEED: "in the feed",
    Channel.WORDPRESS: "among the posts",
    Channel.SITEMAP: "in the sitemap",
}


def _may_be_empty(known: Known) -> bool:
    match EXPECTATIONS[known.channel].empty:
        case Empty.NEVER:
            return False
        case Empty.ALWAYS:
            return True
        case Empty.WHEN_USUAL:
            return not (known.profiles and median(profile.entries for profile in known.profiles))


def _is_whole(known: Known, reading: Reading) -> bool:
    """Whether nothing went wrong with an empty listing: what could not be read of it is not nothing."""
    passed_over = EXPECTATIONS[known.channel].passed_over
    refused = [reason for reason, _ in reading.refused if reason not in passed_over]
    return not refused and not any(problem.trouble in _CUTS_SHORT for problem in reading.problems)


def suspicion(known: Known, reading: Reading) -> str:
    """Return why the entries may not be the listing that we know, or an empty string."""
    if not known.has_baseline or not reading.entries:
        return ""
    return unlike_history(known, reading, EXPECTATIONS[known.channel].bounds)

"""What a run is worth: a pure judgement over the source's own history, what was seen, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from news.known import Known
from news.run import Profile, Reading, Trouble, Verdict
from news.source import Channel

FEW = 0.4
"""Page 1 with less than this share of its usual entries is suspect."""
FAMILIAR = 0.25
"""Page 1 of a healed read with less than this share of known entries is suspect."""
ONE_TITLE = 5
"""So many entries never bear one title by chance: a selector finds what all of them have, such as "read more"."""
COVERAGE_DROP = 0.5
"""A field that this much more of the entries used to have is gone."""


class Empty(StrEnum):
    """When an answer without any entry is a good one."""

    NEVER = "never"  # a page without entries is not the listing
    WHEN_USUAL = "when_usual"  # before anything was ever listed, or when the latest good runs were empty too
    ALWAYS = "always"  # what is listed falls out after a while by itself


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectations:
    """What a channel's answer owes to what was usual.

    ``few`` is the share of the usual entries below which page 1 is suspect. ``few_may_continue`` lets it be shorter
    while it still shows something that is known: the window of a feed may be one of time. ``fields`` says whether
    dates, bodies and summaries must stay, ``passed_over`` for which reasons items may be refused without a fault.
    """

    empty: Empty
    few: float
    few_may_continue: bool
    fields: bool
    passed_over: frozenset[str] = frozenset()


EXPECTATIONS = {
    Channel.LISTING: Expectations(empty=Empty.NEVER, few=FEW, few_may_continue=False, fields=True),
    Channel.FEED: Expectations(empty=Empty.WHEN_USUAL, few=FEW, few_may_continue=True, fields=True),
    Channel.WORDPRESS: Expectations(empty=Empty.WHEN_USUAL, few=FEW, few_may_continue=True, fields=True),
    Channel.SITEMAP: Expectations(
        empty=Empty.ALWAYS,
        few=0.0,
        few_may_continue=True,
        fields=True,
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
    if reading.healing is not None and reading.healing.accepted:
        return _too_new(known, reading)
    any_known = _any_known(known, reading)
    if reason := _against(known, reading.profile, continues=any_known):
        return reason
    if any_known or reading.joined:
        return ""
    if reason := _breaks_off(known, reading):
        return f"all {len(reading.entries)} entries are new, and {reason}"
    return ""


def _too_new(known: Known, reading: Reading) -> str:
    """Return why a healed read is not believed: other fields and numbers are the redesign's, but no mass of news is.

    What was recognised at another address counts as known: whether it moved is asked article by article.
    """
    moved = reading.healing.moved if reading.healing else {}
    keys = [entry.key for entry in reading.entries[: reading.profile.entries]]
    familiar = sum(
        known.resolve(key) in known.sighted or key in known.pending or key in moved for key in keys
    )
    if familiar < max(2, len(keys) * FAMILIAR):
        return f"read by healed selectors, but only {familiar} of {len(keys)} entries are known"
    return ""


def _against(known: Known, seen: Profile, *, continues: bool) -> str:
    """Compare page 1 with the median of the latest good runs."""
    expected = EXPECTATIONS[known.channel]
    profiles = known.profiles
    if not profiles:
        return ""
    usual = median(profile.entries for profile in profiles)
    if seen.entries < usual * expected.few and not (expected.few_may_continue and continues):
        return f"{seen.entries} entries where {usual:g} are usual"
    filled = [profile for profile in profiles if profile.entries]  # an empty one says nothing of fields
    return _fields_gone(filled, seen) if expected.fields and filled and seen.entries else ""


def _fields_gone(profiles: Sequence[Profile], seen: Profile) -> str:
    for name, now, before in (
        ("dates", seen.dated, median(p.dated for p in profiles)),
        ("bodies", seen.bodied, median(p.bodied for p in profiles)),
        ("summaries", seen.summarised, median(p.summarised for p in profiles)),
    ):
        if before - now > COVERAGE_DROP:
            return f"the {name} are gone: {before:.0%} of entries had them, now {now:.0%}"
    is_one = seen.entries >= ONE_TITLE and round(seen.titled * seen.entries) == 1
    if is_one and median(p.titled for p in profiles) > COVERAGE_DROP:
        return f"all {seen.entries} entries bear the same title"
    return ""


def _any_known(known: Known, reading: Reading) -> bool:
    """Return whether any entry leads to something that this source has shown before, by whatever address."""
    keys = {entry.key for entry in reading.entries}
    if any(known.resolve(key) in known.sighted or key in known.pending for key in keys):
        return True
    for look in reading.looks:
        content = look.content
        if content and known.by_fingerprint.get(content.fingerprint) in known.sighted:
            return True
    return any(pairs for pairs in reading.probes.values())


def _breaks_off(known: Known, reading: Reading) -> str:
    """Return how entries that are all new fail to continue the source's addresses, fields and dates."""
    before = {shape for profile in known.profiles for shape in profile.shapes}
    if before and not before & set(reading.profile.shapes):
        return "their addresses have another shape than before"
    dates = [entry.published for entry in reading.entries if entry.published is not None]
    if known.horizon and dates and all(date.older_than(known.horizon) for date in dates):
        return "all are older than what is known"
    if known.horizon and not dates:
        return "none has a date"
    return ""

"""What a run is worth: a pure judgement over the source's own history, what was seen, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from news.known import Known
from news.run import Profile, Reading, Trouble, Verdict

FEW = 0.4
"""Page 1 with less than this share of its usual entries is suspect."""
COVERAGE_DROP = 0.5
"""A field that this much more of the entries used to have is gone."""
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
    if not reading.entries:
        refused = ", ".join(f"{count} {reason}" for reason, count in reading.refused)
        return Verdict.SUSPECT, "no entries on the listing" + (f" (refused: {refused})" if refused else "")
    if reason := suspicion(known, reading):
        return Verdict.SUSPECT, reason
    incomplete = [p for p in reading.problems if p.trouble in _CUTS_SHORT]
    if incomplete:
        return Verdict.PARTIAL, incomplete[0].detail
    return Verdict.OK, ""


_CUTS_SHORT = frozenset(
    {Trouble.PAGE_FAILED, Trouble.RETRY_LATER, Trouble.MOVING, Trouble.DIED, Trouble.CALLBACK, Trouble.ROBOTS}
)


def suspicion(known: Known, reading: Reading) -> str:
    """Return why the entries may not be the listing that we know, or an empty string."""
    if not known.has_baseline:
        return ""
    if reason := _against(known.profiles, reading.profile):
        return reason
    if _any_known(known, reading) or reading.joined:
        return ""
    if reason := _breaks_off(known, reading):
        return f"all {len(reading.entries)} entries are new, and {reason}"
    return ""


def _against(profiles: Sequence[Profile], seen: Profile) -> str:
    """Compare page 1 with the median of the latest good runs."""
    if not profiles:
        return ""
    usual = median(profile.entries for profile in profiles)
    if seen.entries < usual * FEW:
        return f"{seen.entries} entries where {usual:g} are usual"
    for name, now, before in (
        ("dates", seen.dated, median(p.dated for p in profiles)),
        ("bodies", seen.bodied, median(p.bodied for p in profiles)),
        ("summaries", seen.summarised, median(p.summarised for p in profiles)),
    ):
        if before - now > COVERAGE_DROP:
            return f"the {name} are gone: {before:.0%} of entries had them, now {now:.0%}"
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

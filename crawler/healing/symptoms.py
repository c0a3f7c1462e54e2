"""Whether a listing that was answered well is still read by its selectors: what settling would find suspect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from statistics import median

from crawler.profile import profile_of
from news.dates import Stamp
from news.entry import Page
from news.known import Known
from news.run import Profile, Rank, Reading
from news.verdict import suspicion

FEWER = 0.8
"""Page 1 with less than this share of its usual entries is looked at more closely."""


def symptom_of(
    page: Page,
    reading: Reading,
    *,
    profiles: Sequence[Profile],
    horizon: Stamp | None,
    familiar: Mapping[str, str],
    moved: Collection[str] = (),
) -> str:
    """Return why page 1 may not be what the selectors were made for, or an empty string.

    It is the same judgement that settling will pass, on page 1 alone, but a little stricter: a listing that is shorter
    than usual is well enough for settling, and may still be one of which half is read. What settling also compares with
    the last read, its time and its order, is no symptom: old articles on top are the site's doing, not the selectors'.
    Nor are entries under the titles of known articles: new permalinks are asked about one by one.

    :param page: page 1, as some selectors read it.
    :param reading: the run's ledger so far.
    :param profiles: the source's latest good runs, newest first.
    :param familiar: article keys by URL key, for the entries that lead to something known.
    :param moved: URL keys of entries that bear a known article's title.
    """
    if not page.entries:
        return "no entries on the listing"
    usual = median(profile.entries for profile in profiles) if profiles else 0
    if len(page.entries) < usual * FEWER:
        return f"{len(page.entries)} entries where {usual:g} are usual"
    aliases = {**familiar, **{key: key for key in moved}}
    known = Known(
        host=reading.host.name,
        has_baseline=True,
        horizon=horizon,
        profiles=tuple(profiles),
        aliases=aliases,
        sighted=dict.fromkeys(aliases.values(), Rank.ABOVE),
    )
    seen = replace(reading, entries=page.entries, profile=profile_of(page), joined=False)
    return suspicion(known, seen)

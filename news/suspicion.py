"""Why the entries of a run may not be the listing that we know: each way in which it departs from its own history.

Every rule looks at one measure and says in words what is and what was usual. What a rule would hold back must be
more often noise than news; `docs/decisions/0010-suspicion-and-held-runs.md` has the rates that were measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from news.article import Sight
from news.entry import Entry
from news.horizon import anchors_of, rank_of
from news.known import Known
from news.measures import body_lengths, days_before, is_known, order_of, page_one, unknown
from news.naming import Naming
from news.run import Rank, Reading
from news.url_shape import url_shape

MANY = 4.0
"""Where so many times the usual entries come, most of them unknown, selectors may catch too much."""
FAMILIAR = 0.25
"""Page 1 of a healed read with less than this share of known entries is suspect."""
ONE_TITLE = 5
"""So many entries never bear one title by chance: a selector finds what all of them have, such as "read more"."""
COVERAGE_DROP = 0.5
"""A field that this much more of the entries used to have is gone."""
SHORT_BODIES = 0.12
"""Articles whose median is shorter than this share of what is usual are teasers, or what stands before a wall."""
SOME = 3
"""Fewer articles or entries than this show nothing in common: each may be the exception."""
HISTORY = 3
"""Good runs that it takes to call something usual."""
AGREED = 0.8
"""The share of good runs that must have been of one language."""
LATE_DAYS = 3.0
"""New entries may be dated so many days before the last complete read, or more where that is usual."""
LATER = 1.5
"""So many times the age that new entries have at most is later than usual."""
IN_ORDER, OUT_OF_ORDER = 0.8, 0.55
"""A listing that keeps its order from read to read has more than the first, a shuffled one less than the second."""
FRESH_AT_ONCE = 0.7
"""A share of undated new entries on page 1 that must not come out of the blue."""
OUT_OF_THE_BLUE = 3.0
"""So many times the share of new entries that is usual at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How far a channel's page 1 may depart from the usual number of entries.

    ``few`` and ``many`` are shares of it; ``few_may_continue`` lets it be shorter while it still shows something that
    is known: the window of a feed may be one of time.
    """

    few: float
    few_may_continue: bool
    many: float | None = None


def unlike_history(known: Known, reading: Reading, bounds: Bounds) -> str:
    """Return how entries depart from the source's history, or an empty string.

    :param known: the source after its baseline.
    :param reading: a run that read some entries.
    """
    if reason := _language(known, reading):  # which no redesign changes
        return reason
    if reading.healing is not None and reading.healing.accepted:
        return _too_new(known, reading)
    any_known = _any_known(known, reading)
    return (
        _number(known, reading, bounds, continues=any_known)
        or _fields(known, reading)
        or _bodies(known, reading)
        or _dates(known, reading)
        or _order(known, reading)
        or _share_of_known(known, reading, any_known=any_known)
    )


def _too_new(known: Known, reading: Reading) -> str:
    """Return why a healed read is not believed: other fields and numbers are the redesign's, but no mass of news is.

    What was recognised at another address counts as known: whether it moved is asked article by article.
    """
    moved = reading.healing.moved if reading.healing else {}
    page = page_one(reading)
    familiar = sum(is_known(known, entry) or entry.key in moved for entry in page)
    if familiar < max(2, len(page) * FAMILIAR):
        return f"read by healed selectors, but only {familiar} of {len(page)} entries are known"
    return ""


def _number(known: Known, reading: Reading, bounds: Bounds, *, continues: bool) -> str:
    """Compare the number of entries on page 1 with the median of the latest good runs."""
    if not known.profiles:
        return ""
    usual, seen = median(profile.entries for profile in known.profiles), reading.profile.entries
    told = f"{seen} entries where {usual:g} are usual"
    if seen < usual * bounds.few and not (bounds.few_may_continue and continues):
        return told
    if bounds.many is not None and usual and seen > usual * bounds.many:
        return _too_many(known, reading, told)
    return ""


def _too_many(known: Known, reading: Reading, told: str) -> str:
    """Return why so many entries are not news, if most of them are unknown.

    A read that goes down to what was known left nothing out, and after failures or a long time much may be new: then
    the number alone says nothing, but a mass of addresses such as this source never had does.
    """
    strangers = _unproven_news(known, reading)
    if not (reading.joined or known.failing or _long_unread(known, reading)):
        return told if 2 * len(strangers) > reading.profile.entries else ""
    before = _shapes(known)
    others = [entry for entry in strangers if before and url_shape(entry.url) not in before]
    if 2 * len(others) > reading.profile.entries:
        return f"{told}, and the addresses of {len(others)} have another shape than before"
    return ""


def _fields(known: Known, reading: Reading) -> str:
    """Compare which fields the entries have."""
    seen = reading.profile
    profiles = [
        profile for profile in known.profiles if profile.entries
    ]  # an empty one says nothing of fields
    if not profiles or not seen.entries:
        return ""
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


def _language(known: Known, reading: Reading) -> str:
    """Compare which language the titles speak: an address may answer in that of whoever seems to ask."""
    spoken = [profile.language for profile in known.profiles if profile.language]
    now = reading.profile.language
    if not now or len(spoken) < HISTORY:
        return ""
    usual, times = Counter(spoken).most_common(1)[0]
    if now != usual and times >= AGREED * len(spoken) and now not in spoken:
        return f"its language is {now!r}, where {usual!r} is usual"
    return ""


def _bodies(known: Known, reading: Reading) -> str:
    """Compare the articles that were read: the same page behind many addresses, or hardly anything behind each."""
    lengths = body_lengths(reading)
    if len(lengths) < SOME:
        return ""
    texts = Counter(
        look.content.body_text
        for look in reading.looks
        if look.sight is Sight.READ and look.content is not None and look.content.body_text
    )
    same = texts.most_common(1)[0][1]
    if same >= SOME and 2 * same > len(lengths):
        return f"{same} of {len(lengths)} articles have the very same text"
    before = [profile.body_chars for profile in known.profiles if profile.body_chars]
    if len(before) < HISTORY:
        return ""
    now, usual = median(lengths), median(before)
    if now < usual * SHORT_BODIES:
        return f"the texts of {len(lengths)} articles have {now:.0f} characters, where {usual:.0f} are usual"
    return ""


def _dates(known: Known, reading: Reading) -> str:
    """Compare the dates of new entries with the last complete read: what is older should have stood there then.

    By other selectors, which a person put in use since, that read says nothing of what these find.
    """
    if not known.profiles:
        return ""
    dated = [entry for entry in _would_be_news(known, reading) if entry.published is not None]
    shown = [entry.published.at for entry in reading.entries if entry.published and is_known(known, entry)]
    # What is newer than all that is known continues it, however late it came: a site that is filled in arrears.
    late = [
        entry
        for entry in dated
        if _is_late(known, entry) and not (shown and entry.published and entry.published.at > max(shown))
    ]
    if len(late) >= SOME and 2 * len(late) >= len(dated):
        oldest = max(days_before(entry, reading.started_at) or 0 for entry in late)
        return (
            f"{len(late)} of {len(dated)} new entries are older than the last complete read, which did not show them: "
            f"up to {oldest:.0f} days"
        )
    return ""


def _order(known: Known, reading: Reading) -> str:
    """Compare the order of known entries, where new ones among them have no date that would vouch for them."""
    before = [profile.ordered for profile in known.profiles]
    if len(before) < HISTORY or _at_least(before) < IN_ORDER:
        return ""
    news = _unproven_news(known, reading)
    if not news:
        return ""
    pairs, kept = order_of(known, reading.entries)
    if pairs >= SOME and kept / pairs < OUT_OF_ORDER:
        return f"{pairs - kept} of {pairs} known entries stand in another order, with {len(news)} new ones among them"
    standing = [place for place, entry in enumerate(reading.entries) if is_known(known, entry)]
    strangers = {entry.key for entry in unknown(known, reading.entries) if _is_unproven(known, entry)}
    mixed = sum(
        standing[1] < place < standing[-1] and entry.key in strangers
        for place, entry in enumerate(reading.entries)
        if len(standing) > SOME
    )
    if mixed >= SOME:
        return f"{mixed} entries without newer dates are new and stand among those that are known"
    return ""


def _share_of_known(known: Known, reading: Reading, *, any_known: bool) -> str:
    """Compare how much of page 1 is known: where hardly anything is, it must continue what was."""
    if reading.joined:
        return ""
    if not any_known and (reason := _breaks_off(known, reading)):
        return f"all {len(reading.entries)} entries are new, and {reason}"
    page = page_one(reading)
    undated = [entry for entry in unknown(known, page) if entry.published is None]
    fresh = [1 - profile.familiar for profile in known.profiles]
    if (
        len(undated) < max(SOME, FRESH_AT_ONCE * len(page))
        or len(fresh) < HISTORY
        or _long_unread(known, reading)
    ):
        return ""
    if len(undated) / len(page) > OUT_OF_THE_BLUE * _at_most(fresh):
        usual = f"where {_at_most(fresh):.0%} are usual at most"
        return f"{len(undated)} of {len(page)} entries are new and have no date, {usual}"
    return ""


def _long_unread(known: Known, reading: Reading) -> bool:
    """Return whether so much time has passed since the last complete read that anything may be new."""
    return known.complete_at is None or reading.started_at - known.complete_at > timedelta(days=LATE_DAYS)


def _would_be_news(known: Known, reading: Reading) -> list[Entry]:
    """Return the unknown entries that stand above the source's horizon: of the others nobody would be told."""
    anchors = anchors_of(known, reading.entries)
    strangers = {entry.key for entry in unknown(known, reading.entries)}
    return [
        entry
        for position, entry in enumerate(reading.entries)
        if entry.key in strangers
        and rank_of(
            position,
            entry.published,
            horizon=known.horizon,
            anchors=anchors,
            complete=reading.joined or reading.ended,
            read_until=known.complete_at,
        )
        is Rank.ABOVE
    ]


def _unproven_news(known: Known, reading: Reading) -> list[Entry]:
    """Return what would be news although no date shows that it came after the last complete read."""
    return [entry for entry in _would_be_news(known, reading) if _is_unproven(known, entry)]


def _is_unproven(known: Known, entry: Entry) -> bool:
    """Return whether no date shows that an entry came after the last complete read."""
    return entry.published is None or _is_late(known, entry)


def _is_late(known: Known, entry: Entry) -> bool:
    """Return whether an entry is older than news of this source ever is when it turns up."""
    if known.complete_at is None:
        return False
    usual = [profile.lag_days for profile in known.profiles if profile.lag_days is not None]
    days = days_before(entry, known.complete_at)
    return days is not None and days > max(LATE_DAYS, LATER * _at_most(usual))


def _at_most(numbers: Sequence[float]) -> float:
    """Return what four of five do not exceed: one odd run, such as an approved one, is not usual.

    >>> _at_most([]), _at_most([5]), _at_most([1, 1, 1, 1, 1, 9])
    (0.0, 5, 1)
    """
    return sorted(numbers)[int(len(numbers) * 0.8)] if numbers else 0.0


def _at_least(numbers: Sequence[float]) -> float:
    """Return what four of five reach.

    >>> _at_least([0, 1, 1, 1, 1, 1]), _at_least([])
    (1, 0.0)
    """
    return sorted(numbers)[int(len(numbers) * 0.2)] if numbers else 0.0


def _any_known(known: Known, reading: Reading) -> bool:
    """Return whether any entry leads to something that this source has shown before, by whatever address."""
    if any(is_known(known, entry) for entry in reading.entries) or _called_as_before(known, reading):
        return True
    for look in reading.looks:
        content = look.content
        if content and known.by_fingerprint.get(content.fingerprint) in known.sighted:
            return True
    return any(pairs for pairs in reading.probes.values())


def _called_as_before(known: Known, reading: Reading) -> bool:
    """Return whether entries bear ids of what this source has shown: one alone may be the same for all items."""
    named = Naming(known, reading).named(reading.entries, known.aliases) & known.sighted.keys()
    return len(named) >= min(2, len(reading.entries)) > 0


def _breaks_off(known: Known, reading: Reading) -> str:
    """Return how entries that are all new fail to continue the source's addresses, fields and dates."""
    before = _shapes(known)
    if before and not before & set(reading.profile.shapes):
        return "their addresses have another shape than before"
    dates = [entry.published for entry in reading.entries if entry.published is not None]
    if known.horizon and dates and all(date.older_than(known.horizon) for date in dates):
        return "all are older than what is known"
    if known.horizon and not dates:
        return "none has a date"
    return ""


def _shapes(known: Known) -> set[str]:
    """Return the shapes of the addresses that page 1 has shown."""
    return {shape for profile in known.profiles for shape in profile.shapes}

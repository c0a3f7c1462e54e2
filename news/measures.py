"""What a run measured of its listing: the numbers that are compared with those of the source's own history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from news.article import Sight
from news.entry import Entry
from news.known import Known
from news.run import Profile, Reading
from news.site_id import keys_of, site_id_of
from news.text import title_key


def measured(known: Known, reading: Reading) -> Profile:
    """Return the profile of page 1 with all that can only be told by what was known before.

    Of a baseline everything is new and of any age, which says nothing of the runs after it.
    """
    page, lengths = page_one(reading), body_lengths(reading)
    profile = replace(reading.profile, body_chars=int(median(lengths)) if lengths else 0)
    if not page or not known.has_baseline:
        return profile
    new = unknown(known, page)
    lags = [lag for entry in new if (lag := days_before(entry, reading.started_at)) is not None]
    pairs, kept = order_of(known, page)
    return replace(
        profile,
        familiar=1 - len(new) / len(page),
        ordered=kept / pairs if pairs else 1.0,
        lag_days=median(lags) if lags else None,
    )


def page_one(reading: Reading) -> tuple[Entry, ...]:
    """Return the entries of the listing's first page."""
    return reading.entries[: reading.profile.entries]


def unknown(known: Known, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that this source has never shown, by whatever address, under the same title or id."""
    named = _named_as_before(known, entries)
    return [
        entry
        for entry in entries
        if not (entry.key in named or is_known(known, entry) or may_have_moved(known, entry))
    ]


def _named_as_before(known: Known, entries: Sequence[Entry]) -> set[str]:
    """Return the keys of entries that alone bear an id of something that this source has shown."""
    ids = {
        entry.key: site_id
        for entry in entries
        if (site_id := site_id_of(entry, known.channel, known.listing_url, known.former_urls)) is not None
    }
    places = Counter(site_id.key for site_id in ids.values())
    return {
        address
        for address, site_id in ids.items()
        if places[site_id.key] == 1
        and any(known.aliases.get(key) in known.sighted for key in keys_of(site_id))
    }


def is_known(known: Known, entry: Entry) -> bool:
    """Return whether this source has shown an entry before."""
    return known.resolve(entry.key) in known.sighted or entry.key in known.pending


def may_have_moved(known: Known, entry: Entry) -> bool:
    """Return whether an entry bears the title of an article that this source has shown: it may be at a new address.

    Whether it is that article is asked one by one, so a whole page of such is no mass of news.
    """
    return any(article in known.sighted for article in known.by_title.get(title_key(entry.title), ()))


def days_before(entry: Entry, now: datetime) -> float | None:
    """Return how many days before ``now`` an entry was published, as it says; None without a date."""
    if entry.published is None:
        return None
    return (now - entry.published.at) / timedelta(days=1)


def body_lengths(reading: Reading) -> list[int]:
    """Return the lengths of the articles that the run read, in characters."""
    return [
        len(look.content.body_text)
        for look in reading.looks
        if look.sight is Sight.READ and look.content is not None and look.content.body_text
    ]


def order_of(known: Known, page: Sequence[Entry]) -> tuple[int, int]:
    """Return how many neighbours on a page stood on the last read as well, and how many of these in the same order."""
    rank = {known.resolve(key): place for place, key in enumerate(known.frontier)}
    places = [rank[article] for entry in page if (article := known.resolve(entry.key)) in rank]
    neighbours = list(pairwise(places))
    return len(neighbours), sum(above < below for above, below in neighbours)

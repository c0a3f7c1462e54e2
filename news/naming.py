"""The ids that one run's entries bear: which of them tell anything, and which are to be kept. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from news.entry import Entry
from news.known import Known, NewAlias
from news.run import Reading
from news.site_id import MAX_IDS, IdKind, SiteId, keys_of, site_id_of
from news.source import Channel

LISTED = "listed"
"""What an id rests on: the listing said so."""


class Naming:
    """The site's own ids in one run.

    An id of a feed, or on a page, that stands at several addresses at once names none of them.
    """

    def __init__(self, known: Known, reading: Reading) -> None:
        said = [*reading.entries, *(waiting.entry for waiting in known.pending.values())]
        ids = {
            entry.key: site_id_of(entry, known.channel, known.listing_url, known.former_urls)
            for entry in said
        }
        places: dict[str, set[str]] = defaultdict(set)
        for entry in reading.entries:
            if site_id := ids[entry.key]:
                places[site_id.key].add(entry.key)

        def is_sure(site_id: SiteId) -> bool:
            return site_id.kind is IdKind.POST and known.channel is not Channel.LISTING

        self._ids: dict[str, SiteId] = {
            key: site_id
            for key, site_id in ids.items()
            if site_id and (is_sure(site_id) or len(places[site_id.key]) < 2)
        }
        self._kept = Counter({article: len(ids) for article, ids in known.ids.items()})

    def of(self, entry: Entry | None) -> SiteId | None:
        """Return the id that an entry bears, None where it tells nothing."""
        return self._ids.get(entry.key) if entry is not None else None

    def named(self, entries: tuple[Entry, ...], aliases: Mapping[str, str]) -> frozenset[str]:
        """Return the articles that entries at unknown addresses may be by their ids."""
        unknown = (entry for entry in entries if entry.key not in aliases)
        keys = (key for entry in unknown for key in keys_of(self.of(entry)))
        return frozenset(aliases[key] for key in keys if key in aliases)

    def learn(self, entry: Entry | None, article: str, aliases: Mapping[str, str]) -> NewAlias | None:
        """Return the id to keep of an article, if it is not kept and not one too many."""
        site_id = self.of(entry)
        if site_id is None or aliases.get(site_id.key) == article or self._kept[article] >= MAX_IDS:
            return None
        self._kept[article] += 1
        return NewAlias(
            key=site_id.key,
            url=site_id.text,
            article=article,
            evidence=LISTED,
            passed_on=site_id.key in aliases,
        )

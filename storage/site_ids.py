"""The site's own ids among the aliases: read beside the addresses, which they never are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select

from news.entry import Entry
from news.site_id import PREFIX, SiteId, site_id_of
from news.source import Source
from storage import rows
from storage.tables import Alias


def site_ids_of(said: Sequence[Entry], source: Source) -> dict[str, SiteId]:
    """Return the ids that the site gives its entries, by the keys of their addresses."""
    found = {entry.key: site_id_of(entry, source.channel, source.url) for entry in said if entry.site_id}
    return {key: site_id for key, site_id in found.items() if site_id is not None}


def id_keys(site_ids: Iterable[SiteId | None]) -> set[str]:
    """Return the keys under which articles that bear these ids may be known."""
    found = [site_id for site_id in site_ids if site_id is not None]
    return {site_id.key for site_id in found} | {site_id.url_key for site_id in found if site_id.url_key}


def id_counts(
    connection: Connection, aliases: dict[str, int], key_of: dict[int, str], site_ids: dict[str, SiteId]
) -> dict[str, int]:
    """Count the ids that are kept of the articles that bear one which is not."""
    owners = {aliases.get(key) for key, site_id in site_ids.items() if site_id.key not in aliases}
    counts: dict[str, int] = {}
    for some in rows.chunks(sorted(owner for owner in owners if owner is not None)):
        query = (
            select(Alias.article_id, func.count())
            .where(Alias.article_id.in_(some), Alias.url.startswith(PREFIX))
            .group_by(Alias.article_id)
        )
        counts.update({key_of[article_id]: count for article_id, count in connection.execute(query)})
    return counts

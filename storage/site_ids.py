"""The site's own ids among the aliases: read beside the addresses, which they never are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from news.entry import Entry
from news.site_id import PREFIX, SiteId, keys_of, site_id_of
from news.source import Source
from storage import rows
from storage.tables import Alias


def site_ids_of(said: Sequence[Entry], source: Source, former_urls: Sequence[str] = ()) -> dict[str, SiteId]:
    """Return the ids that the site gives its entries, by the keys of their addresses."""
    found = {
        entry.key: site_id_of(entry, source.channel, source.url, former_urls)
        for entry in said
        if entry.site_id
    }
    return {key: site_id for key, site_id in found.items() if site_id is not None}


def id_keys(site_ids: Iterable[SiteId | None]) -> set[str]:
    """Return the keys under which articles that bear these ids may be known."""
    return {key for site_id in site_ids for key in keys_of(site_id)}


def rival_ids(
    connection: Connection, aliases: dict[str, int], key_of: dict[int, str], site_ids: dict[str, SiteId]
) -> dict[str, dict[str, str]]:
    """Return the ids that are kept of the articles that are seen with another one.

    :param site_ids: the ids of what was seen, by the keys of its addresses.
    """
    owners: set[int] = set()
    for address, site_id in site_ids.items():
        at, named = aliases.get(address), aliases.get(site_id.key)
        if at is not None and at != named:
            owners.add(at)
        elif named is None:
            owners |= {aliases[key] for key in keys_of(site_id) if key in aliases}
    found: dict[str, dict[str, str]] = {}
    for some in rows.chunks(sorted(owners)):
        query = select(Alias.article_id, Alias.key, Alias.url).where(
            Alias.article_id.in_(some), Alias.url.startswith(PREFIX)
        )
        for row in connection.execute(query):
            found.setdefault(key_of[row.article_id], {})[row.key] = row.url
    return found

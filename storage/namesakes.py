"""Articles of a site that bear a title or a text: what an unknown address may be the new one of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection, func, select

from news.article import Look
from news.entry import Entry
from news.moves import MOST_NAMESAKES
from news.source import Source as DeclaredSource
from news.text import title_key
from news.urls import host_key, url_key
from storage import rows
from storage.tables import Article, Sighting


def listing_hosts(source: DeclaredSource, former_urls: Iterable[str]) -> set[str]:
    """Return the hosts on which a listing stands and stood: what moved along with it is looked for on all of them."""
    return {host_key(url) for url in (source.url, *former_urls)}


def namesakes(
    connection: Connection,
    said: Sequence[Entry],
    looks: Sequence[Look],
    aliases: Mapping[str, int],
    site: AbstractSet[str],
) -> tuple[dict[str, set[int]], dict[str, int]]:
    """Return articles under the titles, and with the texts, of what stands at unknown addresses.

    :param site: the hosts on which they are looked for beside those of the addresses themselves.
    """
    unknown = [entry for entry in said if entry.key not in aliases]
    unread = [look for look in looks if look.content and url_key(look.url) not in aliases]
    by_title = titles_on(
        connection,
        {host_key(entry.url) for entry in unknown} | site,
        {title_key(entry.title) for entry in unknown},
    )
    by_fingerprint = _fingerprints_on(
        connection,
        {host_key(look.final_url) for look in unread} | site,
        {look.content.fingerprint for look in unread if look.content},
    )
    return by_title, by_fingerprint


def bearers(
    said: Iterable[Entry], by_title: Mapping[str, AbstractSet[int]], aliases: Mapping[str, int]
) -> dict[str, list[int]]:
    """Return, by URL key, the latest articles under the titles of entries at unknown addresses.

    One of them may turn out to be what stands there, and is compared with it then.
    """
    unknown = {
        entry.key: by_title.get(title_key(entry.title), ()) for entry in said if entry.key not in aliases
    }
    return {key: sorted(found, reverse=True)[:MOST_NAMESAKES] for key, found in unknown.items()}


def titles_on(connection: Connection, hosts: set[str], titles: set[str]) -> dict[str, set[int]]:
    """Return the articles on ``hosts`` that bear, or are listed under, one of the title keys ``titles``."""
    found: dict[str, set[int]] = {}
    on_hosts = Article.host.in_(sorted(hosts))
    merged_or_own = func.coalesce(Article.merged_into, Article.id)
    for some in rows.chunks(sorted(titles)):
        own = select(Article.title_key, merged_or_own).where(on_hosts, Article.title_key.in_(some))
        listed = (
            select(Sighting.title_key, merged_or_own)
            .join(Article, Article.id == Sighting.article_id)
            .where(on_hosts, Sighting.title_key.in_(some))
        )
        for title, article_id in connection.execute(own.union(listed)):
            found.setdefault(title, set()).add(article_id)
    return found


def _fingerprints_on(connection: Connection, hosts: set[str], fingerprints: set[str]) -> dict[str, int]:
    """Return the articles on ``hosts`` whose text has one of these fingerprints; the oldest of several."""
    query = (
        select(Article.fingerprint, func.coalesce(Article.merged_into, Article.id).label("id"))
        .where(Article.host.in_(sorted(hosts)), Article.fingerprint.in_(sorted(fingerprints)))
        .order_by(Article.id.desc())
    )
    if not fingerprints:
        return {}
    return {row.fingerprint: row.id for row in connection.execute(query)}

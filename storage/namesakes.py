"""Articles of a site that bear a title or a text: what an unknown address may be the new one of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection, func, select

from news.agreeing import SAME_TEXT, alike, published_of, read_content, same_day, same_moment
from news.article import Look
from news.dates import Stamp
from news.entry import Entry
from news.horizon import EXACT
from news.moves import MOST_NAMESAKES
from news.run import Reading
from news.source import Source as DeclaredSource
from news.story import Telling
from news.text import title_key
from news.urls import host_key, url_key
from storage import rows
from storage.story_keys import sharing_text
from storage.tables import Article, Revision, Sighting

UNKNOWN_AT_ONCE = 50
"""Unknown pages of one run that are compared by their texts. More of them are a first crawl, or a site that gave all of
its articles other addresses, which is seen without."""


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


def retitled(
    connection: Connection,
    said: Sequence[Entry],
    reading: Reading,
    aliases: Mapping[str, int],
    site: AbstractSet[str],
) -> dict[str, list[int]]:
    """Return, by URL key of an unknown page, articles of its date that share half of its text and are not listed now.

    An article that was given a new title, and an address made of it, is found by nothing else. What is listed still
    has not moved: reports that are written by one form, many a day, stay apart.
    """
    unread = [look for look in reading.looks if look.content and url_key(look.url) not in aliases]
    if len(unread) > UNKNOWN_AT_ONCE:
        return {}
    listed = {entry.key: entry for entry in said}
    standing = {aliases[entry.key] for entry in reading.entries if entry.key in aliases}
    found = {}
    for look in unread:
        key = url_key(look.url)
        published = published_of(listed[key], look) if key in listed else None
        if published is not None and (some := _sharing(connection, look, published, site)):
            found[key] = [each for each in some if each not in standing][:MOST_NAMESAKES]
    return found


def _sharing(connection: Connection, look: Look, published: Stamp, site: AbstractSet[str]) -> list[int]:
    content = read_content(look)
    if content is None:
        return []
    telling = Telling(
        article_id=0,
        host=host_key(look.final_url),
        language=content.language,
        title=content.title,
        body_text=content.body_text,
        at=published.at,
    )
    query = (
        select(
            func.coalesce(Article.merged_into, Article.id).label("id"),
            Article.published_at,
            Article.published_precision,
            Article.published_provenance,
            Revision.body_text,
        )
        .join(Revision, (Revision.article_id == Article.id) & (Revision.number == Article.revision))
        .where(
            Article.id.in_(sharing_text(connection, telling)), Article.host.in_(sorted({telling.host, *site}))
        )
        .where(Article.forgotten_at.is_(None))
    )
    likely = set()
    for row in connection.execute(query):
        theirs = rows.stamp(row.published_at, row.published_precision, row.published_provenance)
        if _is_of(theirs, published) and (alike(row.body_text, look) or 0.0) >= SAME_TEXT:
            likely.add(row.id)
    return sorted(likely, reverse=True)


def _is_of(theirs: Stamp | None, published: Stamp) -> bool:
    """Return whether two dates are one moment, or one day where that is all that is said."""
    if theirs is not None and {theirs.precision, published.precision} <= EXACT:
        return same_moment(theirs, published)
    return same_day(theirs, published) is True

"""Which of a listing page's entries are known: one read for each page that changed."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from news.article import Way
from news.entry import Entry
from news.moves import MOST_NAMESAKES, to_be_asked
from news.run import Plan
from news.site_id import agreement, keys_of
from news.text import title_key
from news.urls import host_key, url_key
from storage import rows
from storage.engine import reading
from storage.known import article_states
from storage.namesakes import listing_hosts, titles_on
from storage.site_ids import id_keys, site_ids_of
from storage.tables import Alias, Article, Pending, Sighting


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """What is known of a listing page's entries.

    ``aliases`` maps URL keys to article keys; ``sighted`` holds the article keys that this source has listed before
    and whose body is known and not withdrawn; ``titles`` maps those to the title key under which it listed them,
    ``modified`` to when it last said that they were modified, ``raws`` to the digest of the raw body that the listing
    carried, where today's extractor has read it. ``paged`` holds those whose reference is their own page, ``gone``
    those whose page was withdrawn, so that only their page can bring them back. ``moved`` maps the keys of unknown
    entries to the addresses of articles of the same title on this host, ``named`` to the keys of articles that bear the
    same id, as far as the listing agrees.
    """

    aliases: dict[str, str] = field(default_factory=dict)
    sighted: frozenset[str] = frozenset()
    titles: dict[str, str] = field(default_factory=dict)
    raws: dict[str, str] = field(default_factory=dict)
    modified: dict[str, datetime] = field(default_factory=dict)
    paged: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    moved: dict[str, tuple[str, ...]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)


def recognise(engine: Engine, plan: Plan, entries: Sequence[Entry]) -> Recognised:
    """Return which of a page's entries are known, and which of the unknown ones may be known ones that moved."""
    with reading(engine) as connection:
        known = [
            row
            for some in rows.chunks([entry.key for entry in entries])
            for row in _known(connection, plan.source_id, some)
        ]
        found = _recognised(known, plan)
        unknown = [entry for entry in entries if entry.key not in found.aliases]
        return replace(
            found,
            moved=_namesakes(connection, unknown, listing_hosts(plan.source, plan.former_urls)),
            named=_named(connection, unknown, plan),
        )


def _known(connection: Connection, source_id: int, keys: Sequence[str]) -> Sequence[Any]:
    query = (
        select(
            Alias.key,
            Article.key.label("article"),
            Article.digest,
            Article.withdrawn_at,
            Article.captured_by,
            Article.extractor,
            Article.raw_digest,
            Article.way,
            Sighting.title_key,
            Sighting.modified_at,
        )
        .join(Article, Article.id == Alias.article_id)
        .outerjoin(Sighting, (Sighting.article_id == Article.id) & (Sighting.source_id == source_id))
        .where(Alias.key.in_(keys))
    )
    return connection.execute(query).all()


def _recognised(known: Sequence[Any], plan: Plan) -> Recognised:
    """Return what the rows of known articles say."""
    whole = [row for row in known if row.title_key is not None and row.digest and row.withdrawn_at is None]
    return Recognised(
        aliases={row.key: row.article for row in known},
        sighted=frozenset(row.article for row in whole),
        titles={row.article: row.title_key for row in whole},
        raws={
            row.article: row.raw_digest
            for row in whole
            if row.captured_by == plan.source_id and row.extractor == plan.extractor
        },
        modified={row.article: row.modified_at for row in whole if row.modified_at is not None},
        paged=frozenset(row.article for row in whole if row.way == Way.PAGE),
        gone=frozenset(row.article for row in known if row.withdrawn_at is not None and row.way == Way.PAGE),
    )


def _named(connection: Connection, unknown: Sequence[Entry], plan: Plan) -> dict[str, str]:
    """Return, for each unknown entry whose id is known, the article that it is as far as the listing can tell."""
    site_ids = site_ids_of(unknown, plan.source, plan.former_urls)
    places = Counter(site_id.key for site_id in site_ids.values())
    owners: dict[str, int] = {}
    for some in rows.chunks(sorted(id_keys(site_ids.values()))):
        known = select(Alias.key, Alias.article_id).where(Alias.key.in_(some))
        owners.update({row.key: row.article_id for row in connection.execute(known)})
    if not owners:
        return {}
    states = {state.id: state for state in article_states(connection, owners.values()).values()}
    found = {}
    for entry in unknown:
        site_id = site_ids.get(entry.key)
        owner = next((owners[key] for key in keys_of(site_id) if key in owners), None)
        if site_id is None or owner is None or places[site_id.key] > 1:
            continue
        if agreement(states[owner], site_id, entry, None):
            found[entry.key] = states[owner].key
    return found


def _namesakes(
    connection: Connection, unknown: Sequence[Entry], site: set[str]
) -> dict[str, tuple[str, ...]]:
    """Return, for each unknown entry, where known or pending articles of the same title stand on its host."""
    titles = {title_key(entry.title) for entry in unknown}
    hosts = {host_key(entry.url) for entry in unknown} | site
    latest = {
        title: heapq.nlargest(MOST_NAMESAKES + 1, ids)
        for title, ids in titles_on(connection, hosts, titles).items()
    }
    urls: dict[int, str] = {}
    for some in rows.chunks(sorted({number for ids in latest.values() for number in ids})):
        stand = select(Article.id, Article.fetch_url).where(Article.id.in_(some))
        urls.update({row.id: row.fetch_url for row in connection.execute(stand)})
    waiting: dict[str, list[str]] = defaultdict(list)
    for keys in rows.chunks(sorted(titles)):
        pending = select(Pending.title_key, Pending.entry).where(Pending.title_key.in_(keys))
        for title, entry in connection.execute(pending.order_by(Pending.first_seen_at.desc(), Pending.key)):
            if host_key(entry["url"]) in hosts:
                waiting[title].append(entry["url"])
    found = {}
    for entry in unknown:
        title = title_key(entry.title)
        known = [urls[number] for number in latest.get(title, ())]
        others = ([url for url in each if url_key(url) != entry.key] for each in (known, waiting[title]))
        if moved := to_be_asked(*others):
            found[entry.key] = moved
    return found

"""What a source's listing used to hold: what healing needs, asked for only when selectors stop matching."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, select

from news.dates import Stamp
from news.healing import Seed
from news.run import Plan, Profile
from news.source import Wrapper as Selectors
from storage import rows
from storage.definitions import selectors_from_dict, whereabouts_from_dict
from storage.engine import reading
from storage.known import latest_profiles
from storage.tables import Alias, Article, Pending, Sighting, Source, Wrapper

EARLIER = 5
"""How many earlier versions of the selectors are tried before new ones are looked for."""
SEEDS = 50
"""How many of a source's latest articles are looked for on its page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What is known of a source beyond its plan.

    ``seeds`` are the articles that it listed last, pending ones included, in the order of the listing; ``profiles`` say
    what its latest good runs looked like, newest first. ``rejected`` are the hashes of selectors that a person does not
    want, ``rejected_urls`` the addresses; ``left`` and ``left_urls`` those of versions that were rolled back, which
    only a person may take again. ``earlier`` are selectors that were in use before, the latest first: sites go back to
    an old design.
    """

    seeds: tuple[Seed, ...] = ()
    profiles: tuple[Profile, ...] = ()
    horizon: Stamp | None = None
    rejected: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    rejected_urls: frozenset[str] = frozenset()
    left_urls: frozenset[str] = frozenset()
    earlier: tuple[Selectors, ...] = ()


def remember(engine: Engine, plan: Plan) -> Remembered:
    """Return what is known of the plan's source."""
    with reading(engine) as connection:
        rejected = _versions(connection, plan.source_id, Wrapper.rejected_at.is_not(None))
        left = _versions(connection, plan.source_id, Wrapper.rolled_back_at.is_not(None))
        horizon = select(Source.horizon).where(Source.id == plan.source_id)
        listed = [*_sighted(connection, plan.source_id), *_waiting(connection, plan.source_id)]
        place = {key: index for index, key in enumerate(plan.frontier)}
        listed.sort(
            key=lambda seed: min((place[key] for key in seed.keys if key in place), default=len(place))
        )
        return Remembered(
            seeds=tuple(listed[:SEEDS]),
            profiles=latest_profiles(connection, plan.source_id),
            horizon=rows.stamp_from(connection.execute(horizon).scalar_one_or_none()),
            rejected=frozenset(rejected[0]),
            rejected_urls=frozenset(rejected[1]),
            earlier=_earlier(connection, plan.source_id),
            left=frozenset(left[0]),
            left_urls=frozenset(left[1]),
        )


def _versions(
    connection: Connection, source_id: int, which: ColumnElement[bool]
) -> tuple[list[str], list[str]]:
    """Return the hashes of some versions of a source, and the addresses of those that were made for another one."""
    query = select(Wrapper.hash, Wrapper.selectors).where(Wrapper.source_id == source_id, which)
    found = connection.execute(query).all()
    elsewhere = [whereabouts_from_dict(row.selectors) for row in found]
    return [row.hash for row in found], [each.url for each in elsewhere if each is not None]


def _earlier(connection: Connection, source_id: int) -> tuple[Selectors, ...]:
    in_use = select(Source.wrapper_id).where(Source.id == source_id).scalar_subquery()
    query = (
        select(Wrapper.selectors)
        .where(Wrapper.source_id == source_id, Wrapper.id != in_use, Wrapper.approved_at.is_not(None))
        .where(Wrapper.rejected_at.is_(None), Wrapper.rolled_back_at.is_(None))
        .order_by(Wrapper.version.desc())
        .limit(EARLIER)
    )
    return tuple(selectors_from_dict(row.selectors)[0] for row in connection.execute(query))


def _waiting(connection: Connection, source_id: int) -> list[Seed]:
    """Return the pending entries: what the listing says of them is all that is known, and enough to find them."""
    query = select(Pending.key, Pending.entry, Pending.title_key).where(Pending.source_id == source_id)
    return [
        Seed(
            article=row.key,
            url=row.entry["url"],
            title=row.entry["title"],
            keys=frozenset({row.key}),
            title_keys=frozenset({row.title_key}),
            published=rows.stamp_from(row.entry["published"]),
        )
        for row in connection.execute(query.order_by(Pending.first_seen_at.desc(), Pending.key).limit(SEEDS))
    ]


def _sighted(connection: Connection, source_id: int) -> list[Seed]:
    query = (
        select(
            Article.id,
            Article.key,
            Article.fetch_url,
            Article.title,
            Article.title_key,
            Article.published_at,
            Article.published_precision,
            Article.published_provenance,
            Sighting.title_key.label("listed_title"),
        )
        .join(Article, Article.id == Sighting.article_id)
        .where(Sighting.source_id == source_id)
        .where(Article.merged_into.is_(None), Article.forgotten_at.is_(None))
        .order_by(Sighting.last_run_id.desc(), Sighting.last_position, Article.id)
        .limit(SEEDS)
    )
    found = list(connection.execute(query))
    keys: dict[int, set[str]] = defaultdict(set)
    for some in rows.chunks([row.id for row in found]):
        aliases = select(Alias.article_id, Alias.key).where(Alias.article_id.in_(some))
        for article_id, key in connection.execute(aliases):
            keys[article_id].add(key)
    return [
        Seed(
            article=row.key,
            url=row.fetch_url,
            title=row.title,
            keys=frozenset(keys[row.id]),
            title_keys=frozenset({row.title_key, row.listed_title}),
            published=rows.stamp(row.published_at, row.published_precision, row.published_provenance),
        )
        for row in found
    ]

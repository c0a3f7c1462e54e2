"""Where articles may stand that are missing at their addresses: under other permalinks, or where a copy was seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, case, or_, select
from sqlalchemy.orm import aliased

from news.article import Sight
from news.known import ArticleState
from news.moves import A_PATTERN, MOVED
from news.run import Reading
from news.site_id import EVIDENCE, PREFIX
from news.url_shape import url_shape
from news.urls import url_key
from storage import rows
from storage.tables import Alias, Sighting

PERMALINKS = 60
"""How many of a source's latest moved articles say whether its permalinks changed."""
COPY = "fingerprint"
"""What an alias rests on at which an article's very text was seen."""


def left_shapes(connection: Connection, source_id: int, reading: Reading) -> frozenset[str]:
    """Return the shapes of addresses that several of the source's articles moved away from.

    Asked for only when something is missing at its address: is it gone, or are the permalinks others now?
    """
    if not any(look.sight in (Sight.MISSING, Sight.LOST) for look in reading.looks):
        return frozenset()
    new, old = aliased(Alias), aliased(Alias)
    by_id = (new.evidence.startswith(evidence) for evidence in EVIDENCE.values())
    moved_there = or_(new.evidence.in_(MOVED), *by_id)
    query = (
        select(new.url.label("new_url"), old.url.label("old_url"))
        .join(old, old.article_id == new.article_id)
        .join(Sighting, Sighting.article_id == new.article_id)
        .where(Sighting.source_id == source_id, moved_there, old.evidence.not_in(MOVED))
        .where(old.url.not_like(f"{PREFIX}%"), old.url != "")
        .order_by(new.created_at.desc(), new.key)
        .limit(PERMALINKS)
    )
    shapes: Counter[str] = Counter()
    for row in connection.execute(query):
        old_shape = url_shape(row.old_url)
        shapes[old_shape] += old_shape != url_shape(row.new_url)
    return frozenset(shape for shape, number in shapes.items() if number >= A_PATTERN)


def copies(
    connection: Connection, articles: Mapping[str, ArticleState], reading: Reading
) -> dict[str, tuple[str, ...]]:
    """Return, for articles that are missing where they were read, where their texts were seen later, the latest first.

    An article that went somewhere else before its old address was asked again was taken for a copy there.
    """
    missing = {url_key(look.url) for look in reading.looks if look.sight in (Sight.GONE, Sight.MISSING)}
    own = {state.id: url_key(state.fetch_url) for state in articles.values()}
    keys = {state.id: state.key for state in articles.values() if own[state.id] in missing}
    found: dict[str, list[str]] = defaultdict(list)
    left: set[int] = set()
    is_copy = Alias.evidence == COPY
    latest_first = (Alias.created_at.desc(), case((is_copy, 0), else_=1), Alias.key)
    for some in rows.chunks(sorted(keys)):
        query = select(Alias.article_id, Alias.key, Alias.url, is_copy.label("is_copy"))
        query = query.where(Alias.article_id.in_(some)).order_by(*latest_first)
        for row in connection.execute(query):
            if row.key == own[row.article_id]:
                left.add(
                    row.article_id
                )  # for this it left the earlier ones: it is sent to none of them again
            elif row.is_copy and row.article_id not in left:
                found[keys[row.article_id]].append(row.url)
    return {key: tuple(urls) for key, urls in found.items()}

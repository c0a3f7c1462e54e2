"""Taking an article's words out of what is kept whole: stored digests, what suspect runs hold, tables of healings."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, or_, select, update

from news.article import Look
from news.errors import UrlError
from news.healing import Healing
from news.run import Reading
from news.site_id import keys_of, site_id_of
from news.source import Source as DeclaredSource
from news.text import title_key
from news.urls import url_key
from storage import rows
from storage.definitions import stored_source
from storage.reader_tables import Digest
from storage.tables import Change, Held, Source, Wrapper

REMOVED = "[removed]"
"""What stands in the place of a title, where there must be one."""

Seal = Callable[[dict[str, Any]], str]
"""Returns the hash that guards a stored digest's content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traces:
    """What an article is recognised by: its numbers, the keys of its rows, of its addresses and ids, its titles, texts.

    Those of everything that was merged into it are among them.
    """

    ids: frozenset[int]
    articles: frozenset[str]
    keys: frozenset[str]
    titles: frozenset[str]
    fingerprints: frozenset[str]

    def stand_at(self, url: str) -> bool:
        """Return whether an address is one of the article's."""
        try:
            return url_key(url) in self.keys
        except UrlError:
            return False


def out_of_digests(connection: Connection, gone: Traces, seal: Seal) -> int:
    """Blank an article in every stored digest that tells of it, or that sends its readers there; return how many."""
    told = select(Change.seq).where(Change.article_id.in_(gone.ids))
    stored = cast(Digest.content, String)
    places: list[ColumnElement[bool]] = [
        (Digest.after_seq < seq) & (Digest.upto_seq >= seq) for seq in connection.execute(told).scalars()
    ]
    places += [stored.contains(key, autoescape=True) for key in sorted(gone.articles)]
    found: set[int] = set()
    for some in rows.chunks(places, size=100):
        found |= set(connection.execute(select(Digest.id).where(or_(*some))).scalars())
    altered = 0
    for digest_id in sorted(found):
        before = connection.execute(select(Digest.content).where(Digest.id == digest_id)).scalar_one()
        content = deepcopy(before)
        _blank_items(content["items"], gone)
        if content != before:
            values = {"content": content, "hash": seal(content)}
            connection.execute(update(Digest).where(Digest.id == digest_id).values(**values))
            altered += 1
    return altered


def _blank_items(items: Iterable[dict[str, Any]], gone: Traces) -> None:
    for item in items:
        change = item["change"]
        if change["article_id"] in gone.ids:
            item |= {"excerpt": "", "redline": []}
            change |= {"title": REMOVED, "summary": "", "old_title": REMOVED if change["old_title"] else ""}
        for reference in item.get("elsewhere", ()):
            if reference["article"].rpartition(":")[2] in gone.articles or gone.stand_at(reference["url"]):
                reference["title"] = REMOVED
        _blank_items(item.get("retold", ()), gone)


def out_of_held(connection: Connection, gone: Traces) -> int:
    """Take an article out of what suspect runs saw, so that approving one brings nothing of it back.

    What stands there under its title or with its text may be the article at an address that nobody knew; if it is
    another one, the listing shows it again.
    """
    altered = 0
    for run_id in connection.execute(select(Held.run_id).order_by(Held.run_id)).scalars().all():
        query = select(Held.reading, Source.definition).join(Source, Source.id == Held.source_id)
        row = connection.execute(query.where(Held.run_id == run_id)).one()
        reading = rows.load_bytes(Reading, zlib.decompress(row.reading))
        left = _left_of(reading, stored_source(row.definition, None), gone)
        if left != reading:
            packed = zlib.compress(rows.dump_bytes(left))
            connection.execute(update(Held).where(Held.run_id == run_id).values(reading=packed))
            altered += 1
    return altered


def _left_of(reading: Reading, source: DeclaredSource, gone: Traces) -> Reading:
    entries = tuple(
        entry
        for entry in reading.entries
        if not (
            {entry.key, *keys_of(site_id_of(entry, source.channel, source.url))} & gone.keys
            or title_key(entry.title) in gone.titles
        )
    )
    passed = {entry.key for entry in reading.entries} - {entry.key for entry in entries}
    looks = tuple(look for look in reading.looks if not _is_of(look, passed, gone))
    healing = reading.healing
    return replace(
        reading,
        entries=entries,
        looks=looks,
        healing=None if healing is None else _left_of_healing(healing, passed, gone),
    )


def _is_of(look: Look, passed: AbstractSet[str], gone: Traces) -> bool:
    content = look.content
    return (
        url_key(look.url) in passed
        or gone.stand_at(look.url)
        or gone.stand_at(look.final_url)
        or (content is not None and content.fingerprint in gone.fingerprints)
        or (content is not None and title_key(content.title) in gone.titles)
    )


def _left_of_healing(healing: Healing, passed: AbstractSet[str], gone: Traces) -> Healing:
    return replace(
        healing,
        items=tuple(
            replace(item, title=REMOVED)
            if item.article in gone.articles
            or item.key in gone.keys | passed
            or title_key(item.title) in gone.titles
            else item
            for item in healing.items
        ),
    )


def out_of_healings(connection: Connection, gone: Traces) -> None:
    """Blank an article in the tables by which people judge whether other selectors find what was known."""
    kept = select(Wrapper.id, Wrapper.evidence).where(Wrapper.evidence.is_not(None))
    for row in connection.execute(kept).all():
        if not (row.evidence or {}).get("items"):
            continue
        before = rows.load(Healing, row.evidence)
        left = _left_of_healing(before, frozenset(), gone)
        if left != before:
            connection.execute(update(Wrapper).where(Wrapper.id == row.id).values(evidence=rows.dump(left)))

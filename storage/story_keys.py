"""The index of stories: under which keys articles are kept, and which stand under the same ones."""

from __future__ import annotations

import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from sqlalchemy import Connection, Table, bindparam, delete, insert, select

from news.story import Telling, band_keys, echo_keys, keys_of_echoes, keys_of_likes
from storage import rows
from storage.story_tables import StoryKey, StorySignature

CROWD = 32
"""Articles under one key. What more of them have in common tells nothing, and would make each lookup longer."""
LIKES = 16
"""Articles that are compared with a new one at most: those that share the most bands."""
ECHOES = 8
"""The same for translations."""
ECHOING = 2
"""Marks that a translation shares at least before its text is read."""


class Index:
    """The keys of some new articles and of all that stand under the same ones, in one transaction."""

    def __init__(
        self, connection: Connection, article_ids: Sequence[int], tellings: Sequence[Telling]
    ) -> None:
        """Take the old keys of these articles away, write the new ones, and find what shares them.

        ``known`` then holds the articles that had keys before: all others can be in no story yet.
        """
        self._connection = connection
        self.known = _forget(connection, article_ids)
        self._wanted = {
            telling.article_id: (keys_of_likes(telling), keys_of_echoes(telling)) for telling in tellings
        }
        wanted = (key for pair in self._wanted.values() for keys in pair for key in keys)
        self._found = _standing(connection, wanted)
        self._write(tellings)

    def likes(self, telling: Telling) -> list[int]:
        """Return the articles that share a band with this one, those that share most first."""
        return _sharing(self._found, telling.article_id, self._wanted[telling.article_id][0], least=1)[:LIKES]

    def echoes(self, telling: Telling) -> list[int]:
        """Return the articles that share marks with this one, those that share most first."""
        keys = self._wanted[telling.article_id][1]
        return _sharing(self._found, telling.article_id, keys, least=ECHOING)[:ECHOES]

    def _write(self, tellings: Sequence[Telling]) -> None:
        written: list[dict[str, int]] = []
        signatures: list[dict[str, int | bytes]] = []
        for telling in tellings:
            own = {*band_keys(telling), *echo_keys(telling)}
            keys = {key for key in own if len(self._found[key]) < CROWD}
            for key in keys:
                self._found[key].append(telling.article_id)
            written += [{"key": key, "article_id": telling.article_id} for key in keys]
            if own:
                # Even where all of its keys were crowded: it may have found its story under them.
                signatures.append({"article_id": telling.article_id, "keys": packed(sorted(keys))})
        if written:
            written.sort(key=lambda row: (row["key"], row["article_id"]))
            self._connection.execute(insert(StoryKey), written)
            self._connection.execute(insert(StorySignature), signatures)


def _forget(connection: Connection, article_ids: Sequence[int]) -> set[int]:
    """Take away the keys of these articles; return those that had any."""
    forgotten: set[int] = set()
    table = cast(Table, StoryKey.__table__)
    for some in rows.chunks(article_ids):
        query = select(StorySignature.article_id, StorySignature.keys)
        known = connection.execute(query.where(StorySignature.article_id.in_(some))).all()
        forgotten |= {row.article_id for row in known}
        gone = [{"k": key, "a": row.article_id} for row in known for key in unpacked(row.keys)]
        if not gone:
            continue
        connection.execute(
            delete(table).where(table.c.key == bindparam("k"), table.c.article_id == bindparam("a")), gone
        )
        connection.execute(
            delete(StorySignature).where(StorySignature.article_id.in_([row.article_id for row in known]))
        )
    return forgotten


def packed(keys: Sequence[int]) -> bytes:
    """Return keys as they are kept."""
    return struct.pack(f">{len(keys)}q", *keys)


def unpacked(kept: bytes) -> tuple[int, ...]:
    """Return the keys that were kept."""
    return struct.unpack(f">{len(kept) // 8}q", kept)


def sharing_text(connection: Connection, telling: Telling) -> list[int]:
    """Return the kept articles that share a band with one that is not kept yet, those that share most first."""
    keys = keys_of_likes(telling)
    return _sharing(_standing(connection, keys), telling.article_id, keys, least=1)[:LIKES]


def _standing(connection: Connection, keys: Iterable[int]) -> defaultdict[int, list[int]]:
    """Return the articles under each of these keys."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    # In order, so that neighbouring keys are read from the same pages.
    for some in rows.chunks(sorted(set(keys))):
        query = select(StoryKey.key, StoryKey.article_id).where(StoryKey.key.in_(some))
        for key, article_id in connection.execute(query):
            found[key].append(article_id)
    return found


def _sharing(
    found: Mapping[int, Sequence[int]], article_id: int, keys: Iterable[int], *, least: int
) -> list[int]:
    shared = Counter(other for key in keys for other in found.get(key, ()) if other != article_id)
    likely = [(-count, other) for other, count in shared.items() if count >= least]
    return [other for _, other in sorted(likely)]

"""Learning where a source has moved to for good: after several good answers through the same permanent redirect."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from news.addresses import may_follow
from storage.definitions import stored_source
from storage.sources import learn_url

LEARN_AFTER = 3
"""Good runs through the same permanent redirect before a listing's new address is learnt."""


def count_move(connection: Connection, row: Row[Any], moved_url: str) -> dict[str, Any]:
    """Count one good run, and learn the new address after the third; return what is to be written of the source.

    Args:
        connection: the settling's.
        row: the source's row.
        moved_url: where a permanent redirect led that may be learnt; empty where there was none, and the count ends.
    """
    if not moved_url or not may_follow(stored_source(row.definition, row.selectors), moved_url):
        return {"moved_url": "", "moved_count": 0} if row.moved_url else {}
    count = row.moved_count + 1 if moved_url == row.moved_url else 1
    if count >= LEARN_AFTER:
        learn_url(connection, row.id, moved_url)
        return {}
    return {"moved_url": moved_url, "moved_count": count}

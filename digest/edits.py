"""What an edit changed, drawn between the two revisions that it lies between."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock

from sqlalchemy import Connection

from digest.excerpts import changed_words
from news.change import Change, ChangeKind
from news.errors import StorageError
from news.redline import Span
from news.revision import VolatilePart
from news.volatile import steadied
from storage.changes import revision_pair

KEPT = 1_000
"""Redlines that are kept in memory: feeds ask for the same ones again and again, and drawing one costs milliseconds."""
_Key = tuple[bytes, tuple[VolatilePart, ...], bool]


class _Redlines:
    """The redlines that were drawn lately, by a hash of the texts between which they lie."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[_Key, tuple[Span, ...]] = OrderedDict()
        self._turn = Lock()

    def between(
        self, old: str, new: str, volatile: Sequence[VolatilePart], *, is_whole: bool
    ) -> tuple[Span, ...]:
        texts = blake2b(f"{old}\0{new}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        key = (texts, tuple(volatile), is_whole)
        with self._turn:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        words = changed_words(old, steadied(old, new, volatile))
        if not words and is_whole:  # what flapped and then stayed is told
            words = changed_words(old, new)
        with self._turn:
            self._drawn[key] = words
            if len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        return words


_redlines = _Redlines()


def edit_words(connection: Connection, change: Change, volatile: Sequence[VolatilePart]) -> tuple[Span, ...]:
    """Return the redline of an edit without what differs at each look; nothing where a text is kept no longer.

    Args:
        connection: a reading transaction.
        change: the edit.
        volatile: what is known to differ at each look in its article.
    """
    try:
        old, new = revision_pair(connection, change.article_id, change.revision)
    except StorageError:  # the news does not wait for a text that is kept no longer
        return ()
    if old is None or old.pruned_at is not None or new.pruned_at is not None:
        return ()
    is_whole = change.kind is ChangeKind.EDITED
    return _redlines.between(old.body_text, new.body_text, volatile, is_whole=is_whole)

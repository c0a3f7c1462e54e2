"""What an edit changed, drawn between the two revisions that it lies between."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from digest.excerpts import changed_words
from news.change import Change, ChangeKind
from news.errors import StorageError
from news.redline import Span
from news.revision import VolatilePart
from news.volatile import steadied
from storage.changes import revision_pair


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
    if old is None:
        return ()
    words = changed_words(old.body_text, steadied(old.body_text, new.body_text, volatile))
    if not words and change.kind is ChangeKind.EDITED:  # what flapped and then stayed is told
        return changed_words(old.body_text, new.body_text)
    return words

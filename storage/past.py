"""The latest revisions of articles, as deciding compares them with what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, case, select

from news.change import EditMark
from news.known import ArticleState, PastRevision
from storage import rows
from storage.tables import Article, Revision

COMPARED = 100
"""Revisions of an article among which one that it goes back to is looked for."""
WITH_TEXT = 4
"""Revisions whose texts are compared, to learn what differs at each look."""


def past_revisions(connection: Connection, ids: Sequence[int]) -> dict[int, list[PastRevision]]:
    """Return the latest revisions of some articles, oldest first; the last few with their texts."""
    found: dict[int, list[PastRevision]] = {}
    for some in rows.chunks(ids):
        recent = Revision.number > Article.revision - WITH_TEXT
        query = (
            select(
                Revision.article_id,
                Revision.number,
                Revision.title,
                Revision.fingerprint,
                Revision.digest,
                Revision.captured_at,
                Revision.look,
                Revision.modified_at,
                Revision.marks,
                Revision.reverts_to,
                case((recent, Revision.body_text), else_="").label("body_text"),
            )
            .join(Article, Article.id == Revision.article_id)
            .where(Revision.article_id.in_(some), Revision.number > Article.revision - COMPARED)
            .where(Revision.number <= Article.revision)
            .order_by(Revision.article_id, Revision.number)
        )
        for row in connection.execute(query):
            found.setdefault(row.article_id, []).append(_past_revision(row))
    return found


def with_past(state: ArticleState, revisions: Sequence[PastRevision], *, differs: bool) -> ArticleState:
    """Return an article with its latest revisions, for comparing it with what was seen.

    Where that ``differs`` and the newest text was pruned there is nothing to compare with: what is read now takes its
    place, and nothing is told.
    """
    newest = revisions[-1].body_text
    digest = "" if differs and not newest else state.digest
    return replace(state, body_text=newest, past=tuple(revisions), digest=digest)


def _past_revision(row: Any) -> PastRevision:
    return PastRevision(
        number=row.number,
        title=row.title,
        fingerprint=row.fingerprint,
        digest=row.digest,
        captured_at=row.captured_at,
        look=row.look,
        modified=row.modified_at,
        marks=tuple(EditMark(mark) for mark in row.marks),
        reverts_to=row.reverts_to,
        body_text=row.body_text,
    )

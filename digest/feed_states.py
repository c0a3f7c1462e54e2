"""Deciding what stands in a feed: one entry an article, moved only by what matters. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.select import speaks
from news.change import Change, ChangeKind, EditMark
from news.redline import EditClass
from storage.subscriptions import DigestFilter


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleInFeed:
    """What a part of the log makes of one article.

    Args:
        moved: the change by which it stands where it stands.
        last: the newest change, of whatever weight: what it says is what the entry says.
        updated: when it last changed in a way that matters.
        is_told: whether the reader is shown it; else only that it is gone.
    """

    moved: Change
    last: Change
    updated: datetime
    is_told: bool = True

    @property
    def is_gone(self) -> bool:
        """Return whether it is withdrawn."""
        return self.moved.kind is ChangeKind.WITHDRAWN


def articles_in(
    changes: Sequence[Change],
    told: Sequence[Change],
    wanted: DigestFilter,
    *,
    let_in: Sequence[Change],
    brought_in: Collection[int] = (),
    moved_before: Mapping[int, datetime],
) -> list[ArticleInFeed]:
    """Return the articles of a part of the log that a feed shows, or says to be gone; the newest first.

    Args:
        changes: of that part, in order.
        told: those of them that the filter lets through, in order.
        wanted: the filter.
        let_in: those of ``changes`` that its words and sections let in. An article of which one is told stands as it is
            now, also where the words do not stand in it any more.
        brought_in: edits, by ``seq``, by which an article came in; they move it, however small they are.
        moved_before: when articles that were only listed by another source last changed; that is no news of them.
    """
    shown, may_be_told = {change.seq for change in told}, {change.seq for change in let_in}
    moved: dict[int, Change] = {}
    last: dict[int, Change] = {}
    are_told: set[int] = set()
    for change in changes:
        last[change.article_id] = change
        if change.seq not in may_be_told:
            continue
        moves_it = change.seq in shown and (moves(change) or change.seq in brought_in)
        gone = change.kind is ChangeKind.WITHDRAWN and speaks(change.language, wanted.languages)
        if gone or moves_it:
            moved[change.article_id] = change
        if moves_it:
            are_told.add(change.article_id)
    found = [
        ArticleInFeed(
            moved=change,
            last=last[article],
            updated=moved_before.get(article, change.at) if change.kind is ChangeKind.LISTED else change.at,
            is_told=article in are_told,
        )
        for article, change in moved.items()
    ]
    return sorted(found, key=lambda each: (each.updated, each.moved.seq), reverse=True)


def moves(change: Change) -> bool:
    """Return whether a change, once it is told, is one for whose sake people look at an article again.

    Those are what is new to them, another title, a substantive edit, that it went and that it came back.
    """
    if change.kind is ChangeKind.EDITED:
        return change.edit_class is EditClass.SUBSTANTIVE or EditMark.RETITLED in change.marks
    return change.kind is not ChangeKind.REDATED

"""Comparing what a look read with the newest revision: an edit, something that only flaps, or nothing. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from news.article import Content, Look
from news.capture import Revised, further
from news.change import ChangeKind, EditMark
from news.fingerprint import exact_digest, raw_digest
from news.known import ArticleState
from news.marks import is_redated, marks_of, moves_by_itself, reverts_to
from news.redline import EditClass, edit_class
from news.volatile import STANDS_AFTER, goes_back_and_forth, learnt, remembered, steadied

LOOKED_AFTER = timedelta(days=7)
"""So long after it was first seen it is looked whether what flaps stands by now, if nothing else is due."""


def compare(
    state: ArticleState, look: Look, content: Content, *, approving: bool, since: datetime | None
) -> Revised:
    """Compare what was seen with the newest revision, both read by the same extractor in the same way.

    :param since: when the known text was last seen.
    """
    if approving:
        return Revised(state=state)
    seen_at = look.captured_at
    state = _with_volatile(state, content, seen_at)
    redated = (ChangeKind.REDATED,) if is_redated(state, content.published, seen_at) else ()
    steady = steadied(state.body_text, content.body_text, state.volatile)
    same = content.digest == state.digest
    if not same and (_only_flaps(state, content, steady) and not _stands(state, content, seen_at)):
        if redated:
            return further(state, look, content, redated, EditClass.NONE, marks=(EditMark.REDATED,))
        return Revised(state=_unsettled(state, content, seen_at))
    state = replace(state, unsettled_digest="", unsettled_at=None)
    if same:
        if redated:
            return further(state, look, content, redated, EditClass.NONE, marks=(EditMark.REDATED,))
        return Revised(
            state=replace(
                state,
                modified=content.modified or state.modified,
                published=state.published or content.published,
                raw_digest=raw_digest(content.raw),
            )
        )
    if _only_flaps(state, content, steady):
        steady = content.body_text  # it has stood for long enough
    grade = edit_class(state.title, state.body_text, content.title, steady)
    marks = marks_of(state, look, content, grade, since)
    kind = _kind_of(state, steady, grade, marks)
    back_to = reverts_to(state, content, steady)
    return further(state, look, content, (kind,), grade, marks=marks, back_to=back_to)


def is_passed_over(state: ArticleState, content: Content) -> bool:
    """Return whether ``content``, compared just now, differs by what only flaps: it is seen, and not known."""
    return state.unsettled_digest == content.digest != state.digest


def _with_volatile(state: ArticleState, content: Content, seen_at: datetime) -> ArticleState:
    """Return the article with what proves volatile now."""
    date = moves_by_itself(state, content.published, seen_at)
    parts = [] if date is None else [date]
    if content.digest != state.digest:
        whole = goes_back_and_forth(state, content)
        parts += [*learnt(state, content, seen_at), *([] if whole is None else [whole])]
    return replace(state, volatile=remembered(state.volatile, parts)) if parts else state


def _only_flaps(state: ArticleState, content: Content, steady: str) -> bool:
    """Return whether nothing differs but what is volatile."""
    if exact_digest(content.title, steady) == exact_digest(state.title, state.body_text):
        return True
    return goes_back_and_forth(state, content) is not None


def _stands(state: ArticleState, content: Content, seen_at: datetime) -> bool:
    """Return whether what flapped has stayed as it is for so long that it is the text now."""
    since = state.unsettled_at
    same = state.unsettled_digest == content.digest
    return same and since is not None and seen_at - since >= STANDS_AFTER


def _unsettled(state: ArticleState, content: Content, seen_at: datetime) -> ArticleState:
    """Return the article with what it shows and may not show for long; it is read again whole the next time."""
    stood = state.unsettled_digest == content.digest
    again = seen_at + STANDS_AFTER if seen_at < state.first_seen_at + LOOKED_AFTER else None
    return replace(
        state,
        unsettled_digest=content.digest,
        unsettled_at=state.unsettled_at if stood else seen_at,
        next_look_at=state.next_look_at or again,
        modified=content.modified or state.modified,
        raw_digest="",
    )


def _kind_of(state: ArticleState, steady: str, grade: EditClass, marks: Collection[EditMark]) -> ChangeKind:
    """Return what weighs most: words of the text, else the title, else the date, else what only looks different."""
    if EditMark.RETITLED in marks and steady == state.body_text:
        return ChangeKind.RETITLED
    if EditMark.REDATED in marks and grade is EditClass.COSMETIC:
        return ChangeKind.REDATED
    return ChangeKind.EDITED

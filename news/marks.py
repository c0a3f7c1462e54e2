"""What else holds of an edit: it goes back, the site gives another date, it was made in silence. Pure."""

from __future__ import annotations

from datetime import datetime

from news.article import Content, Look
from news.change import EditMark
from news.cosmetic import arabic_folded, without_broken_letters
from news.dates import Precision, Stamp
from news.fingerprint import content_fingerprint, content_tokens
from news.known import ArticleState, PastRevision
from news.looking import JUST_NOW
from news.redline import EditClass
from news.revision import VolatileKind, VolatilePart
from news.text import title_key
from news.volatile import steadied

_TOLD_IN_WORDS = (EditClass.MINOR, EditClass.SUBSTANTIVE)
_MOMENTS = (Precision.SECOND, Precision.MINUTE)


def reverts_to(state: ArticleState, content: Content, body_text: str) -> int:
    """Return the number of the earlier revision that ``content`` brings back, or 0.

    The newest one that is exactly the same; else, if words changed at all, the newest one with the same words.

    :param body_text: what is read, its volatile passages as the newest revision has them.
    """
    earlier = [past for past in reversed(state.past) if past.number < state.revision]
    exact = next((past.number for past in earlier if past.digest == content.digest), 0)
    if exact or content.fingerprint == state.fingerprint:
        return exact
    if body_text == content.body_text:
        return next((past.number for past in earlier if past.fingerprint == content.fingerprint), 0)
    words = content_fingerprint(content.title, body_text)
    if words == state.fingerprint:
        return 0
    return next((past.number for past in earlier if past.body_text and _steady(state, past) == words), 0)


def _steady(state: ArticleState, past: PastRevision) -> str:
    return content_fingerprint(past.title, steadied(state.body_text, past.body_text, state.volatile))


def marks_of(
    state: ArticleState, look: Look, content: Content, grade: EditClass, since: datetime | None
) -> tuple[EditMark, ...]:
    """Return what else holds of an edit that makes ``content`` of ``state``.

    :param grade: how much its words matter.
    :param since: when the known text was last seen to stand.
    """
    marks = []
    if is_retitled(state.title, content.title):
        marks.append(EditMark.RETITLED)
    if is_redated(state, content.published, look.captured_at):
        marks.append(EditMark.REDATED)
    if grade in _TOLD_IN_WORDS and is_silent(state.modified, content.modified, since):
        marks.append(EditMark.SILENT)
    return tuple(marks)


def is_retitled(before: str, after: str) -> bool:
    """Return whether two titles differ in their words.

    Case, quotation marks and full stops make no other title, nor do optional signs of Arabic and broken letters.

    >>> is_retitled("The ferry sails", "THE FERRY SAILS."), is_retitled("The ferry sails", "The ferry stays")
    (False, True)
    """
    if not after or title_key(before) == title_key(after):
        return False
    before, after = map(arabic_folded, without_broken_letters(before, after))
    words = [[token.casefold() for token in content_tokens(title)] for title in (before, after)]
    return words[0] != words[1]


def is_redated(state: ArticleState, published: Stamp | None, captured_at: datetime) -> bool:
    """Return whether a page surely gives another date of publication than before.

    Only dates that stood in the same place are compared, at the coarser precision. Relative words ("2 hours ago") move
    by themselves, and so does the time of answering. A date that is volatile says nothing any more.
    """
    if published is None or not surely_differ(state.published, published):
        return False
    volatile = any(part.kind is VolatileKind.DATE for part in state.volatile)
    return not (volatile or _is_now(published, captured_at))


def surely_differ(before: Stamp | None, after: Stamp | None) -> bool:
    """Return whether two dates that stood in the same place cannot mean the same."""
    if before is None or after is None or before.provenance != after.provenance:
        return False
    if Precision.RELATIVE in (before.precision, after.precision):
        return False
    return before.older_than(after) or after.older_than(before)


def moves_by_itself(
    state: ArticleState, published: Stamp | None, captured_at: datetime
) -> VolatilePart | None:
    """Return the date of publication as volatile if it moved alone at the last two revisions, and moves again."""
    last = state.past[-2:]
    if len(last) < 2 or not is_redated(state, published, captured_at):
        return None
    if any(one.marks != (EditMark.REDATED,) for one in last):
        return None
    return VolatilePart(kind=VolatileKind.DATE, learnt_at=captured_at)


def is_silent(before: Stamp | None, after: Stamp | None, since: datetime | None) -> bool:
    """Return whether a site that shows when an article was modified did not say so of this edit.

    The date stood where it stands and is the same. Of a day that is only known when the old text was still seen on a
    later one.

    :param since: when the old text was last seen.
    """
    if before is None or after is None or (before.at, before.provenance) != (after.at, after.provenance):
        return False
    if after.precision in _MOMENTS:
        return True
    seen = None if since is None else Stamp(at=since, precision=Precision.SECOND, provenance="")
    return seen is not None and after.precision is not Precision.RELATIVE and after.older_than(seen)


def _is_now(stamp: Stamp, captured_at: datetime) -> bool:
    return stamp.precision in _MOMENTS and abs(stamp.at - captured_at) <= JUST_NOW

"""What one look does to one known article: a revision, a withdrawal, a return, or nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from news.absence import RUNS
from news.article import Content, Look, Sight, Way
from news.capture import Revised, further, in_its_place, passed_over, read_anew
from news.change import ChangeKind, EditMark
from news.compare import compare, is_passed_over
from news.fingerprint import content_fingerprint
from news.known import ArticleState
from news.looking import CONFIRM_AFTER, JUST_NOW, LOST_AFTER, next_look
from news.redesign import edited_lines, is_retitled
from news.redline import EditClass, edit_class
from news.text import title_key


def revise(
    state: ArticleState,
    look: Look,
    *,
    now: datetime,
    source_id: int = 0,
    approving: bool = False,
    redesigned: bool = False,
    listed_titles: Collection[str] = (),
    absent_runs: int = 0,
) -> Revised:
    """Return what ``look`` makes of ``state``.

    A look older than the newest settled one says nothing, and neither does one in a weaker way than the reference: a
    feed that still carries the text would else put off the looks at the page, and bring back what is gone there. Only
    the reference way makes revisions; the change to a stronger way, and to a newer extractor, replaces the content
    without a change.

    :param now: the settling's time, for the next look.
    :param source_id: whose look it is: of two listings that carry an article in different forms, one is the reference.
    :param approving: whether a person settles what was held: that may announce, but never edit.
    :param redesigned: whether the source is read by selectors that a healing found. The first look with them is another
        revision if the text differs, and told as an edit only where that is sure (`news.redesign`): what came and went
        around the lines may be the redesign's.
    :param listed_titles: keys of the titles that the listing shows now, which bear a new title out.
    :param absent_runs: on how many runs the listing lacked it between neighbours.
    """
    if state.looked_at is not None and look.captured_at < state.looked_at:
        return Revised(state=state)
    if look.sight is Sight.UNREADABLE:
        return Revised(state=replace(state, next_look_at=_after_trouble(state, now)))
    if look.sight in (Sight.GONE, Sight.MISSING, Sight.LOST):
        return Revised(state=state) if approving else _absent(state, look, now, absent_runs)
    if look.content is not None and _is_weaker(state, look, source_id):
        return Revised(state=state)
    came_back, since = state.withdrawn_at is not None, state.looked_at
    state = replace(
        state,
        looked_at=look.captured_at,
        looks=state.looks + 1,
        missing_at=None,
        withdrawn_at=None,
        next_look_at=next_look(state.first_seen_at, now, None),
    )
    revised = Revised(state=state)
    if look.content is not None:
        if not approving and _is_incomparable(state, look.content, redesigned=redesigned):
            said = _says_modified(look, look.content, since)
            revised = _after_redesign(
                state, look, look.content, source_id, modified=said, listed_titles=listed_titles
            )
        else:
            revised = _read(state, look, look.content, source_id=source_id, approving=approving, since=since)
    if not came_back:
        return revised
    return replace(revised, kinds=(ChangeKind.RESTORED, *revised.kinds))


def _is_incomparable(state: ArticleState, content: Content, *, redesigned: bool) -> bool:
    """Return whether what was captured cannot be read as the page is now.

    Nothing of it could be read anew, or it is the old page, for which healed selectors (the middle part of the
    extractor's version) were not made.
    """
    if state.extractor == content.extractor:
        return False
    by_others = state.extractor.split(".")[1:2] != content.extractor.split(".")[1:2]
    return state.again is None or (redesigned and by_others)


def _after_trouble(state: ArticleState, now: datetime) -> datetime | None:
    """Return when a page that could not be read is due again.

    One that was missing before waits as long again each time: a server may be in trouble for good.
    """
    if state.withdrawn_at is not None or state.missing_at is None:
        return next_look(state.first_seen_at, now, None, state.withdrawn_at)
    doubled = max(CONFIRM_AFTER, 2 * (now - state.missing_at))
    return next_look(state.first_seen_at, now, state.missing_at, confirm_after=doubled)


def _absent(state: ArticleState, look: Look, now: datetime, absent_runs: int) -> Revised:
    """A 410 withdraws at once; a 404 when it is still one an hour later, or confirms that its listing lacks it.

    A page that only seems to say so has a day, and as long as it answers otherwise in between.
    """
    missing_at = state.missing_at or look.captured_at
    confirm_after = LOST_AFTER if look.sight is Sight.LOST else CONFIRM_AFTER
    late = look.captured_at - missing_at >= confirm_after
    sure = look.sight is Sight.GONE or late or absent_runs >= RUNS
    withdrawn = state.withdrawn_at is None and sure
    withdrawn_at = state.withdrawn_at or (look.captured_at if sure else None)
    after = replace(
        state,
        looked_at=look.captured_at,
        looks=state.looks + 1,
        missing_at=missing_at,
        withdrawn_at=withdrawn_at,
        next_look_at=next_look(
            state.first_seen_at,
            now,
            None if withdrawn_at else missing_at,
            withdrawn_at,
            confirm_after=confirm_after,
        ),
    )
    return Revised(state=after, kinds=(ChangeKind.WITHDRAWN,) if withdrawn else ())


def _is_weaker(state: ArticleState, look: Look, source_id: int) -> bool:
    """Whether a body that was read is not in the form by which the article is compared."""
    if not state.digest:
        return False
    another_listing = look.way is Way.LISTING and state.captured_by not in (0, source_id)
    return look.way.rank < state.way.rank or (another_listing and state.way is Way.LISTING)


def _read(
    state: ArticleState,
    look: Look,
    content: Content,
    *,
    source_id: int,
    approving: bool,
    since: datetime | None,
) -> Revised:
    if not state.digest or look.way is not state.way:
        return in_its_place(state, look, content, source_id)
    if state.extractor == content.extractor or approving:
        return compare(state, look, content, approving=approving, since=since)
    if state.again is None:
        return in_its_place(state, look, content, source_id)
    revised = compare(read_anew(state, state.again), look, content, approving=approving, since=since)
    if revised.revision is not None:
        return revised
    if is_passed_over(revised.state, content):
        return Revised(state=passed_over(state, revised.state))
    return in_its_place(state, look, content, source_id)


def _after_redesign(
    state: ArticleState,
    look: Look,
    content: Content,
    source_id: int,
    *,
    modified: bool,
    listed_titles: Collection[str],
) -> Revised:
    """Keep what older selectors captured beside what the redesigned page shows, and tell what was surely edited."""
    if not state.digest or look.way is not state.way:
        return in_its_place(state, look, content, source_id)
    retitled = title_key(content.title) in listed_titles and is_retitled(state.title, content.title)
    same_body = _same_body(state, content)
    if same_body and not retitled:
        return in_its_place(state, look, content, source_id)
    edited = None if same_body else edited_lines(state.body_text, content.body_text, modified=modified)
    if edited is None and not retitled:
        return further(state, look, content, (), EditClass.NONE)
    title = content.title if retitled else state.title
    grade = edit_class(state.title, state.body_text, title, state.body_text if edited is None else edited)
    kind = ChangeKind.RETITLED if edited is None else ChangeKind.EDITED
    marks = (EditMark.RETITLED,) if retitled else ()
    return further(state, look, content, (kind,), grade, marks=marks)


def _says_modified(look: Look, content: Content, since: datetime | None) -> bool:
    """Return whether a page says that it was modified since the last look.

    One that always says that it was modified just now is not believed.
    """
    if content.modified is None or since is None:
        return False
    return since < content.modified.at < look.captured_at - JUST_NOW


def _same_body(state: ArticleState, content: Content) -> bool:
    """Return whether a text is the known one; that is only loaded where the digests differ."""
    if content.digest == state.digest:
        return True
    return content_fingerprint("", content.body_text) == content_fingerprint("", state.body_text)

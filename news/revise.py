"""What one look does to one known article: a revision, a withdrawal, a return, or nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from news.absence import RUNS
from news.article import Content, Look, Sight, Way
from news.change import ChangeKind, EditMark
from news.dates import Stamp
from news.fingerprint import content_fingerprint, exact_digest, raw_digest
from news.known import ArticleState, NewRevision, PastRevision
from news.looking import CONFIRM_AFTER, JUST_NOW, next_look
from news.marks import is_redated, marks_of, moves_by_itself, reverts_to, surely_differ
from news.redesign import edited_lines, is_retitled
from news.redline import EditClass, edit_class
from news.text import title_key
from news.volatile import STANDS_AFTER, goes_back_and_forth, learnt, remembered, steadied


@dataclass(frozen=True, kw_only=True, slots=True)
class Revised:
    """The article after a look. ``kinds`` are the changes to log, in order; all that follows goes with the edit."""

    state: ArticleState
    revision: NewRevision | None = None
    kinds: tuple[ChangeKind, ...] = ()
    edit_class: EditClass = EditClass.NONE
    old_title: str = ""
    marks: tuple[EditMark, ...] = ()
    reverts_to: int = 0
    old_published: Stamp | None = None


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
        return Revised(
            state=replace(state, next_look_at=next_look(state.first_seen_at, now, state.missing_at))
        )
    if look.sight in (Sight.GONE, Sight.MISSING):
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


def _absent(state: ArticleState, look: Look, now: datetime, absent_runs: int) -> Revised:
    """A 410 withdraws at once; a 404 when it is still one an hour later, or confirms that its listing lacks it."""
    missing_at = state.missing_at or look.captured_at
    late = look.captured_at - missing_at >= CONFIRM_AFTER
    sure = look.sight is Sight.GONE or late or absent_runs >= RUNS
    withdrawn = state.withdrawn_at is None and sure
    withdrawn_at = state.withdrawn_at or (look.captured_at if sure else None)
    after = replace(
        state,
        looked_at=look.captured_at,
        looks=state.looks + 1,
        missing_at=missing_at,
        withdrawn_at=withdrawn_at,
        next_look_at=next_look(state.first_seen_at, now, None if withdrawn_at else missing_at, withdrawn_at),
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
    if not state.digest:
        return _replace(state, look, content, source_id)
    if look.way is not state.way:
        return _replace(state, look, content, source_id)
    if state.extractor != content.extractor:
        if state.again is None:
            return _replace(state, look, content, source_id)
        state = _read_anew(state, state.again)
        revised = _compare(state, look, content, approving=approving, since=since)
        if revised.revision is None:
            return _replace(state, look, content, source_id)
        return revised
    return _compare(state, look, content, approving=approving, since=since)


def _read_anew(state: ArticleState, again: Content) -> ArticleState:
    """Return the article as today's extractor reads what is kept of its newest revision."""
    state = _with_content(state, again)
    if not state.past:
        return state
    newest = replace(
        state.past[-1],
        title=again.title,
        fingerprint=again.fingerprint,
        digest=again.digest,
        body_text=again.body_text,
    )
    return replace(state, past=(*state.past[:-1], newest))


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
        return _replace(state, look, content, source_id)
    retitled = title_key(content.title) in listed_titles and is_retitled(state.title, content.title)
    same_body = _same_body(state, content)
    if same_body and not retitled:
        return _replace(state, look, content, source_id)
    edited = None if same_body else edited_lines(state.body_text, content.body_text, modified=modified)
    if edited is None and not retitled:
        return _further(state, look, content, (), EditClass.NONE)
    title = content.title if retitled else state.title
    grade = edit_class(state.title, state.body_text, title, state.body_text if edited is None else edited)
    kind = ChangeKind.RETITLED if edited is None else ChangeKind.EDITED
    marks = (EditMark.RETITLED,) if retitled else ()
    return _further(state, look, content, (kind,), grade, marks=marks)


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


def _compare(
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
            return _further(state, look, content, redated, EditClass.NONE, marks=(EditMark.REDATED,))
        return Revised(state=_unsettled(state, content, seen_at))
    state = replace(state, unsettled_digest="", unsettled_at=None)
    if same:
        if redated:
            return _further(state, look, content, redated, EditClass.NONE, marks=(EditMark.REDATED,))
        modified = content.modified or state.modified
        return Revised(state=replace(state, modified=modified, raw_digest=raw_digest(content.raw)))
    if _only_flaps(state, content, steady):
        steady = content.body_text  # it has stood for long enough
    grade = edit_class(state.title, state.body_text, content.title, steady)
    marks = marks_of(state, look, content, grade, since)
    kind = _kind_of(state, steady, grade, marks)
    back_to = reverts_to(state, content, steady)
    return _further(state, look, content, (kind,), grade, marks=marks, back_to=back_to)


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
    return replace(
        state,
        unsettled_digest=content.digest,
        unsettled_at=state.unsettled_at if stood else seen_at,
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


def _further(
    state: ArticleState,
    look: Look,
    content: Content,
    kinds: tuple[ChangeKind, ...],
    grade: EditClass,
    *,
    marks: tuple[EditMark, ...] = (),
    back_to: int = 0,
) -> Revised:
    """Return the article with a further revision, and the changes that it is."""
    redated = EditMark.REDATED in marks
    after = replace(_with_content(state, content), revision=state.revision + 1, way=look.way)
    if not redated and surely_differ(state.published, content.published):
        after = replace(after, published=state.published)  # a date that is not believed
    revision = replace(_revision(after, look, content), edit_class=grade, marks=marks, reverts_to=back_to)
    return Revised(
        state=replace(after, past=(*state.past, _past(revision, content))),
        revision=revision,
        kinds=kinds,
        edit_class=grade,
        old_title=state.title,
        marks=marks,
        reverts_to=back_to,
        old_published=state.published if redated else None,
    )


def _replace(state: ArticleState, look: Look, content: Content, source_id: int) -> Revised:
    """Put better content in the newest revision's place: nothing happened to the article itself."""
    captured_by = source_id if look.way is Way.LISTING else 0
    after = replace(
        _with_content(state, content),
        way=look.way,
        captured_by=captured_by,
        revision=max(state.revision, 1),
    )
    revision = replace(_revision(after, look, content), replaces=state.revision > 0)
    past = _past(revision, content)
    if state.past and state.past[-1].number == past.number:
        last = state.past[-1]
        past = replace(past, marks=last.marks, reverts_to=last.reverts_to)
    earlier = tuple(each for each in state.past if each.number < past.number)
    return Revised(state=replace(after, past=(*earlier, past)), revision=revision)


def _revision(after: ArticleState, look: Look, content: Content) -> NewRevision:
    return NewRevision(
        article=after.key,
        number=after.revision,
        title=content.title,
        content=content,
        way=look.way,
        url=look.final_url,
        captured_at=look.captured_at,
        look=after.looks,
        published=after.published,
    )


def _past(revision: NewRevision, content: Content) -> PastRevision:
    """Return a revision as the next comparison will need it."""
    return PastRevision(
        number=revision.number,
        title=content.title,
        fingerprint=content.fingerprint,
        digest=content.digest,
        captured_at=revision.captured_at,
        look=revision.look,
        modified=content.modified.at if content.modified else None,
        marks=revision.marks,
        reverts_to=revision.reverts_to,
        body_text=content.body_text,
    )


def _with_content(state: ArticleState, content: Content) -> ArticleState:
    """Return the article with what ``content`` says; what it does not say stays as it was."""
    return replace(
        state,
        title=content.title or state.title,
        title_key=title_key(content.title or state.title),
        titles=state.titles | {title_key(content.title)} if content.title else state.titles,
        language=content.language or state.language,
        authors=content.authors or state.authors,
        image_url=content.image_url or state.image_url,
        published=content.published or state.published,
        modified=content.modified or state.modified,
        fingerprint=content.fingerprint,
        digest=content.digest,
        extractor=content.extractor,
        raw_digest=raw_digest(content.raw),
        body_text=content.body_text,
        again=None,
        unsettled_digest="",
        unsettled_at=None,
    )

"""Captured states: how what was read becomes a further revision of an article, or replaces its newest one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from news.article import Content, Look, Way
from news.change import ChangeKind, EditMark
from news.dates import Stamp
from news.fingerprint import raw_digest
from news.known import ArticleState, NewRevision, PastRevision
from news.marks import surely_differ
from news.redline import EditClass
from news.text import title_key

MOST_SECTIONS = 20
"""What a listing files an article under its page need not say again, so both are kept, the latest said first."""


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


def further(
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
    after = replace(with_content(state, content), revision=state.revision + 1, way=look.way)
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


def in_its_place(state: ArticleState, look: Look, content: Content, source_id: int) -> Revised:
    """Put what is read in a better way in the newest revision's place: nothing happened to the article itself.

    An earlier text, word for word, is no other form of the newest one: the article went back since. It is kept as a
    further revision, and nothing is told: in the newest one's place it would leave the edit between them, which was
    told, without a trace.
    """
    captured_by = source_id if look.way is Way.LISTING else 0
    earlier = {past.digest for past in state.past[:-1]}
    if content.digest in earlier and content.digest != state.digest:
        return further(replace(state, captured_by=captured_by), look, content, (), EditClass.NONE)
    after = replace(
        with_content(state, content),
        way=look.way,
        captured_by=captured_by,
        revision=max(state.revision, 1),
    )
    revision = replace(_revision(after, look, content), replaces=state.revision > 0)
    past = _past(revision, content)
    if state.past and state.past[-1].number == past.number:
        last = state.past[-1]
        past = replace(past, marks=last.marks, reverts_to=last.reverts_to)
    before = tuple(each for each in state.past if each.number < past.number)
    return Revised(state=replace(after, past=(*before, past)), revision=revision)


def read_anew(state: ArticleState, again: Content) -> ArticleState:
    """Return the article as today's extractor reads what is kept of its newest revision."""
    state = replace(
        with_content(state, again),
        unsettled_digest=state.unsettled_digest,
        unsettled_at=state.unsettled_at,
    )
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


def passed_over(state: ArticleState, after: ArticleState) -> ArticleState:
    """Return the article as it is stored, with what a look ``after`` it was read anew learnt of what only flaps."""
    return replace(
        state,
        volatile=after.volatile,
        unsettled_digest=after.unsettled_digest,
        unsettled_at=after.unsettled_at,
        next_look_at=after.next_look_at,
        modified=after.modified,
        raw_digest=after.raw_digest,
    )


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


def with_content(state: ArticleState, content: Content) -> ArticleState:
    """Return the article with what ``content`` says; what it does not say stays as it was."""
    return replace(
        state,
        title=content.title or state.title,
        title_key=title_key(content.title or state.title),
        titles=state.titles | {title_key(content.title)} if content.title else state.titles,
        language=content.language or state.language,
        authors=content.authors or state.authors,
        sections=tuple(dict.fromkeys((*content.sections, *state.sections)))[:MOST_SECTIONS],
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

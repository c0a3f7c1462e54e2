"""A small language for cases of edits: what the looks at one article met, in order, and what is told of each.

A case is a sentence, the looks, and what each look after the first one tells: it can be read without knowing the
code. Everything runs through `news.revise.revise`, a pure function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from news.article import Content, Look, Sight, Way
from news.capture import Revised
from news.change import EDITS
from news.dates import Precision, Stamp
from news.fingerprint import content_fingerprint, exact_digest
from news.known import ArticleState
from news.redline import EditClass
from news.revise import revise
from news.text import title_key

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
URL = "https://harbour.example/news/ferry"
TITLE = "The ferry sails again"
OPENING = (
    "After three weeks in the dock the old ferry left the harbour on its first trip, and many people of the town stood "
    "on the quay to see it go, some with flags and one with a trumpet that he had brought from his attic."
)
CLOSING = (
    "The captain, who has steered it for twenty years, said that the engine had never sounded so well, and that the "
    "passengers of the first trip would travel without a ticket, as the council had promised in the summer."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """What one look met: a text between the opening and the closing of the article, or an answer without one."""

    text: str = ""
    title: str = TITLE
    published: Stamp | None = None
    modified: Stamp | None = None
    sight: Sight = Sight.READ
    after: timedelta = timedelta(hours=1)
    extractor: str = "1"
    way: Way = Way.PAGE
    whole: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One case; ``told`` has one line a look after the first."""

    name: str
    looks: tuple[Met, ...]
    told: tuple[str, ...]


def case(name: str, looks: Sequence[Met], *told: str) -> Case:
    assert len(told) == len(looks) - 1, name
    return Case(name=name, looks=tuple(looks), told=told)


def says(
    text: str = "It sails at nine.",
    *,
    title: str = TITLE,
    dated: str = "",
    dated_in: str = "meta",
    modified: str = "",
    hours: float = 1,
    extractor: str = "1",
    way: Way = Way.PAGE,
    whole: str = "",
) -> Met:
    """The page reads so. ``dated`` and ``modified`` are a day (20 Nov), or a day with a time (20 Nov 09:15)."""
    return Met(
        text=text, title=title, published=_stamp(dated, dated_in), modified=_stamp(modified, "meta"),
        after=timedelta(hours=hours), extractor=extractor, way=way, whole=whole,
    )  # fmt: skip


def answers(status: int, *, hours: float = 1) -> Met:
    """The page answers 304, 404, 410, or (500) cannot be read."""
    sights = {304: Sight.NOT_MODIFIED, 404: Sight.MISSING, 410: Sight.GONE, 500: Sight.UNREADABLE}
    return Met(sight=sights[status], after=timedelta(hours=hours))


def _stamp(said: str, provenance: str) -> Stamp | None:
    if not said:
        return None
    if said.endswith(" ago"):
        return Stamp(at=START, precision=Precision.RELATIVE, provenance=provenance)
    timed = ":" in said
    at = datetime.strptime(f"2026 {said}", "%Y %d %b %H:%M" if timed else "%Y %d %b").replace(tzinfo=UTC)
    precision = Precision.MINUTE if timed else Precision.DAY
    return Stamp(at=at, precision=precision, provenance=provenance)


def played(looks: Sequence[Met]) -> tuple[ArticleState, list[Revised]]:
    """Return the article after the looks, and what each of them made of it."""
    state = ArticleState(
        key="k", url=URL, fetch_url=URL, title=TITLE, title_key=title_key(TITLE), first_seen_at=START
    )
    now, made = START, []
    for number, met in enumerate(looks):
        now += met.after if number else timedelta(0)
        look = look_of(met, now)
        revised = revise(replace(state, again=_again(state, look)), look, now=now, source_id=1)
        state = revised.state
        made.append(revised)
    return state, made


def _again(state: ArticleState, look: Look) -> Content | None:
    """Return what is kept of the newest revision as the extractor of the look reads it: no otherwise."""
    if look.content is None or not state.past or state.extractor == look.content.extractor:
        return None
    newest = state.past[-1]
    return replace(
        look.content,
        title=newest.title,
        body_text=newest.body_text,
        fingerprint=newest.fingerprint,
        digest=newest.digest,
    )


def told(revised: Revised) -> str:
    """Say what a look tells, as the cases do."""
    return "; ".join(_told(kind, revised) for kind in revised.kinds) or "nothing"


def _told(kind: object, revised: Revised) -> str:
    if kind not in EDITS:
        return str(kind)
    words = [str(kind), str(revised.edit_class) if revised.edit_class is not EditClass.NONE else ""]
    words += [str(mark) for mark in revised.marks if str(mark) != str(kind)]
    back = f", back to {revised.reverts_to}" if revised.reverts_to else ""
    return " ".join(filter(None, words)) + back


def look_of(met: Met, now: datetime) -> Look:
    """Return a look at that time that met this."""
    look = Look(url=URL, final_url=URL, sight=met.sight, way=met.way, captured_at=now)
    if met.sight is not Sight.READ:
        return look
    body = met.whole or f"{OPENING}\n{met.text}\n{CLOSING}"
    content = Content(
        title=met.title,
        body_text=body,
        fingerprint=content_fingerprint(met.title, body),
        digest=exact_digest(met.title, body),
        extractor=met.extractor,
        published=met.published,
        modified=met.modified,
    )
    return replace(look, content=content)

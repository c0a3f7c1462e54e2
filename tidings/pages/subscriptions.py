"""*Subscriptions*: who is told of what, when, and where it is brought; adding, changing, pausing and resuming one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse, Response

from digest.compose import preview_next
from digest.layout import Section, sections
from digest.model import Digest
from news.errors import ConfigError, UnknownError
from storage.digest_notes import DigestNote, list_notes
from storage.engine import reading
from storage.feed_entries import SourcePage, source_pages
from storage.subscribing import add, edit, pause, resume
from storage.subscriptions import list_subscriptions
from tidings.feed_choices import safe_name
from tidings.pages.choosing import Searched
from tidings.pages.desk import MOST_NUMBER, Desk, Reader
from tidings.pages.rendering import draw, then
from tidings.pages.rhythms import WEEKDAYS, WHENS
from tidings.pages.subscription_form import (
    CLASSES,
    EMPTY,
    KINDS,
    MOST_ITEMS,
    TARGETS,
    Typed,
    Wanted,
    typed_in,
    typed_of,
    wanted_of,
)
from tidings.serving.forms import PostedForm, posted_form
from tidings.show_subscriptions import Known, known_subscriptions, place_of, when_composed

TONES = {"ok": "good", "failing": "warn", "disabled": "bad", "dead letters": "bad"}
LATEST_DIGESTS = 10
PREVIEWED = 50
"""Items of a look at the next digest; the digest itself tells more."""

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionView:
    """One subscription with its latest digests."""

    known: Known
    digests: tuple[DigestNote, ...] = ()

    @property
    def tone(self) -> str:
        """How its state looks."""
        return TONES.get(self.known.state, "")

    @property
    def place(self) -> str:
        """Where its digests are brought."""
        return place_of(self.known.target) if self.known.target is not None else ""

    @property
    def feed(self) -> str:
        """Where what its filter lets through is a feed."""
        return f"/feeds/subscriptions/{safe_name(self.known.row.name)}.atom"

    @property
    def rhythm(self) -> str:
        """When they are composed."""
        return when_composed(self.known.row)

    @property
    def kinds(self) -> list[str]:
        """What it tells of, in words."""
        return [KINDS[kind] for kind in self.known.row.filter.kinds]

    @property
    def least(self) -> str:
        """Which edits, in words."""
        wanted = self.known.row.filter.min_edit_class
        return CLASSES.get(wanted, str(wanted))


@dataclass(frozen=True, kw_only=True, slots=True)
class FormView:
    """The form: what is typed, what is wrong with which field, and what there is to choose from."""

    typed: Typed
    sources: tuple[SourcePage, ...]
    number: int | None = None
    place: str = ""
    mail_works: bool = True
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Where digests may be brought: what there is stays possible, and going back to nothing is not."""
        left_out = "keep" if not self.place else "none"
        return [(word, text) for word, text in TARGETS.items() if word != left_out]

    kinds = KINDS
    classes = CLASSES
    empties = EMPTY
    most_items = MOST_ITEMS
    whens = WHENS
    weekdays = WEEKDAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class NextView:
    """A look at the next digest."""

    number: int
    digest: Digest
    sections: tuple[Section, ...]


@router.get("/subscriptions")
def subscriptions(desk: Reader) -> HTMLResponse:
    """List all subscriptions."""
    view = [SubscriptionView(known=known) for known in known_subscriptions(desk.engine)]
    return draw(desk, "subscriptions", view, title="Subscriptions", section="subscriptions")


@router.get("/subscriptions/new")
def new(desk: Reader, choice: Searched) -> HTMLResponse:
    """Ask what a new subscription shall be, beginning with what somebody looks at."""
    wanted = choice.wanted
    typed = Typed(
        sources=wanted.sources,
        languages=", ".join(wanted.languages),
        kinds=tuple(map(str, wanted.kinds)),
        include="; ".join(wanted.include),
        exclude="; ".join(wanted.exclude),
        time_zone=desk.settings.time_zone,
    )
    return _form(desk, typed)


@router.post("/subscriptions/new")
def make(desk: Reader, form: PostedForm) -> Response:
    """Make a subscription."""
    typed = typed_in(form)
    wanted, wrong = wanted_of(typed, sources=_names(_sources(desk)))
    if wanted is None:
        return _form(desk, typed, wrong=wrong)
    try:
        row = add(
            desk.engine,
            wanted.name,
            filter=wanted.filter,
            target=wanted.planned.plan if wanted.planned else None,
            rhythm=wanted.rhythm,
            max_items=wanted.max_items or None,
            from_start=typed.from_start,
        )
    except ConfigError:
        return _form(desk, typed, wrong={"name": "There is one of this name already; choose another."})
    return _kept(desk, row.id, wanted)


@router.get("/subscriptions/{number}")
def subscription(desk: Reader, number: Number) -> HTMLResponse:
    """Show one subscription."""
    known = _known(desk, number)
    with reading(desk.engine) as connection:
        notes = list_notes(connection, subscription=known.row.name, limit=LATEST_DIGESTS)
    view = SubscriptionView(known=known, digests=tuple(notes))
    return draw(desk, "subscription", view, title=known.row.name, section="subscriptions")


@router.get("/subscriptions/{number}/edit")
def change(desk: Reader, number: Number) -> HTMLResponse:
    """Ask what shall be changed."""
    known = _known(desk, number)
    return _form(desk, typed_of(known), known=known)


@router.post("/subscriptions/{number}/edit")
def changed(desk: Reader, number: Number, form: PostedForm) -> Response:
    """Change a subscription."""
    known = _known(desk, number)
    typed = typed_in(form, name=known.row.name, alerts=known.row.alert_after_seconds is not None)
    wanted, wrong = wanted_of(
        typed,
        sources=_names(_sources(desk)),
        before=known.row.filter,
        target=known.target,
    )
    if wanted is None:
        return _form(desk, typed, known=known, wrong=wrong)
    edit(
        desk.engine,
        known.row.name,
        filter=wanted.filter,
        target=wanted.planned.plan if wanted.planned else None,
        rhythm=wanted.rhythm,
        max_items=wanted.max_items,
    )
    return _kept(desk, number, wanted)


@router.get("/subscriptions/{number}/next")
def upcoming(desk: Reader, number: Number) -> HTMLResponse:
    """Show what the next digest would tell by now; nothing is moved."""
    known = _known(desk, number)
    digest = preview_next(desk.engine, known.row.name, now=desk.times.now, limit=PREVIEWED)
    view = NextView(number=number, digest=digest, sections=sections(digest))
    return draw(desk, "next", view, title=f"{known.row.name}: the next digest", section="subscriptions")


@router.post("/subscriptions/{number}/pause", dependencies=[Depends(posted_form)])
def pause_one(desk: Reader, number: Number) -> Response:
    """Compose and bring nothing for a while."""
    pause(desk.engine, _known(desk, number).row.name)
    return then(f"/subscriptions/{number}")


@router.post("/subscriptions/{number}/resume", dependencies=[Depends(posted_form)])
def resume_one(desk: Reader, number: Number) -> Response:
    """Go on."""
    resume(desk.engine, _known(desk, number).row.name)
    return then(f"/subscriptions/{number}")


def _known(desk: Desk, number: int) -> Known:
    with reading(desk.engine) as connection:
        name = next((row.name for row in list_subscriptions(connection) if row.id == number), None)
    if name is None:
        raise UnknownError(f"There is no subscription {number}.")
    [known] = known_subscriptions(desk.engine, name)
    return known


def _sources(desk: Desk) -> tuple[SourcePage, ...]:
    with reading(desk.engine) as connection:
        return tuple(source_pages(connection))


def _names(sources: Sequence[SourcePage]) -> frozenset[str]:
    return frozenset(source.name for source in sources)


def _form(
    desk: Desk, typed: Typed, *, known: Known | None = None, wrong: dict[str, str] | None = None
) -> HTMLResponse:
    view = FormView(
        typed=typed,
        sources=_sources(desk),
        number=known.row.id if known else None,
        place=place_of(known.target) if known and known.target else "",
        mail_works=bool(desk.settings.mail_server and desk.settings.mail_from),
        wrong=wrong or {},
    )
    title = f"Change {typed.name}" if known else "A new subscription"
    return draw(
        desk, "subscription_form", view, title=title, section="subscriptions", status=422 if wrong else 200
    )


def _kept(desk: Desk, number: int, wanted: Wanted) -> Response:
    """Lead to the subscription; a secret that was made for it is shown first, since it is never shown again."""
    secret = wanted.planned.new_secret if wanted.planned else ""
    if not secret:
        return then(f"/subscriptions/{number}")
    view = {"number": number, "name": wanted.name, "secret": secret}
    headers = {"Cache-Control": "no-store"}
    return draw(desk, "secret", view, title="The webhook’s secret", section="subscriptions", headers=headers)

"""*Add a source*: paste the address of a news page, see how it can be read, look at its items, and watch it."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData
from typer import BadParameter

from crawler.discovery.obstacles import ALLOW_PRIVATE
from crawler.discovery.proposal import Candidate, Decision, Proposal
from crawler.discovery.sourcing import name_for
from news.dates import Stamp
from news.entry import Entry
from news.errors import ConfigError, SourceError
from storage.adaptive import ADAPTIVE, check_source_schedule
from storage.sources import save_sources
from tidings.pages.desk import Desk, Reader
from tidings.pages.discoveries import Discoveries, Discovery
from tidings.pages.rendering import draw, part, then
from tidings.serving.callers import Way, caller_of
from tidings.serving.forms import PostedForm
from tidings.serving.problems import Kind, refused
from tidings.watching import (
    address_from,
    confidence_of,
    language_from,
    names_taken,
    source_from,
    watched_as,
)

REFRESH_SECONDS = 4
ITEMS = 10
LONGEST = 2_000
TICK_PRIVATE = "ask for it again, and tick that it stands in a private network"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
DECISIONS = {
    Decision.AUTO: ("good", "Sure enough to be taken as it is."),
    Decision.ASK: ("warn", "Please look at its items before you take it."),
    Decision.REFUSE: ("bad", "This cannot be watched."),
}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    discoveries = Discoveries(app.state.served.settings)
    app.state.discoveries = discoveries
    try:
        yield
    finally:
        discoveries.close()


router = APIRouter(include_in_schema=False, lifespan=_lifespan)


@dataclass(frozen=True, kw_only=True, slots=True)
class AskView:
    """The form that asks for an address."""

    url: str = ""
    language: str = ""
    is_private: bool = False
    may_be_private: bool = False
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundView:
    """What a discovery found, and the form that saves it."""

    discovery: Discovery
    proposal: Proposal
    chosen: Candidate | None
    tone: str
    decision: str
    known_as: str = ""
    name: str = ""
    schedule: str = ADAPTIVE
    pages: int = 1
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def reasons(self) -> list[str]:
        """Why it was decided so, in words of the page."""
        return [reason.replace(ALLOW_PRIVATE, TICK_PRIVATE) for reason in self.proposal.reasons]

    @property
    def items(self) -> tuple[Entry, ...]:
        """The first items, as they would be stored."""
        return self.chosen.entries[:ITEMS] if self.chosen is not None else ()

    def newest(self, candidate: Candidate) -> Stamp | None:
        """Return the newest date of a way to read the page, as precisely as it was said."""
        return max(
            (entry.published for entry in candidate.entries if entry.published),
            key=lambda stamp: stamp.at,
            default=None,
        )

    @property
    def can_be_taken(self) -> bool:
        """Whether somebody may save it."""
        return self.chosen is not None and self.proposal.decision is not Decision.REFUSE and not self.known_as


@router.get("/add-source")
def ask(desk: Reader, url: Annotated[str, Query(max_length=LONGEST)] = "") -> HTMLResponse:
    """Ask for the address of a news page, perhaps one that was asked for before."""
    return _ask(desk, AskView(url=url, may_be_private=_is_local(desk)))


@router.post("/add-source")
def look(desk: Reader, form: PostedForm) -> Response:
    """Begin to find out how a page can be read."""
    typed = AskView(
        url=_text(form, "url"),
        language=_text(form, "language"),
        is_private=_is_local(desk) and bool(form.get("allow_private")),
        may_be_private=_is_local(desk),
    )
    wrong: dict[str, str] = {}
    address = language = ""
    try:
        address = address_from(typed.url)
    except BadParameter as error:
        wrong["url"] = str(error)
    try:
        language = language_from(typed.language or None)
    except BadParameter as error:
        wrong["language"] = str(error)
    if not wrong:
        if known := watched_as(desk.settings, address):
            return then(f"/sources/{part(known)}")
        begun = _discoveries(desk).begin(
            address, language=language, allow_private=typed.is_private, now=datetime.now(UTC)
        )
        if begun is not None:
            return then(f"/add-source/{begun.token}")
        wrong["url"] = "Others are being looked at already; try again in a minute."
    return _ask(desk, replace(typed, wrong=wrong))


@router.get("/add-source/{token}")
def found(desk: Reader, token: str) -> Response:
    """Show what a discovery found; while it runs, its page asks again by itself."""
    discovery = _discovery(desk, token)
    if not discovery.is_over:
        headers = {"Refresh": str(REFRESH_SECONDS), "Cache-Control": "no-store"}
        return draw(desk, "looking", discovery, title="Looking", section="sources", headers=headers)
    if discovery.proposal is None:
        return draw(desk, "looking", discovery, title="Nothing found", section="sources")
    return _found(desk, discovery, discovery.proposal)


@router.post("/add-source/{token}")
def save(desk: Reader, token: str, form: PostedForm) -> Response:
    """Watch the page from now on."""
    discovery = _discovery(desk, token)
    proposal = discovery.proposal
    if proposal is None:
        return then(f"/add-source/{token}")
    typed = {"name": _text(form, "name"), "schedule": _text(form, "schedule")}
    pages = _text(form, "pages")
    taken = names_taken(desk.settings)
    wrong = _mistakes(typed["name"], typed["schedule"], pages, taken)
    if wrong:
        shown = int(pages) if pages.isascii() and pages.isdigit() else 1
        return _found(desk, discovery, proposal, **typed, pages=shown, wrong=wrong)
    if not _view(desk, discovery, proposal).can_be_taken:
        return _found(desk, discovery, proposal, **typed)
    source = source_from(
        desk.settings,
        proposal,
        name=typed["name"] or None,
        schedule=typed["schedule"],
        pages=int(pages),
        allow_private=discovery.allow_private,
        taken=taken,
    )
    save_sources(
        desk.engine,
        [source],
        origin="discovery",
        now=datetime.now(UTC),
        confidence=confidence_of(proposal),
    )
    return then(f"/sources/{part(source.name)}")


def _mistakes(name: str, schedule: str, pages: str, taken: set[str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if name and not _NAME.fullmatch(name):
        wrong["name"] = "Use lower-case letters, digits, - and _, at most 63."
    elif name in taken:
        wrong["name"] = "There is one of this name already; choose another."
    try:
        check_source_schedule(schedule, "UTC")
    except ConfigError as error:
        wrong["schedule"] = str(error)
    if not (pages.isascii() and pages.isdigit() and 1 <= int(pages[:4]) <= 100 and len(pages) < 4):
        wrong["pages"] = "Write a number from 1 to 100."
    return wrong


def _view(desk: Desk, discovery: Discovery, proposal: Proposal) -> FoundView:
    chosen = None if proposal.chosen is None else proposal.candidates[proposal.chosen]
    tone, words = DECISIONS[proposal.decision]
    own = (chosen.url,) if chosen is not None else ()
    try:
        name = name_for(proposal.url, names_taken(desk.settings))
    except SourceError:
        name = ""
    return FoundView(
        discovery=discovery,
        proposal=proposal,
        chosen=chosen,
        tone=tone,
        decision=words,
        known_as=watched_as(desk.settings, proposal.url, *own),
        name=name,
    )


def _found(desk: Desk, discovery: Discovery, proposal: Proposal, **typed: Any) -> HTMLResponse:
    view = replace(_view(desk, discovery, proposal), **typed)
    status = 422 if view.wrong else 200
    return draw(desk, "found", view, title="What was found", section="sources", status=status)


def _ask(desk: Desk, view: AskView) -> HTMLResponse:
    status = 422 if view.wrong else 200
    return draw(desk, "add_source", view, title="Add a source", section="sources", status=status)


def _discoveries(desk: Desk) -> Discoveries:
    found: Discoveries = desk.request.app.state.discoveries
    return found


def _discovery(desk: Desk, token: str) -> Discovery:
    discovery = _discoveries(desk).find(token)
    if discovery is None:
        raise refused(
            404, Kind.NOT_FOUND, "It is not known any more what was found there; look at the page again."
        )
    return discovery


def _is_local(desk: Desk) -> bool:
    """Return whether a person at this machine asks: nobody else sends this server into its own network."""
    caller = caller_of(desk.request)
    return caller is not None and caller.way is Way.LOCAL


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip()[:LONGEST] if isinstance(value, str) else ""

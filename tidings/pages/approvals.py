"""*Approvals*: what waits for a person's word: suspect runs, and selectors that a healing proposes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse, Response

from news.errors import SourceError, UnknownSourceError
from news.healing import ItemState
from storage.engine import reading
from storage.proposals import Proposal, open_proposals
from storage.runs import RunRow, list_runs
from storage.wrappers import WrapperVersion, approve_wrapper, reject_wrappers, wrapper_versions
from tidings.pages.desk import Desk, Reader
from tidings.pages.rendering import draw, part, then
from tidings.serving.forms import posted_form
from tidings.serving.problems import Kind, refused

MOST_RUNS = 200
TONES = {ItemState.NEW: "good", ItemState.LOST: "bad"}

router = APIRouter(include_in_schema=False)

Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalsView:
    """All that waits."""

    runs: tuple[RunRow, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorChange:
    """One selector that differs: what it was, and what it would be."""

    name: str
    was: tuple[str, ...]
    would_be: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapperView:
    """A version of a source's selectors beside the one in use."""

    source: str
    version: WrapperVersion
    used: WrapperVersion | None
    changes: tuple[SelectorChange, ...]

    def tone(self, state: ItemState) -> str:
        """How what became of an item looks."""
        return TONES.get(state, "")


@router.get("/approvals")
def approvals(desk: Reader) -> HTMLResponse:
    """List what waits for a person."""
    runs = list_runs(desk.engine, held=True, limit=MOST_RUNS)
    with reading(desk.engine) as connection:
        proposals = open_proposals(connection)
    view = ApprovalsView(runs=tuple(runs), proposals=tuple(proposals))
    return draw(desk, "approvals", view, title="Approvals", section="approvals")


@router.get("/approvals/{name}/{version}")
def proposal(desk: Reader, name: str, version: Version) -> HTMLResponse:
    """Show a version of a source's selectors beside the one in use, and what it rests on."""
    return _page(desk, name, version)


@router.post("/approvals/{name}/{version}/approve", dependencies=[Depends(posted_form)])
def approve(desk: Reader, name: str, version: Version) -> Response:
    """Put proposed selectors in use."""
    return _decided(desk, name, version, approving=True)


@router.post("/approvals/{name}/{version}/reject", dependencies=[Depends(posted_form)])
def reject(desk: Reader, name: str, version: Version) -> Response:
    """Turn proposed selectors down."""
    return _decided(desk, name, version, approving=False)


def _decided(desk: Desk, name: str, version: int, *, approving: bool) -> Response:
    _shown(desk, name, version)
    try:
        if approving:
            approve_wrapper(desk.engine, name, version)
        else:
            reject_wrappers(desk.engine, name, version)
    except UnknownSourceError:
        raise
    except SourceError as error:
        return _page(desk, name, version, refusal=str(error))
    return then(f"/approvals/{part(name)}/{version}")


def _page(desk: Desk, name: str, version: int, *, refusal: str = "") -> HTMLResponse:
    return draw(
        desk,
        "proposal",
        _shown(desk, name, version),
        title=f"Selectors {version} of {name}",
        section="approvals",
        status=409 if refusal else 200,
        refusal=refusal,
    )


def _shown(desk: Desk, name: str, version: int) -> WrapperView:
    versions = wrapper_versions(desk.engine, name)
    found = next((each for each in versions if each.version == version), None)
    if found is None:
        raise refused(404, Kind.NOT_FOUND, f"The selectors of {name} have no version {version}.")
    used = next((each for each in versions if each.in_use), None)
    return WrapperView(source=name, version=found, used=used, changes=selector_changes(used, found))


def selector_changes(used: WrapperVersion | None, other: WrapperVersion) -> tuple[SelectorChange, ...]:
    """Return what differs between two versions of selectors; without a first one everything is new."""
    found = []
    for prefix, before, after in (
        ("", used and used.wrapper, other.wrapper),
        ("article ", used and used.article, other.article),
    ):
        for each in fields(after):
            was = getattr(before, each.name) if before is not None else ()
            would_be = getattr(after, each.name)
            if was != would_be:
                name = prefix + each.name.replace("_", " ")
                found.append(SelectorChange(name=name, was=was, would_be=would_be))
    return tuple(found)

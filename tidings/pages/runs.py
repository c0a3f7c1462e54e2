"""*Run*: what one crawl of a source saw; a suspect one is approved or rejected here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse, Response

from news.errors import SourceError, UnknownSourceError
from storage.approving import approve, reject
from storage.runs import load_run
from tidings.pages.desk import MOST_NUMBER, Desk, Reader
from tidings.pages.rendering import draw, then
from tidings.pages.run_view import run_view
from tidings.serving.forms import posted_form

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]


@router.get("/runs/{number}")
def run(desk: Reader, number: Number) -> HTMLResponse:
    """Show a run."""
    return _page(desk, number)


@router.post("/runs/{number}/approve", dependencies=[Depends(posted_form)])
def approve_run(desk: Reader, number: Number) -> Response:
    """Take what a suspect run saw as it is, and end the suspicion."""
    return _decided(desk, number, approving=True)


@router.post("/runs/{number}/reject", dependencies=[Depends(posted_form)])
def reject_run(desk: Reader, number: Number) -> Response:
    """Turn down what a suspect run saw, and ask its source again at once."""
    return _decided(desk, number, approving=False)


def _decided(desk: Desk, number: int, *, approving: bool) -> Response:
    name = load_run(desk.engine, number).source
    try:
        if approving:
            approve(desk.engine, name, run_id=number)
        else:
            reject(desk.engine, name, run_id=number)
    except UnknownSourceError:
        raise
    except SourceError as error:  # somebody was faster, or it is nothing that could be approved
        return _page(desk, number, refusal=str(error))
    return then(f"/runs/{number}")


def _page(desk: Desk, number: int, *, refusal: str = "") -> HTMLResponse:
    view = run_view(desk.engine, number)
    return draw(
        desk,
        "run",
        view,
        title=f"Run {number}",
        section="sources",
        status=409 if refusal else 200,
        refusal=refusal,
    )

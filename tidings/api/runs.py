"""``/runs``: what each crawl of a source did, and judging what a suspect one saw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from storage.approving import approve, held_of, reject
from storage.runs import list_runs, load_run
from tidings.api import replies
from tidings.api.shapes.changes import Approval
from tidings.api.shapes.runs import RunDetail, RunPage
from tidings.json_output import approval_json
from tidings.runs_json import run_detail_json, stored_run_json
from tidings.serving.forms import check_program
from tidings.serving.served import Here, Served

router = APIRouter(prefix="/runs", tags=["runs"])

Held = Annotated[bool, Query(description="Only suspect runs that wait for a person.")]


@router.get("", response_model=RunPage, responses=replies.problems(404))
def list_(
    request: Request,
    here: Here,
    source: replies.Word | None = None,
    held: Held = False,
    limit: replies.Limit = 50,
    before: replies.Before | None = None,
) -> Response:
    """Runs that told something, the newest first; those that found the listing unchanged are only counted."""
    sources = [] if source is None else [source]
    found = list_runs(here.engine, sources=sources, held=held, limit=limit + 1, before_id=before)
    return replies.paged(request, "runs", found, limit=limit, shape=stored_run_json, key=lambda each: each.id)


@router.get("/{number}", response_model=RunDetail, responses=replies.problems(404))
def show(number: replies.Number, here: Here) -> Response:
    """What one run did, and what a suspect one saw."""
    return _as_it_is(here, number)


@router.post(
    "/{number}/approve",
    response_model=Approval,
    responses=replies.problems(404, 409),
    dependencies=[Depends(check_program)],
)
def take(number: replies.Number, here: Here) -> Response:
    """Take what a suspect run saw as it is, and end the suspicion; it announces what is new."""
    source = load_run(here.engine, number).source
    return replies.reply(approval_json(source, approve(here.engine, source, run_id=number)))


@router.post(
    "/{number}/reject",
    response_model=RunDetail,
    responses=replies.problems(404, 409),
    dependencies=[Depends(check_program)],
)
def turn_down(number: replies.Number, here: Here) -> Response:
    """Turn down what a suspect run saw, and ask its source again at once."""
    source = load_run(here.engine, number).source
    reject(here.engine, source, run_id=number)
    return _as_it_is(here, number)


def _as_it_is(here: Served, number: int) -> Response:
    row = load_run(here.engine, number)
    return replies.reply(run_detail_json(row, held_of(here.engine, row.id) if row.held else ()))

"""``/sources``: how each fares and how it is read, and leaving one alone for a while."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from storage.coverage import coverage_of
from storage.engine import reading
from storage.source_status import list_sources, source_names
from storage.sources import load_source, pause, resume
from tidings.api import replies
from tidings.api.shapes.sources import Source, SourceDetail, SourcePage, Status
from tidings.health import health_of
from tidings.json_output import health_json, source_json
from tidings.runs_json import coverage_json
from tidings.serving.forms import check_program
from tidings.serving.served import Here, Served

router = APIRouter(tags=["sources"])

After = Annotated[
    replies.Word, Query(description="Go on behind this name, as `next` of the last answer says.")
]


@router.get("/status", response_model=Status, responses=replies.problems())
def status(here: Here) -> Response:
    """How everything fares: what is not being read and since when, what was skipped, and the end of the log."""
    return replies.reply(health_json(health_of(here.engine, here.settings)))


@router.get("/sources", response_model=SourcePage, responses=replies.problems())
def list_(
    request: Request,
    here: Here,
    limit: replies.Limit = 50,
    after: After | None = None,
) -> Response:
    """Sources by name, each with how it fares."""
    with reading(here.engine) as connection:
        found = source_names(connection, after=after or "", limit=limit + 1)
    rows = list_sources(here.engine, found) if found else []
    return replies.paged(
        request,
        "sources",
        rows,
        limit=limit,
        shape=source_json,
        key=lambda each: each.name,
        parameter="after",
    )


@router.get("/sources/{name}", response_model=SourceDetail, responses=replies.problems(404))
def show(name: replies.Name, here: Here) -> Response:
    """How a source fares, how it is read, and from where to where it is known completely."""
    [found] = list_sources(here.engine, [name])
    told = source_json(found, load_source(here.engine, name))
    return replies.reply({**told, "coverage": coverage_json(coverage_of(here.engine, name))})


@router.post(
    "/sources/{name}/pause",
    response_model=Source,
    responses=replies.problems(404, 409),
    dependencies=[Depends(check_program)],
)
def stop(name: replies.Name, here: Here) -> Response:
    """Leave a source alone until it is resumed; what is known of it stays."""
    pause(here.engine, name)
    return _as_it_is(here, name)


@router.post(
    "/sources/{name}/resume",
    response_model=Source,
    responses=replies.problems(404, 409),
    dependencies=[Depends(check_program)],
)
def go_on(name: replies.Name, here: Here) -> Response:
    """Crawl a source again: once now, then by its schedule."""
    resume(here.engine, name)
    return _as_it_is(here, name)


def _as_it_is(here: Served, name: str) -> Response:
    [found] = list_sources(here.engine, [name])
    return replies.reply(source_json(found))

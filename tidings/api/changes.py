"""``/changes``: the log from a cursor on, for readers that keep the cursor themselves."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from digest.json import change_json
from news.change import Change, ChangeKind
from storage.changes import changes_after, counted_seq, oldest_seq
from storage.engine import reading
from storage.source_status import check_sources
from tidings.api import replies
from tidings.api.shapes.changes import ChangePage
from tidings.json_output import with_schema
from tidings.serving.log_watch import LogWatch
from tidings.serving.problems import Kind, refused
from tidings.serving.served import Here

LONGEST_WAIT = 60
MOST_WAITING = 1_000
"""Requests that may wait at the same time; each costs a connection to a client and some memory."""
WINDOW = 10_000
"""Rows of the log that one answer looks through at most for what a filter lets through, however seldom that is."""

router = APIRouter(tags=["changes"])


class ChangeQuery(BaseModel):
    """What a reader asks for."""

    after: Annotated[
        int | None,
        Field(
            ge=0,
            le=replies.LARGEST,
            description="The cursor that the last answer brought; without it the log is read from its start.",
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="At most so many changes.")] = 100
    wait: Annotated[
        float,
        Field(
            ge=0,
            le=LONGEST_WAIT,
            allow_inf_nan=False,
            description="Seconds to wait for a change if there is none.",
        ),
    ] = 0
    source: replies.SourceFilter = Field(default_factory=list)
    language: replies.LanguageFilter = Field(default_factory=list)
    kind: list[ChangeKind] = Field(
        default_factory=list, max_length=20, description="Only changes of this kind; may be repeated."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Changes of a stretch of the log, and the cursor behind it."""

    changes: list[Change]
    cursor: int
    more: bool


@router.get("/changes", response_model=ChangePage, responses=replies.problems(404, 409, 410))
async def changes(request: Request, asked: Annotated[ChangeQuery, Query()], here: Here) -> Response:
    """The changes of the log after a cursor, in its order.

    Keep `cursor` when you have dealt with the changes, and ask for what comes after it: nothing is missed and nothing
    comes twice, however narrow the filter. What it lets through may stand further on than one answer looks: then there
    are no changes and `more` is true. With `wait` the answer comes as soon as there is a change.
    """
    found = await run_in_threadpool(_read, here.engine, asked, asked.after)
    if asked.wait and not found.changes and not found.more:
        found = await _wait(request, asked, found, here)
    told = with_schema(
        changes=[change_json(change) for change in found.changes], cursor=found.cursor, more=found.more
    )
    behind = replies.page_behind(request, after=found.cursor) if found.more else ""
    return replies.reply(told, next_page=behind)


async def _wait(request: Request, asked: ChangeQuery, found: Stretch, here: Here) -> Stretch:
    """Look on until something fits, in front of which the filter may leave out a lot."""
    if here.watch.waiting >= MOST_WAITING:
        raise refused(
            503,
            Kind.UNAVAILABLE,
            "Too many wait for changes; ask again without `wait`.",
            headers={"Retry-After": "10"},
        )
    loop = asyncio.get_running_loop()
    end = loop.time() + asked.wait
    while not found.changes and not found.more and not here.watch.closed and (left := end - loop.time()) > 0:
        if await _gone_while_waiting(request, here.watch, found.cursor, left):
            break  # nobody is there to be answered
        found = await run_in_threadpool(_read, here.engine, asked, found.cursor)
    return found


async def _gone_while_waiting(request: Request, watch: LogWatch, seq: int, seconds: float) -> bool:
    waiting = asyncio.ensure_future(watch.beyond(seq, seconds))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
        return leaving.done()
    finally:
        for task in (waiting, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _read(engine: Engine, asked: ChangeQuery, cursor: int | None) -> Stretch:
    with reading(engine) as connection:
        newest = counted_seq(connection)
        first = oldest_seq(connection) or newest + 1
        after = first - 1 if cursor is None else cursor
        _refuse_unreachable(after, first, newest)
        check_sources(connection, asked.source)
        upto = min(newest, after + WINDOW) if asked.source or asked.language or asked.kind else newest
        found = changes_after(
            connection,
            after,
            upto=upto,
            limit=asked.limit + 1,
            sources=asked.source or None,
            languages=asked.language or None,
            kinds=asked.kind or None,
        )
    kept = found[: asked.limit]
    cursor = kept[-1].seq if len(found) > asked.limit else upto
    return Stretch(changes=kept, cursor=cursor, more=cursor < newest)


def _refuse_unreachable(after: int, oldest: int, newest: int) -> None:
    if after > newest:
        raise refused(
            409,
            Kind.CURSOR_AHEAD,
            f"The log ends at {newest}, and the cursor is {after}: it is of another database, or this one was restored "
            "from a backup. Begin again at a cursor that you can trust.",
            newest=newest,
        )
    if after < oldest - 1:
        raise refused(
            410,
            Kind.CURSOR_GONE,
            f"The log begins at {oldest}; changes after {after} are gone. Begin with after={oldest - 1}.",
            oldest=oldest,
        )

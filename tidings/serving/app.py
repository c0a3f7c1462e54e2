"""The application: routes, what stands around them, and how errors become answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from news.errors import ConfigError, QueryError, SourceError, UnknownError, UnknownSourceError, UrlError
from news.version import own_version
from storage.settings import Settings
from tidings.api import routes
from tidings.api.description import describe
from tidings.serving import doorway, leaving, metrics
from tidings.serving.attempts import SignIns
from tidings.serving.bodies import BodyLimit
from tidings.serving.boundary import Boundary
from tidings.serving.checkups import Checkups
from tidings.serving.conditional import Conditional
from tidings.serving.doors import Doors
from tidings.serving.drawing import Drawing, PlainDrawing
from tidings.serving.gate import Gate
from tidings.serving.log_watch import LogWatch
from tidings.serving.problems import Kind, Problem, Refused, problem_answer, problem_of
from tidings.serving.served import Served
from tidings.serving.traces import Traces

COMPRESSED_BYTES = 1_000


def create_app(
    engine: Engine,
    settings: Settings,
    *,
    doors: Doors,
    routers: Sequence[APIRouter] = (),
    drawing: Drawing | None = None,
) -> FastAPI:
    """Return the application of one server.

    Args:
        engine: a ready database; it is not disposed of.
        settings: of this installation.
        doors: how the server is reached.
        routers: further routes beside the API's and the server's own, such as the pages.
        drawing: draws the server's own pages; they are plain without it.
    """

    def newest() -> int:
        return served.newest()

    served = Served(
        engine=engine,
        settings=settings,
        doors=doors,
        watch=LogWatch(newest),
        traces=Traces(engine),
        sign_ins=SignIns(),
        checkups=Checkups(engine, settings),
        drawing=drawing or PlainDrawing(),
    )
    app = FastAPI(
        title="tidings",
        version=own_version(),
        summary="What is new on the news pages that are watched, each change exactly once.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # it would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        # The outermost first.
        middleware=[
            Middleware(Boundary, doors=doors),
            Middleware(Gate, served=served),
            Middleware(GZipMiddleware, minimum_size=COMPRESSED_BYTES, compresslevel=6),
            Middleware(Conditional),
            Middleware(BodyLimit),
        ],
    )
    app.state.served = served
    app.state.draw_problem = served.drawing.problem
    _tell_errors(app)
    describe(app)
    for router in (doorway.router, metrics.router, leaving.router, *routes.routers(), *routers):
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    served: Served = app.state.served
    writing = asyncio.create_task(served.traces.keep_writing())
    try:
        yield
    finally:
        served.watch.close()
        writing.cancel()
        await run_in_threadpool(served.traces.write)


def _tell_errors(app: FastAPI) -> None:
    async def chosen(request: Request, error: HTTPException) -> Response:
        problem = error.problem if isinstance(error, Refused) else None
        known = problem or problem_of(error.status_code, str(error.detail), error.headers)
        return problem_answer(request, known)

    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [{"where": ".".join(map(str, each["loc"])), "what": each["msg"]} for each in error.errors()]
        detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults[:3])
        return problem_answer(
            request, Problem(status=422, kind=Kind.INVALID, detail=detail, more={"errors": faults})
        )

    async def unknown(request: Request, error: Exception) -> Response:
        return problem_answer(request, Problem(status=404, kind=Kind.NOT_FOUND, detail=str(error)))

    async def conflict(request: Request, error: Exception) -> Response:
        return problem_answer(request, Problem(status=409, kind=Kind.CONFLICT, detail=str(error)))

    async def wrong(request: Request, error: Exception) -> Response:
        return problem_answer(request, Problem(status=422, kind=Kind.INVALID, detail=str(error)))

    handlers: dict[Any, Any] = {
        HTTPException: chosen,
        RequestValidationError: invalid,
        SourceError: conflict,
        ConfigError: wrong,
        UrlError: wrong,
        QueryError: wrong,
        UnknownError: unknown,
        UnknownSourceError: unknown,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)

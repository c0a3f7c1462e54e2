"""The application: routes, what stands around them, and how errors become answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from news.errors import UnknownError, UnknownSourceError
from news.version import own_version
from storage.changes import counted_seq
from storage.engine import reading
from storage.settings import Settings
from tidings.api import routes
from tidings.serving.bodies import BodyLimit
from tidings.serving.boundary import Boundary
from tidings.serving.conditional import Conditional
from tidings.serving.doors import Doors
from tidings.serving.log_watch import LogWatch
from tidings.serving.problems import Kind, Problem, Refused, problem_answer, problem_of
from tidings.serving.served import Served

COMPRESSED_BYTES = 1_000

ErrorPage = Callable[[Request, Problem], Response]


def create_app(
    engine: Engine,
    settings: Settings,
    *,
    doors: Doors,
    routers: Sequence[APIRouter] = (),
    error_page: ErrorPage | None = None,
) -> FastAPI:
    """Return the application of one server.

    Args:
        engine: a ready database; it is not disposed of.
        settings: of this installation.
        doors: how the server is reached.
        routers: further routes beside the API's, such as the pages.
        error_page: draws a problem for people; without it everybody gets JSON.
    """
    watch = LogWatch(lambda: _newest(engine))
    served = Served(engine=engine, settings=settings, doors=doors, watch=watch)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        yield
        watch.close()

    app = FastAPI(
        title="tidings",
        version=own_version(),
        summary="What is new on the news pages that are watched, each change exactly once.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # it would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(Boundary, doors=doors),
            Middleware(GZipMiddleware, minimum_size=COMPRESSED_BYTES, compresslevel=6),
            Middleware(Conditional),
            Middleware(BodyLimit),
        ],
    )
    app.state.served = served
    app.state.error_page = error_page
    _tell_errors(app)
    for router in (*routes.routers(), *routers):
        app.include_router(router)
    return app


def _newest(engine: Engine) -> int:
    with reading(engine) as connection:
        return counted_seq(connection)


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

    handlers: dict[Any, Any] = {
        HTTPException: chosen,
        RequestValidationError: invalid,
        UnknownError: unknown,
        UnknownSourceError: unknown,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)

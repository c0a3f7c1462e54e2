"""Errors as answers: problem details for programs (RFC 9457), under types that stay the same for life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.json import dumps

MEDIA_TYPE = "application/problem+json"
TYPES = "tag:tidings.invalid,2026:problems/"
"""What stands before the name of a problem in its ``type``; docs/api.md lists them all."""


class Kind(StrEnum):
    """Every problem by the name that its ``type`` ends with."""

    BAD_REQUEST = "bad-request"
    NOT_SIGNED_IN = "not-signed-in"
    NOT_ALLOWED = "not-allowed"
    FOREIGN_FORM = "foreign-form"
    NOT_FOUND = "not-found"
    METHOD = "method-not-allowed"
    CONFLICT = "conflict"
    CURSOR_AHEAD = "cursor-ahead"
    CURSOR_GONE = "cursor-gone"
    TOO_LARGE = "too-large"
    UNKNOWN_HOST = "unknown-host"
    INVALID = "invalid"
    TOO_MANY = "too-many-requests"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"


TITLES = {
    Kind.BAD_REQUEST: "The request cannot be read",
    Kind.NOT_SIGNED_IN: "This needs somebody who is signed in",
    Kind.NOT_ALLOWED: "This caller may not do that",
    Kind.FOREIGN_FORM: "The request did not come from a page of this server",
    Kind.NOT_FOUND: "There is no such thing",
    Kind.METHOD: "This cannot be done here",
    Kind.CONFLICT: "It cannot be done as things stand",
    Kind.CURSOR_AHEAD: "The cursor lies behind the end of the log",
    Kind.CURSOR_GONE: "The log does not reach back to the cursor",
    Kind.TOO_LARGE: "The request is too large",
    Kind.UNKNOWN_HOST: "This server does not go by that name",
    Kind.INVALID: "A parameter is wrong",
    Kind.TOO_MANY: "Too many requests",
    Kind.INTERNAL: "Something unexpected happened",
    Kind.UNAVAILABLE: "It cannot be answered at the moment",
}
BY_STATUS = {
    400: Kind.BAD_REQUEST,
    401: Kind.NOT_SIGNED_IN,
    403: Kind.NOT_ALLOWED,
    404: Kind.NOT_FOUND,
    405: Kind.METHOD,
    409: Kind.CONFLICT,
    413: Kind.TOO_LARGE,
    421: Kind.UNKNOWN_HOST,
    422: Kind.INVALID,
    429: Kind.TOO_MANY,
    503: Kind.UNAVAILABLE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What went wrong with one request.

    Args:
        status: the HTTP status.
        kind: which problem it is.
        detail: what happened and what to do next, for people; it holds no secret.
        more: further members, such as where the log begins.
        headers: headers of the answer.
    """

    status: int
    kind: Kind
    detail: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The problem in a few words, the same at each occurrence."""
        return TITLES[self.kind]


class Refused(HTTPException):
    """Ends a request with a problem.

    It is one of the framework's own exceptions, since these alone pass through its reading of bodies.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.detail)
        self.problem = problem


def refused(
    status: int, kind: Kind, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any
) -> Refused:
    """Return the exception that ends a request with this problem."""
    return Refused(Problem(status=status, kind=kind, detail=detail, more=more, headers=headers or {}))


def problem_of(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Problem:
    """Return the problem that stands for a status which the framework chose."""
    kind = BY_STATUS.get(status, Kind.INTERNAL if status >= 500 else Kind.BAD_REQUEST)
    said = "" if detail == _phrase(status) else detail
    return Problem(status=status, kind=kind, detail=said, headers=headers or {})


def problem_json(problem: Problem) -> dict[str, Any]:
    """Return a problem as its answer says it."""
    return {
        "type": f"{TYPES}{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or None,
        **problem.more,
    }


def problem_answer(request: Request, problem: Problem) -> Response:
    """Return the answer to a request that failed: a page where a person looks, else JSON."""
    draw: Callable[[Request, Problem], Response] | None = getattr(request.app.state, "draw_problem", None)
    if draw is not None and not request.url.path.startswith("/api/") and _wants_page(request):
        answer = draw(request, problem)
    else:
        answer = Response(dumps(problem_json(problem), indent=None), problem.status, media_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        answer.headers[name] = value
    return answer


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""

"""What all endpoints share: the answer itself, parameters that are meant alike everywhere, the declared problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query, Request
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from digest.json import dumps
from tidings.json_output import with_schema
from tidings.serving.problems import Kind, refused

LARGEST = 2**63 - 1
"""What a number in the database can be."""
PRINTABLE = r"^[^\x00-\x1f\x7f]+$"


def _no_number(value: object) -> object:
    """Refuse seconds since 1970, which stand in no description: 2026 would be 1970."""
    if isinstance(value, str) and "-" not in value[1:]:
        raise ValueError("write a date and a time (RFC 3339), such as 2026-11-22T08:00:00Z")
    return value


Moment = Annotated[datetime, BeforeValidator(_no_number)]
"""A date with a time in a query, such as RFC 3339 has it."""

Number = Annotated[int, Path(ge=1, le=LARGEST, description="Its number.")]
Place = Annotated[int, Path(ge=1, le=2**31 - 1, description="Its number within its subscription.")]
Name = Annotated[str, Path(min_length=1, max_length=255, pattern=PRINTABLE, description="Its name.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
SourceFilter = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=255, pattern=PRINTABLE)]],
    Field(max_length=50, description="Only of this source; may be repeated."),
]
Word = Annotated[str, Query(min_length=1, max_length=255, pattern=PRINTABLE)]
Tag = Annotated[
    str,
    Query(
        pattern=r"^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,6}$",
        description="Only in this language; fr covers fr-CA.",
    ),
]
Before = Annotated[
    int, Query(ge=1, le=LARGEST, description="Go on below this one, as `next` of the last answer says.")
]
LanguageFilter = Annotated[
    list[Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,6}$")]],
    Field(
        max_length=50,
        description="Only in this language; fr covers fr-CA, and what has none is in. May be repeated.",
    ),
]


class ProblemDetails(BaseModel):
    """An error (RFC 9457). Problems may have further members."""

    type: str
    title: str
    status: int
    detail: str | None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the declaration of the problems that an endpoint answers with, besides those that every one has."""
    declared = {400, 401, 403, 421, 422, 500, 503, *statuses}
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": _SAID[status], "content": content} for status in sorted(declared)}


_SAID = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, and no valid token came along.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    405: "This cannot be done here.",
    409: "It cannot be done as things stand.",
    410: "The log does not reach back to the cursor.",
    413: "The request is too large.",
    421: "The server does not go by the name in `Host`.",
    422: "A parameter is wrong.",
    500: "A fault of tidings.",
    503: "It cannot be answered at the moment; `Retry-After` says when to ask again.",
}


def reply(value: Any, *, next_page: str = "") -> Response:
    """Return one JSON object as an answer, with the address of the page behind it."""
    answer = Response(dumps(value, indent=None), media_type="application/json")
    if next_page:
        answer.headers["Link"] = f'<{next_page}>; rel="next"'
    return answer


def paged(
    request: Request,
    name: str,
    found: Sequence[Any],
    *,
    limit: int,
    shape: Callable[[Any], dict[str, Any]],
    key: Callable[[Any], Any],
    parameter: str = "before",
    **more: Any,
) -> Response:
    """Return one page of a list, of which one more than ``limit`` were looked for.

    Args:
        request: the request.
        name: under which the list stands in the answer.
        found: what was found.
        limit: how many are shown.
        shape: makes the JSON of one.
        key: by which one is gone on from, as ``next`` in the answer and ``parameter`` in the address of the next page.
        parameter: its name there.
        more: further members of the answer.
    """
    kept = found[:limit]
    last = key(kept[-1]) if len(found) > limit else None
    told = with_schema(**more, **{name: [shape(each) for each in kept]}, next=last)
    return reply(told, next_page="" if last is None else page_behind(request, **{parameter: last}))


def moment(at: datetime) -> datetime:
    """Return a time of a request as aware UTC; one without a zone is UTC.

    Raises:
        Refused: there is no such moment.
    """
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise refused(422, Kind.INVALID, f"{at.isoformat()} is out of range.") from None


def page_behind(request: Request, **changed: Any) -> str:
    """Return the address of this request with some parameters changed, relative to the server."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changed]
    return f"{request.url.path}?{urlencode([*kept, *changed.items()])}"

"""One digest, whole or as lines: written while it is read, so that its size does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from digest.json import digest_json, dumps, item_json
from digest.pieces import OpenDigest, open_digest
from storage.digest_texts import find_digest
from storage.engine import reading
from tidings.api import replies
from tidings.api.shapes.changes import Digest
from tidings.serving.conditional import matches
from tidings.serving.served import Here, Served

router = APIRouter(prefix="/subscriptions/{name}/digests/{number}", tags=["subscriptions"])

LINES = "application/x-ndjson"
TOGETHER = 64 * 1024
"""Characters that are sent at once."""


@router.get("", response_model=Digest, responses=replies.problems(404))
def show(request: Request, name: replies.Name, number: replies.Place, here: Here) -> Response:
    """One digest as it was stored, with all its changes."""
    return _streamed(request, here, name, number, media_type="application/json", write=_object)


@router.get(
    "/changes",
    response_class=StreamingResponse,
    responses={
        **replies.problems(404),
        200: {"description": "One change a line.", "content": {LINES: {"schema": {"type": "string"}}}},
    },
)
def lines(request: Request, name: replies.Name, number: replies.Place, here: Here) -> Response:
    """The changes of one digest, one JSON object a line."""
    return _streamed(request, here, name, number, media_type=LINES, write=_lines)


def _streamed(
    request: Request,
    here: Served,
    name: str,
    number: int,
    *,
    media_type: str,
    write: Callable[[OpenDigest], Iterator[str]],
) -> Response:
    with reading(here.engine) as connection:
        key = find_digest(connection, name, number)
    tag = f'W/"{key.hash}"'
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"ETag": tag})
    opened = open_digest(here.engine, key)
    return StreamingResponse(_gathered(write(opened)), media_type=media_type, headers={"ETag": tag})


def _object(opened: OpenDigest) -> Iterator[str]:
    head = digest_json(opened.head)
    del head["changes"]
    yield dumps(head, indent=None).removesuffix("}") + ',"changes":['
    for place, item in enumerate(opened.items()):
        yield ("," if place else "") + dumps(item_json(item), indent=None)
    yield "]}"


def _lines(opened: OpenDigest) -> Iterator[str]:
    for item in opened.items():
        yield dumps(item_json(item), indent=None) + "\n"


def _gathered(parts: Iterator[str]) -> Iterator[bytes]:
    """Small parts together: each that is sent costs a hand-over between threads."""
    waiting, size = [], 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= TOGETHER:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()

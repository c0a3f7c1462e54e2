"""One click to leave a subscription (RFC 8058): whoever has the link of its mails may, and only a POST does it.

Programs that look into mails follow links by GET; they see a page with a button, and leave nothing.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from storage.engine import reading
from storage.leaving import leave, leaving
from tidings.serving.served import Here

router = APIRouter(prefix="/unsubscribe", include_in_schema=False)

Secret = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("/{secret}")
def ask(request: Request, secret: Secret, here: Here) -> Response:
    """Show which subscription it is, and a button."""
    with reading(here.engine) as connection:
        found = leaving(connection, secret)
    return here.drawing.leave(request, name=found.name, left=found.left)


@router.post("/{secret}")
def do(request: Request, secret: Secret, here: Here) -> Response:
    """Leave it. A mail program sends this without cookies, and nothing has to be signed in for it."""
    found = leave(here.engine, secret)
    return here.drawing.leave(request, name=found.name, left=found.left)

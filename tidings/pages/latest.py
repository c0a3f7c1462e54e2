"""*Latest*: what is new, with filters that become a subscription or a feed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from storage.engine import reading
from tidings.pages.desk import MOST_NUMBER, Reader
from tidings.pages.latest_view import Choice, latest_view
from tidings.pages.rendering import draw

MOST_CHOICES = 50
router = APIRouter(include_in_schema=False)

Names = Annotated[list[str], Query(max_length=MOST_CHOICES)]
Kind = Literal["", "new", "edited", "withdrawn"]


@router.get("/")
def latest(
    desk: Reader,
    source: Names = [],  # noqa: B006 - FastAPI copies it
    language: Names = [],  # noqa: B006
    kind: Kind = "",
    before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
) -> HTMLResponse:
    """Show what is new."""
    choice = Choice(
        sources=tuple(dict.fromkeys(filter(None, source))),
        languages=tuple(dict.fromkeys(filter(None, language))),
        kind=kind,
    )
    with reading(desk.engine) as connection:
        view = latest_view(connection, choice, before=before, times=desk.times)
    return draw(desk, "latest", view, title="Latest", section="latest")

"""*Latest*: what is new, with filters that become a subscription or a feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from storage.engine import reading
from tidings.pages.choosing import Chosen
from tidings.pages.desk import MOST_NUMBER, Reader
from tidings.pages.latest_view import latest_view
from tidings.pages.rendering import draw

router = APIRouter(include_in_schema=False)


@router.get("/")
def latest(
    desk: Reader,
    choice: Chosen,
    before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
) -> HTMLResponse:
    """Show what is new."""
    with reading(desk.engine) as connection:
        view = latest_view(connection, choice, before=before, times=desk.times)
    return draw(desk, "latest", view, title="Latest", section="latest")

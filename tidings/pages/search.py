"""*Search*: articles by their words, the newest known first."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from digest.wording import line
from news.errors import QueryError
from storage.engine import reading
from tidings.pages.choosing import Searched
from tidings.pages.desk import MOST_NUMBER, Reader
from tidings.pages.rendering import draw
from tidings.pages.search_view import Asked, refused, search_view

router = APIRouter(include_in_schema=False)

Day = Annotated[str, Query(max_length=40)]


@router.get("/search")
def search(
    desk: Reader,
    choice: Searched,
    since: Day = "",
    until: Day = "",
    before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
) -> HTMLResponse:
    """Show what was found; without words only where they are typed."""
    asked = Asked(choice=replace(choice, kind=""), since=since, until=until)
    status = 200
    with reading(desk.engine) as connection:
        try:
            view = search_view(connection, asked, before=before, times=desk.times)
        except QueryError as error:
            view, status = refused(connection, asked, str(error)), 422
    title = f"{line(choice.words)[:60]} – Search" if view.found else "Search"
    return draw(desk, "search", view, title=title, section="search", status=status)

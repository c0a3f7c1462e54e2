"""*Search*: articles by their words, the newest known first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from digest.wording import line
from news.errors import QueryError
from storage.engine import reading
from tidings.pages.desk import MOST_NUMBER, Reader
from tidings.pages.rendering import draw
from tidings.pages.search_view import SearchView, search_view

router = APIRouter(include_in_schema=False)


@router.get("/search")
def search(
    desk: Reader,
    words: Annotated[str, Query(alias="q")] = "",
    before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
) -> HTMLResponse:
    """Show what was found; without words only where they are typed."""
    status = 200
    if not words.strip():
        view = SearchView(words="")
    else:
        try:
            with reading(desk.engine) as connection:
                view = search_view(connection, words, before=before)
        except QueryError as error:
            view, status = SearchView(words=words, refusal=str(error)), 422
    title = f"{line(words)[:60]} – Search" if view.found else "Search"
    return draw(desk, "search", view, title=title, section="search", status=status)

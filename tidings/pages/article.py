"""*Article*: its text, every revision, and the difference between any two of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import RedirectResponse, Response

from digest.wording import UNTITLED, line
from storage.engine import reading
from tidings.pages.article_view import article_view
from tidings.pages.desk import MOST_NUMBER, Reader
from tidings.pages.rendering import draw

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]


@router.get("/articles/{number}")
def article(
    desk: Reader,
    number: Number,
    old: Annotated[int | None, Query(alias="from", ge=1, le=2**31 - 1)] = None,
    new: Annotated[int | None, Query(alias="to", ge=1, le=2**31 - 1)] = None,
) -> Response:
    """Show an article; one that was merged into another leads there, one that was forgotten is gone (410)."""
    with reading(desk.engine) as connection:
        view = article_view(connection, number, old=old, new=new)
    found = view.article
    if found.merged_into is not None:
        return RedirectResponse(f"/articles/{found.merged_into}", status_code=308)
    if found.forgotten_at is not None:
        return draw(desk, "forgotten", found, title="Removed", section="latest", status=410)
    return draw(desk, "article", view, title=line(found.title) or UNTITLED, section="latest")

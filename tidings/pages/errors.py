"""A request that failed, as a page for people: what happened, and where to go on."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from tidings.pages.desk import desk_of
from tidings.pages.rendering import draw
from tidings.serving.problems import Problem


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """Return the page that tells a problem."""
    return draw(desk_of(request), "error", problem, title=problem.title, status=problem.status)

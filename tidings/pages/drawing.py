"""The server's own pages in the dress of all others: a problem, signing in, and leaving a subscription."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from tidings.pages.desk import desk_of
from tidings.pages.rendering import draw
from tidings.serving.problems import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInView:
    """The form to sign in: what was typed before, and why that did not do."""

    next_page: str
    name: str
    problem: Problem | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaveView:
    """A subscription that somebody wants to leave, or has left."""

    name: str
    left: bool


class PagesDrawing:
    """Draws what `tidings.serving.drawing.Drawing` asks for."""

    def problem(self, request: Request, problem: Problem) -> Response:
        return draw(desk_of(request), "problem", problem, title=problem.title, status=problem.status)

    def sign_in(self, request: Request, *, next_page: str, name: str, problem: Problem | None) -> Response:
        view = SignInView(next_page=next_page, name=name, problem=problem)
        status = problem.status if problem else 200
        return draw(desk_of(request), "sign_in", view, title="Sign in", status=status)

    def leave(self, request: Request, *, name: str, left: bool) -> Response:
        title = "Unsubscribed" if left else "Unsubscribe"
        return draw(desk_of(request), "leave", LeaveView(name=name, left=left), title=title)

"""The few pages that the server itself needs: plain HTML, until the pages of `tidings.pages` take their place."""

from __future__ import annotations

from typing import Protocol

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tidings.serving.forms import FIELD, form_token
from tidings.serving.problems import Problem


class Drawing(Protocol):
    """Draws the pages that belong to the server and not to its content."""

    def problem(self, request: Request, problem: Problem) -> Response:
        """Return a page that tells a person of a problem, with the problem's status."""

    def sign_in(self, request: Request, *, next_page: str, name: str, problem: Problem | None) -> Response:
        """Return the form to sign in: it posts ``name``, ``password``, ``next`` and the form token to ``/sign-in``.

        Args:
            request: the request.
            next_page: where the person wants to go, as ``next``.
            name: what was typed before, and ``problem`` why that did not do.
            problem: None at first.
        """

    def leave(self, request: Request, *, name: str, left: bool) -> Response:
        """Return the page of one who wants to leave a subscription: a form with one button that posts to this address.

        Args:
            request: the request.
            name: of the subscription.
            left: whether it was left already.
        """


class PlainDrawing:
    """Pages without any style."""

    def problem(self, request: Request, problem: Problem) -> Response:
        body = _paragraph(problem.detail) if problem.detail else Markup()
        return _page(problem.title, body, status=problem.status)

    def sign_in(self, request: Request, *, next_page: str, name: str, problem: Problem | None) -> Response:
        said = _paragraph(problem.detail) if problem else Markup()
        fields = Markup(
            '<form method="post" action="/sign-in">'
            '<p><label>Name <input name="name" value="{}" autocomplete="username" required></label></p>'
            '<p><label>Password <input name="password" type="password" autocomplete="current-password" required>'
            '</label></p><input type="hidden" name="next" value="{}"><input type="hidden" name="{}" value="{}">'
            "<p><button>Sign in</button></p></form>"
        ).format(name, next_page, FIELD, form_token(request))
        return _page("Sign in", said + fields, status=problem.status if problem else 200)

    def leave(self, request: Request, *, name: str, left: bool) -> Response:
        if left:
            return _page("Unsubscribed", _paragraph(f"No more digests of {name} are sent."))
        button = Markup('<form method="post"><p><button>Unsubscribe</button></p></form>')
        return _page("Unsubscribe", _paragraph(f"Stop the digests of {name}?") + button)


def _paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def _page(title: str, body: Markup, *, status: int = 200) -> Response:
    shown = Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{0} – tidings</title>'
        '<meta name="viewport" content="width=device-width"></head><body><main><h1>{0}</h1>{1}</main></body></html>\n'
    ).format(escape(title), body)
    return HTMLResponse(shown, status)

"""What stands around every answer: names that are ours, headers that browsers obey, and errors without details."""

from __future__ import annotations

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from news.errors import StorageError
from tidings.serving.doors import Doors, host_name
from tidings.serving.problems import Kind, Problem, Refused, problem_answer

logger = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script, style or picture but our own files, and nothing inline."""
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With ``no-referrer`` browsers would send ``Origin: null`` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TRANSPORT = "max-age=31536000"
REFRESHED = "private, no-cache"
"""May be kept by the reader's own browser, and is asked about each time."""


class Boundary:
    """The outermost of all: every answer leaves through it, also those to requests that failed unexpectedly."""

    def __init__(self, app: ASGIApp, *, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add_headers(scope, message)
            await send(message)

        try:
            if self._knows(scope):
                await self._app(scope, receive, guarded)
            else:
                await self._answer(_UNKNOWN, scope, receive, guarded)
        except Exception as error:
            if begun:
                raise  # the connection is cut, so that nobody takes half an answer for a whole one
            await self._answer(_problem_of(error, scope), scope, receive, guarded)

    def _knows(self, scope: Scope) -> bool:
        names = self._doors.names
        return names is None or host_name(Headers(scope=scope).get("host", "")) in names

    def _add_headers(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", REFRESHED if scope["method"] in {"GET", "HEAD"} else "no-store")
        headers.add_vary_header("Authorization")
        headers.add_vary_header("Cookie")
        if scope["scheme"] == "https":
            headers.setdefault("Strict-Transport-Security", TRANSPORT)

    async def _answer(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        await problem_answer(Request(scope), problem)(scope, receive, send)


def _problem_of(error: Exception, scope: Scope) -> Problem:
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, StorageError):
        logger.warning("%s %r: %s", scope["method"], scope["path"], error)
        return _AWAY
    logger.error("%s %r failed", scope["method"], scope["path"], exc_info=error)
    return _UNEXPECTED


_UNKNOWN = Problem(
    status=421,
    kind=Kind.UNKNOWN_HOST,
    detail="The name in the address is none of this server's; the setting allowed_hosts adds names.",
)
_AWAY = Problem(
    status=503,
    kind=Kind.UNAVAILABLE,
    detail="The database cannot be used at the moment; the log says why.",
    headers={"Retry-After": "5"},
)
_UNEXPECTED = Problem(
    status=500, kind=Kind.INTERNAL, detail="This is a fault of tidings; the log has the details."
)

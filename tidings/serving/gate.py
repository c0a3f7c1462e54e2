"""Who may pass: everything is closed unless it stands here, and nothing is changed from another site's page."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from news.errors import StorageError
from tidings.serving.callers import Caller, Way, identify, is_basic
from tidings.serving.doors import host_name
from tidings.serving.metrics import METRICS, metrics_caller
from tidings.serving.problems import Kind, Refused, refused
from tidings.serving.served import Served

SIGN_IN = "/sign-in"
LEAVE = "/unsubscribe/"
UNGUARDED = ("/health/live", "/static/", LEAVE)
"""What anybody may ask, and nobody is recognised for; one that ends with a slash stands for all below it."""
OPEN = "/health"
"""What anybody may ask, and those who are known are told more."""
FEEDS = "/feeds"
"""What all addresses of feeds begin with: readers of feeds know no sign-in page, but the Basic scheme."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Finds out who sends a request, writes it down as ``request.state.caller``, and refuses those who may not pass."""

    def __init__(self, app: ASGIApp, *, served: Served) -> None:
        self._app = app
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_unguarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        caller = await self._caller(scope, headers)
        scope.setdefault("state", {})["caller"] = caller
        if caller is None and scope["path"] not in (SIGN_IN, OPEN):
            if _is_for_people(scope, headers):
                await _to_sign_in(scope)(scope, receive, send)
                return
            raise _nobody(headers, for_feeds=scope["path"].startswith(FEEDS))
        if scope["method"] not in SAFE:
            _check_change(caller, headers)
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope, headers: Headers) -> Caller | None:
        served = self._served
        if scope["path"] == METRICS:
            known = metrics_caller(headers.get("authorization"), served.settings.metrics_token)
            if known is not None:
                return known
        try:
            return await run_in_threadpool(
                identify,
                headers,
                secure=scope["scheme"] == "https",
                engine=served.engine,
                doors=served.doors,
                traces=served.traces,
                for_feeds=scope["path"].startswith(FEEDS),
            )
        except StorageError:
            if scope["path"] != OPEN:
                raise
            return None  # that the database is away is what is asked


def is_foreign(headers: Headers) -> bool:
    """Return whether a browser says that a request comes from another site's page.

    Every browser of today says where a POST comes from, by ``Sec-Fetch-Site`` (Fetch Metadata) or ``Origin`` (Fetch);
    what says neither is no browser, and nobody else's page can send it.

    >>> is_foreign(Headers({"host": "a:1", "origin": "http://a:1"}))
    False
    >>> is_foreign(Headers({"host": "a:1", "origin": "http://b"}))
    True
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        authority = urlsplit(origin).netloc
    except ValueError:
        return True
    return not authority or authority.lower() != headers.get("host", "").lower()


def _is_unguarded(path: str) -> bool:
    return any(path == each or (each.endswith("/") and path.startswith(each)) for each in UNGUARDED)


def _is_for_people(scope: Scope, headers: Headers) -> bool:
    return (
        scope["method"] in SAFE
        and not scope["path"].startswith(("/api/", FEEDS))
        and not _names_a_token(headers)
        and "text/html" in headers.get("accept", "")
    )


def _names_a_token(headers: Headers) -> bool:
    return "authorization" in headers and not is_basic(headers["authorization"])


def _to_sign_in(scope: Scope) -> RedirectResponse:
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"{SIGN_IN}?next={quote(wanted[:1_500], safe='')}", status_code=303)


def _nobody(headers: Headers, *, for_feeds: bool) -> Refused:
    wrong = "authorization" in headers if for_feeds else _names_a_token(headers)
    challenge = 'Bearer realm="tidings"' + (', error="invalid_token"' if wrong else "")
    if for_feeds:
        challenge = 'Basic realm="tidings", charset="UTF-8"'
    detail = (
        "The token is none of this server's, or it was revoked."
        if wrong
        else "A reader of feeds needs a token as its password, with any name (`tidings tokens create` makes one)."
        if for_feeds
        else "Sign in, or send a token: `Authorization: Bearer tdt_…` (`tidings tokens create` makes one)."
    )
    return refused(401, Kind.NOT_SIGNED_IN, detail, headers={"WWW-Authenticate": challenge})


def _check_change(caller: Caller | None, headers: Headers) -> None:
    if caller is not None and caller.way is Way.TOKEN:
        if not caller.may_write:
            raise refused(
                403,
                Kind.NOT_ALLOWED,
                f"The token {caller.name} may only read; `tidings tokens create --write`.",
            )
        return
    if is_foreign(headers) or not host_name(headers.get("host", "")):
        raise refused(
            403,
            Kind.FOREIGN_FORM,
            "The request was sent by another site's page; go to the page and try again.",
        )

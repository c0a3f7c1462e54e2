"""The API's routes, all of them."""

from __future__ import annotations

from fastapi import APIRouter, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from tidings.api import articles, changes, deliveries, digests, runs, search, sources, subscriptions
from tidings.serving.callers import COOKIE

PREFIX = "/api/v1"
SUBJECTS = tuple(
    each.router for each in (changes, articles, search, sources, runs, subscriptions, digests, deliveries)
)
"""One router a subject."""
# For the description alone: `tidings.serving.gate` has judged before a route is looked for.
_TOKEN = HTTPBearer(auto_error=False, description="A token of `tidings tokens create`.")
_SESSION = APIKeyCookie(
    name=COOKIE, auto_error=False, description="The session of somebody who is signed in."
)


def routers() -> list[APIRouter]:
    """Return every router of the API, under its prefix."""
    gathered = APIRouter(prefix=PREFIX, dependencies=[Security(_TOKEN), Security(_SESSION)])
    for each in SUBJECTS:
        gathered.include_router(each)
    return [gathered]

"""The API's routes, all of them."""

from __future__ import annotations

from fastapi import APIRouter

from tidings.api import articles, changes, deliveries, digests, runs, sources, subscriptions

PREFIX = "/api/v1"
SUBJECTS = tuple(
    each.router for each in (changes, articles, sources, runs, subscriptions, digests, deliveries)
)
"""One router a subject."""


def routers() -> list[APIRouter]:
    """Return every router of the API, under its prefix."""
    gathered = APIRouter(prefix=PREFIX)
    for each in SUBJECTS:
        gathered.include_router(each)
    return [gathered]

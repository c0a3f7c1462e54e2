"""The API's routes, all of them."""

from __future__ import annotations

from fastapi import APIRouter

from tidings.api import articles, changes, deliveries, digests, runs, sources, subscriptions

PREFIX = "/api/v1"


def routers() -> list[APIRouter]:
    """Return every router of the API, under its prefix."""
    gathered = APIRouter(prefix=PREFIX)
    for each in (changes, articles, sources, runs, subscriptions, digests, deliveries):
        gathered.include_router(each.router)
    return [gathered]

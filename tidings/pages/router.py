"""All pages as one router, for the application that serves them."""

from __future__ import annotations

from fastapi import APIRouter

from tidings.pages import (
    add_source,
    approvals,
    article,
    deliveries,
    digests,
    feeds,
    files,
    latest,
    runs,
    search,
    sources,
    subscriptions,
)

PARTS = (
    files,
    latest,
    search,
    article,
    add_source,
    sources,
    runs,
    digests,
    deliveries,
    approvals,
    subscriptions,
    feeds,
)


def pages() -> APIRouter:
    """Return the routes of all pages."""
    router = APIRouter(include_in_schema=False)
    for each in PARTS:
        router.include_router(each.router)
    return router

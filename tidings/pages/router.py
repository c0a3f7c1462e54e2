"""All pages as one router, for the application that serves them."""

from __future__ import annotations

from fastapi import APIRouter

from tidings.pages import article, files, latest, runs, sources

PARTS = (files, latest, article, sources, runs)


def pages() -> APIRouter:
    """Return the routes of all pages."""
    router = APIRouter(include_in_schema=False)
    for each in PARTS:
        router.include_router(each.router)
    return router

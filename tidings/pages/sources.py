"""*Sources*: how each fares, when it is crawled next and why, and what its latest runs found; with its plots."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from digest.wording import line as one_line
from storage.checkup import limits_of
from storage.engine import reading
from storage.news_counts import news_by_day
from storage.runs import list_runs
from storage.source_status import list_sources
from storage.sources import pause, resume
from tidings.pages import plots
from tidings.pages.desk import Reader
from tidings.pages.plots import Scheme
from tidings.pages.rendering import draw, part, then
from tidings.pages.source_views import (
    DAYS,
    MANY_DAYS,
    PLOTTED_RUNS,
    size_labels,
    sizes_of,
    source_view,
    sources_view,
)
from tidings.serving.forms import posted_form

router = APIRouter(include_in_schema=False)


@router.get("/sources")
def sources(desk: Reader, after: Annotated[str, Query(max_length=255)] = "") -> HTMLResponse:
    """Show all sources."""
    silent_after = limits_of(desk.settings).heartbeat
    view = sources_view(desk.engine, times=desk.times, silent_after=silent_after, after=after)
    return draw(desk, "sources", view, title="Sources", section="sources")


@router.get("/sources/{name}")
def source(desk: Reader, name: str) -> HTMLResponse:
    """Show one source."""
    view = source_view(desk.engine, name, times=desk.times, has_contact=desk.settings.has_contact)
    status = view.row.status
    return draw(desk, "source", view, title=one_line(status.title) or name, section="sources")


@router.post("/sources/{name}/pause", dependencies=[Depends(posted_form)])
def pause_source(desk: Reader, name: str) -> RedirectResponse:
    """Stop crawling a source."""
    pause(desk.engine, name)
    return then(f"/sources/{part(name)}")


@router.post("/sources/{name}/resume", dependencies=[Depends(posted_form)])
def resume_source(desk: Reader, name: str) -> RedirectResponse:
    """Crawl it again."""
    resume(desk.engine, name)
    return then(f"/sources/{part(name)}")


@router.get("/sources/{name}/spark.svg")
def spark(desk: Reader, name: str, scheme: Scheme = Scheme.LIGHT) -> Response:
    """Draw a source's news by day without letters."""
    with reading(desk.engine) as connection:
        counts = news_by_day(connection, until=desk.times.now, days=DAYS, sources=[name])
    return _svg(plots.sparkline(counts.of(name), scheme))


@router.get("/sources/{name}/news.svg")
def news(desk: Reader, name: str, scheme: Scheme = Scheme.LIGHT) -> Response:
    """Draw a source's news by day."""
    list_sources(desk.engine, [name])
    with reading(desk.engine) as connection:
        counts = news_by_day(connection, until=desk.times.now, days=MANY_DAYS, sources=[name])
    labels = [f"{day.day} {day:%b}" for day in counts.days]
    return _svg(plots.bars(labels, counts.of(name), scheme))


@router.get("/sources/{name}/size.svg")
def size(desk: Reader, name: str, scheme: Scheme = Scheme.LIGHT) -> Response:
    """Draw how many entries the listing had."""
    runs = list_runs(desk.engine, sources=[name], limit=PLOTTED_RUNS)
    return _svg(plots.line(size_labels(runs, desk.times), sizes_of(runs).numbers, scheme))


def _svg(picture: bytes) -> Response:
    return Response(picture, media_type="image/svg+xml")

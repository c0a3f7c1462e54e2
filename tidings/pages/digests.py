"""*Digests*: every one that was composed, under an address that stays, and as a file in each format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse

from digest.compose import load
from digest.content import digest_from
from digest.formats import ENDINGS, Format, render
from digest.layout import Section, sections
from digest.model import Digest
from digest.wording import headline
from news.errors import DigestError
from storage.digest_notes import DigestNote, list_notes, neighbours
from storage.engine import reading
from storage.subscriptions import list_subscriptions, load_digest
from tidings.pages.desk import MOST_NUMBER, Desk, Reader
from tidings.pages.rendering import draw
from tidings.serving.problems import Kind, refused

LISTED = 50
TYPES = {
    Format.TEXT: "text/plain",
    Format.MARKDOWN: "text/markdown",
    Format.HTML: "text/html",
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.ATOM: "application/atom+xml",
    Format.RSS: "application/rss+xml",
    Format.JSONFEED: "application/feed+json",
}

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestsView:
    """The list. ``subscription`` is whose are shown, empty for all; ``older`` begins the next page."""

    notes: tuple[DigestNote, ...]
    subscriptions: tuple[str, ...]
    subscription: str
    older: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestView:
    """One digest, just as it was composed, and the numbers of its neighbours."""

    digest: Digest
    sections: tuple[Section, ...]
    older: int | None
    newer: int | None
    formats: tuple[Format, ...] = tuple(Format)


@router.get("/digests")
def digests(
    desk: Reader,
    subscription: Annotated[str, Query(max_length=255)] = "",
    before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
) -> HTMLResponse:
    """List what was composed."""
    with reading(desk.engine) as connection:
        found = list_notes(connection, subscription=subscription or None, before_id=before, limit=LISTED + 1)
        names = tuple(row.name for row in list_subscriptions(connection))
    view = DigestsView(
        notes=tuple(found[:LISTED]),
        subscriptions=names,
        subscription=subscription,
        older=found[LISTED - 1].id if len(found) > LISTED else None,
    )
    return draw(desk, "digests", view, title="Digests", section="digests")


@router.get("/digests/{subscription:path}/{number:int}")
def digest(desk: Reader, subscription: str, number: Number) -> HTMLResponse:
    """Show a digest."""
    with reading(desk.engine) as connection:
        stored = load_digest(connection, subscription, number)
        older, newer = neighbours(connection, subscription, number)
    try:
        found = digest_from(stored)
    except DigestError as error:
        raise refused(500, Kind.INTERNAL, str(error)) from error
    view = DigestView(digest=found, sections=sections(found), older=older, newer=newer)
    return draw(desk, "digest", view, title=headline(found), section="digests")


@router.get("/digests/{subscription:path}/{number:int}/{format}")
def digest_file(
    desk: Reader,
    subscription: str,
    number: Number,
    format: Format,  # noqa: A002 - a part of the address
) -> Response:
    """Return a digest as a file."""
    text = render(_loaded(desk, subscription, number), format)
    name = f'attachment; filename="digest-{number}.{ENDINGS[format]}"'
    kind = f"{TYPES[format]}; charset=utf-8"
    return Response(
        text.encode("utf-8", errors="backslashreplace"),
        media_type=kind,
        headers={"Content-Disposition": name},
    )


def _loaded(desk: Desk, subscription: str, number: int) -> Digest:
    try:
        return load(desk.engine, subscription, number)
    except DigestError as error:
        raise refused(500, Kind.INTERNAL, str(error)) from error

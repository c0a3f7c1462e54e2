"""Feeds, as answers: everything, each source, each subscription, what somebody chose on *Latest*, and searches."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Response
from sqlalchemy import Connection

from crawler.opml import Outline, write_opml
from digest.feed_formats import FEED_FORMATS, FeedFormat
from digest.feeds import FeedPage, in_place, read_feed
from news.errors import UnknownError
from storage.changes import as_of
from storage.engine import reading
from storage.feed_entries import said_at
from tidings.feed_choices import (
    KnownFeed,
    everything,
    feed_of_choice,
    feed_of_source,
    feeds_of_sources,
    feeds_of_subscriptions,
    file_name,
)
from tidings.pages.choosing import Searched
from tidings.pages.desk import MOST_NUMBER, Desk, Reader
from tidings.serving.served import served_by

KEPT = "private, max-age=86400"
"""An archive that knows its successor changes no more, but for what is forgotten."""
SETTLED = timedelta(seconds=2)
"""``Last-Modified`` counts seconds: within the same one the log may go on (RFC 9110, section 8.8.2.2)."""

router = APIRouter(include_in_schema=False)

Archive = Annotated[int, Path(ge=1, le=MOST_NUMBER)]


@router.get("/feeds.opml")
def listed(desk: Reader) -> Response:
    """List all feeds, for readers of feeds to import."""
    base = _base(desk)
    with reading(desk.engine) as connection:
        feeds = [
            everything(base),
            *feeds_of_sources(connection),
            *feeds_of_subscriptions(connection, base),
        ]
        at = as_of(connection) or desk.times.now
    outlines = [
        Outline(title=each.choice.title, feed_url=_address(desk, each, "atom"), page_url=each.home)
        for each in feeds
    ]
    return Response(write_opml("Feeds of tidings", outlines, at=at), media_type="text/x-opml")


@router.get("/feeds/all.{ending}")
@router.get("/feeds/all/{number}.{ending}")
def of_everything(desk: Reader, ending: str, number: Archive | None = None) -> Response:
    """Everything that is told."""
    with reading(desk.engine) as connection:
        return _answer(desk, connection, everything(_base(desk)), ending, number)


@router.get("/feeds/sources/{name}.{ending}")
@router.get("/feeds/sources/{name}/{number}.{ending}")
def of_source(desk: Reader, name: str, ending: str, number: Archive | None = None) -> Response:
    """What one source tells."""
    with reading(desk.engine) as connection:
        return _answer(desk, connection, feed_of_source(connection, name), ending, number)


@router.get("/feeds/subscriptions/{name}.{ending}")
@router.get("/feeds/subscriptions/{name}/{number}.{ending}")
def of_subscription(desk: Reader, name: str, ending: str, number: Archive | None = None) -> Response:
    """What a subscription's filter lets through; its cursor does not move."""
    with reading(desk.engine) as connection:
        known = feeds_of_subscriptions(connection, _base(desk))
        for feed in known:
            if feed.choice.name == f"subscriptions/{name}":
                return _answer(desk, connection, feed, ending, number)
    raise UnknownError("There is no feed of a subscription of that name; /feeds.opml lists all feeds.")


@router.get("/feeds/choice.{ending}")
@router.get("/feeds/choice/{number}.{ending}")
def of_choice(desk: Reader, choice: Searched, ending: str, number: Archive | None = None) -> Response:
    """What somebody chose on *Latest*, or what a search finds from now on."""
    home = choice.address("/search" if choice.words else "/")
    feed = feed_of_choice(choice.wanted, choice.title, _base(desk) + home.removeprefix("/"))
    with reading(desk.engine) as connection:
        return _answer(desk, connection, feed, ending, number, name="choice", query=choice.query)


def _answer(
    desk: Desk,
    connection: Connection,
    feed: KnownFeed,
    ending: str,
    number: int | None,
    *,
    name: str = "",
    query: tuple[tuple[str, str], ...] = (),
) -> Response:
    kind = FEED_FORMATS.get(ending)
    page = read_feed(connection, feed.choice, number) if kind is not None else None
    if kind is None or page is None:
        raise UnknownError(
            f"There is no such document of this feed; it is written as {', '.join(FEED_FORMATS)}, and "
            "its archives are counted from 1."
        )
    text = _written(desk, page, feed, kind, name=name or feed.choice.name, query=query)
    stays = not feed.choice.name.startswith("subscriptions/")  # its filter may change
    headers = _headers(desk, connection, page) if stays else {}
    return Response(text, headers=headers, media_type=kind.media_type)


def _written(
    desk: Desk,
    page: FeedPage,
    feed: KnownFeed,
    kind: FeedFormat,
    *,
    name: str,
    query: tuple[tuple[str, str], ...],
) -> str:
    def address(number: int | None) -> str:
        found = f"{_base(desk)}feeds/{file_name(name, kind.ending, number)}"
        return f"{found}?{urlencode(query)}" if query else found

    return kind.write(in_place(page, address, home=feed.home))


def _headers(desk: Desk, connection: Connection, page: FeedPage) -> dict[str, str]:
    if page.newer is not None:
        return {"Cache-Control": KEPT}
    at = said_at(connection)
    if at is None or desk.times.now - at < SETTLED:
        return {}
    return {"Last-Modified": format_datetime(at, usegmt=True)}


def _address(desk: Desk, feed: KnownFeed, ending: str) -> str:
    return f"{_base(desk)}feeds/{file_name(feed.choice.name, ending)}"


def _base(desk: Desk) -> str:
    """Return the address of this server for whoever asks, with a slash at the end."""
    return (served_by(desk.request).doors.public_url or str(desk.request.base_url).rstrip("/")) + "/"

"""JSON Feed, versions 1.0 and 1.1 (jsonfeed.org): read by hand, since it is one small table of names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.channels.entries import MAX_ENTRIES, Collected, Item
from crawler.channels.feed_dates import feed_date, newest_part
from crawler.channels.fragments import as_html
from crawler.channels.listing import NO_LINK
from crawler.channels.refusal import Refusal
from crawler.extraction.languages import language_tag
from crawler.links import absolute_url, same_site
from news.dates import Stamp
from news.entry import Page
from news.errors import ChannelError
from news.source import Source
from news.text import normalise_title

MAX_CHARS = 16 * 1024 * 1024
MAX_BRACKETS = 1_000_000
"""Each may be an object that takes far more memory than its two characters."""

VERSION = "jsonfeed.org/version/1"

PROVENANCE = "feed"


def looks_like_json_feed(text: str) -> bool:
    """Tell a JSON document from markup by how it begins."""
    return text.lstrip("\ufeff \t\r\n")[:1] == "{"


def load_json(text: str, *, what: str) -> Any:
    """Return a JSON document.

    Raises:
        ChannelError: it is too large, too deep or not well-formed.
    """
    if len(text) > MAX_CHARS or text.count("{") + text.count("[") > MAX_BRACKETS:
        raise ChannelError(
            Refusal.TOO_LARGE,
            f"the {what} is larger than we read ({len(text):,} characters): ask for fewer items",
        )
    try:
        return json.loads(text.lstrip("\ufeff \t\r\n"))
    except RecursionError:
        raise ChannelError(Refusal.TOO_DEEP, f"the {what} is nested too deeply: it is not read") from None
    except ValueError as error:
        raise ChannelError(Refusal.BROKEN, f"the {what} is not well-formed JSON ({error})") from None


def read_json_feed(text: str, url: str, source: Source, *, now: datetime) -> Page:
    """Return the entries of a JSON Feed, newest first.

    Raises:
        ChannelError: it is no JSON Feed, or not well-formed.
    """
    feed = load_json(text, what="feed")
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or VERSION not in str(feed.get("version", "")):
        raise ChannelError(Refusal.OTHER_KIND, "not a feed but another JSON document: check the address")
    collected = Collected(base=url, whole_bodies=source.whole_bodies, now=now)
    by_default = _authors(feed)
    objects = [item for item in items if isinstance(item, Mapping)]
    kept = newest_part(objects, lambda item: _date(item, "date_published", source, now), MAX_ENTRIES)
    collected.refuse(NO_LINK, len(items) - len(objects))
    collected.leave_out(len(objects) - len(kept))
    for item in kept:
        collected.add(_item(item, source, now, by_default))
    following = absolute_url(_text(feed, "next_url"), url) if _text(feed, "next_url") else None
    return Page(
        entries=collected.newest_first(),
        next_url=following if following and following != url and same_site(following, url) else None,
        title=normalise_title(_text(feed, "title")),
        refused=tuple(sorted(collected.refused.items())),
        language=language_tag(_text(feed, "language")),
    )


def _item(item: Mapping[str, Any], source: Source, now: datetime, by_default: tuple[str, ...]) -> Item:
    html = _text(item, "content_html")
    plain = _text(item, "content_text")
    identity = item.get("id")
    link = _text(item, "url") or _text(item, "external_url") or (identity if _is_web(identity) else "")
    return Item(
        link=str(link),
        title=_text(item, "title"),
        body_html=html or as_html(plain),
        summary_html=as_html(_text(item, "summary")),
        site_id=str(identity) if type(identity) in (int, str) else "",
        published=_date(item, "date_published", source, now),
        modified=_date(item, "date_modified", source, now),
        authors=_authors(item) or by_default,
        sections=_tags(item),
        image=_text(item, "image") or _text(item, "banner_image"),
    )


def _date(item: Mapping[str, Any], name: str, source: Source, now: datetime) -> Stamp | None:
    return feed_date(_text(item, name), source, now=now, provenance=PROVENANCE)


def _authors(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of authors; version 1.0 knows one only, and those of the feed stand for items without."""
    said = table.get("authors") if isinstance(table.get("authors"), list) else [table.get("author")]
    found = (_text(author, "name") for author in said or () if isinstance(author, Mapping))
    return tuple(name for name in found if name)


def _tags(item: Mapping[str, Any]) -> tuple[str, ...]:
    said = item.get("tags")
    return tuple(tag for tag in said if isinstance(tag, str)) if isinstance(said, list) else ()


def _text(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _is_web(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))

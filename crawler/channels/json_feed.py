"""JSON Feed, versions 1.0 and 1.1 (jsonfeed.org): read by hand, since it is one small table of names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from crawler.channels.entries import Collected, Item
from crawler.channels.refusal import Refusal
from crawler.dating import read_date
from crawler.extraction.languages import language_tag
from crawler.links import absolute_url
from news.entry import Page
from news.errors import ChannelError
from news.source import Source
from news.text import normalise_title

MAX_CHARS = 16 * 1024 * 1024
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
    if len(text) > MAX_CHARS:
        raise ChannelError(Refusal.TOO_LARGE, f"the {what} has {len(text):,} characters; it is not read")
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
    collected = Collected(base=url, whole_bodies=source.whole_bodies)
    for item in items:
        if isinstance(item, Mapping):
            collected.add(_item(item, source, now))
    following = feed.get("next_url")
    return Page(
        entries=collected.newest_first(),
        next_url=absolute_url(following, url) if isinstance(following, str) and following else None,
        title=normalise_title(_text(feed, "title")),
        refused=tuple(sorted(collected.refused.items())),
        language=language_tag(_text(feed, "language")),
    )


def _item(item: Mapping[str, Any], source: Source, now: datetime) -> Item:
    html = _text(item, "content_html")
    plain = _text(item, "content_text")
    identity = item.get("id")
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    link = _text(item, "url") or _text(item, "external_url") or (identity if _is_web(identity) else "")
    return Item(
        link=str(link),
        title=_text(item, "title"),
        body_html=html or "".join(f"<p>{escape(line)}</p>" for line in plain.split("\n") if line.strip()),
        summary_html=escape(_text(item, "summary"), quote=False),
        site_id=str(identity) if isinstance(identity, str | int) else "",
        published=read_date(_text(item, "date_published"), source, now=now, provenance=PROVENANCE),
        modified=read_date(_text(item, "date_modified"), source, now=now, provenance=PROVENANCE),
        authors=tuple(_text(author, "name") for author in authors or () if isinstance(author, Mapping)),
        image=_text(item, "image") or _text(item, "banner_image"),
    )


def _text(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _is_web(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))

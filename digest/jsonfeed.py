"""A feed as JSON Feed 1.1."""

from __future__ import annotations

from typing import Any

from digest.digest_feed import feed_of
from digest.feed_model import Feed, FeedEntry
from digest.html import language_of
from digest.json import dumps
from digest.model import Digest
from digest.wording import machine_time

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"


def render_jsonfeed(digest: Digest) -> str:
    """Return a digest as one JSON Feed, ending with a line feed."""
    return jsonfeed_of(feed_of(digest))


def jsonfeed_of(feed: Feed) -> str:
    """Return a feed document as JSON Feed, ending with a line feed.

    ``next_url`` leads to the archive before it. What is no more becomes an item that says so, unless nothing of it may
    be shown. What the format has no field for stands in ``_tidings``.
    """
    written: dict[str, Any] = {"version": VERSION, "title": feed.title}
    if feed.links.home:
        written["home_page_url"] = feed.links.home
    if feed.links.own:
        written["feed_url"] = feed.links.own
    written["description"] = feed.description
    if feed.links.older:
        written["next_url"] = feed.links.older
    if language := language_of(feed.language):
        written["language"] = language
    own: dict[str, Any] = {"id": feed.id, "updated": machine_time(feed.updated), "archive": feed.is_archive}
    own["deleted"] = [{"id": each.id, "when": machine_time(each.at)} for each in feed.deleted]
    return dumps(written | {"items": [_item(entry) for entry in feed.shown()], "_tidings": own}) + "\n"


def _item(entry: FeedEntry) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.id}
    if entry.url:
        item["url"] = entry.url
    item |= {"title": entry.title, "content_html": entry.content, "summary": entry.summary}
    if entry.published is not None:
        item["date_published"] = machine_time(entry.published)
    item["date_modified"] = machine_time(entry.updated)
    item["authors"] = [{"name": author} for author in entry.authors]
    item["tags"] = [label for _, label in entry.categories]
    if language := language_of(entry.language):
        item["language"] = language
    item["_tidings"] = dict(entry.facts) | {"issued": entry.issued or None}
    return item

"""A feed as RSS 2.0, by the specification and the best practices of the RSS Advisory Board."""

from __future__ import annotations

import re
from email.utils import format_datetime

from lxml import etree
from markupsafe import escape

from digest.digest_feed import feed_of
from digest.feed_model import Feed, FeedEntry
from digest.html import language_of
from digest.model import Digest
from digest.wording import machine_time
from digest.xml import ATOM, HISTORY, TERMS, child, document

CONTENT = "http://purl.org/rss/1.0/modules/content/"
CREATOR = "http://purl.org/dc/elements/1.1/"
MEDIA_TYPE = "application/rss+xml"

_PLAIN = re.compile(r"(?<=<title>)[^<]+(?=</title>)|(?<=<category>)[^<]+(?=</category>)")


def render_rss(digest: Digest) -> str:
    """Return a digest as one RSS 2.0 document, ending with a line feed."""
    return rss_of(feed_of(digest))


def rss_of(feed: Feed) -> str:
    """Return a feed document as RSS 2.0, ending with a line feed.

    RSS has no word for an entry that is no more: it becomes an item that says so, unless nothing of it may be shown.
    """
    namespaces = {"atom": ATOM, "content": CONTENT, "dc": CREATOR, "dcterms": TERMS}
    if feed.is_archive:
        namespaces["fh"] = HISTORY
    root = etree.Element("rss", {"version": "2.0"}, nsmap=namespaces)
    channel = child(root, "channel")
    child(channel, "title", feed.title)
    child(channel, "link", feed.links.home or feed.links.own or feed.id)
    child(channel, "description", feed.description)
    if language := language_of(feed.language):
        child(channel, "language", language)
    child(channel, "lastBuildDate", format_datetime(feed.updated, usegmt=True))
    child(channel, "generator", "tidings")
    child(channel, "docs", "https://www.rssboard.org/rss-specification")
    for rel, url in (
        ("self", feed.links.own),
        ("current", feed.links.current),
        ("prev-archive", feed.links.older),
        ("next-archive", feed.links.newer),
    ):
        if url:
            child(channel, f"{{{ATOM}}}link", rel=rel, type=MEDIA_TYPE, href=url)
    if feed.is_archive:
        child(channel, f"{{{HISTORY}}}archive")
    for entry in feed.shown():
        _item(channel, entry)
    # These are plain text, and readers that take them for HTML show that best in this spelling (RSS Best Practices).
    return _PLAIN.sub(_hexadecimal, document(root))


def _item(channel: etree._Element, entry: FeedEntry) -> None:
    node = child(channel, "item")
    child(node, "title", entry.title)
    if entry.url:
        child(node, "link", entry.url)
    child(node, "guid", entry.id, isPermaLink="false")
    if entry.published is not None:
        child(node, "pubDate", format_datetime(entry.published, usegmt=True))
    child(node, f"{{{ATOM}}}updated", machine_time(entry.updated))
    if entry.issued:
        child(node, f"{{{TERMS}}}issued", entry.issued)
    for author in entry.authors:
        child(node, f"{{{CREATOR}}}creator", author)
    for _, label in entry.categories:
        child(node, "category", label)
    child(node, "description", str(escape(entry.summary)))
    child(node, f"{{{CONTENT}}}encoded", entry.content)


def _hexadecimal(text: re.Match[str]) -> str:
    return text[0].replace("&lt;", "&#x3C;").replace("&amp;", "&#x26;").replace("&gt;", "&#x3E;")

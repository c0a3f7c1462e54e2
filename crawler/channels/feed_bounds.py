"""A feed's tree made fit for feedparser: no more items than are read, and two things that it would take amiss.

feedparser takes a tenth of a second for each thousand elements, so a document of a million would hold everybody up.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from crawler.channels.entries import MAX_ENTRIES
from crawler.channels.feed_dates import feed_date, newest_part
from crawler.channels.feed_parts import keep_what_is_read
from crawler.channels.refusal import Refusal
from crawler.channels.xml_tree import local_name, namespace_of
from news.dates import Stamp
from news.errors import ChannelError
from news.source import Source

MAX_ELEMENTS = 50_000
"""Of the items that are kept, with all that is in them: fifty an item."""

_PARENTS = frozenset(("channel", "feed", "rdf", "rss"))
_DATES = ("pubdate", "date", "published", "issued", "updated", "modified")
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_ISSUED = "{http://purl.org/dc/terms/}issued"


def within_bounds(root: etree._Element, source: Source, now: datetime) -> int:
    """Cut what stands beyond `MAX_ENTRIES` items from a tree, say of the rest what it means, and return how many went.

    The Dublin Core date of an RSS item is that of its publication (feedparser takes it for an update), and neither a
    ``guid`` that is no web address nor an ``id`` of Atom is a link.

    Raises:
        ChannelError: what is left has more than `MAX_ELEMENTS` elements.
    """
    items = [node for node in root.iter("{*}item", "{*}entry") if _is_item(node)]
    kept = newest_part(items, lambda item: _date_of(item, source, now), MAX_ENTRIES)
    for item in set(items).difference(kept):
        parent = item.getparent()
        if parent is not None:
            parent.remove(item)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise ChannelError(
            Refusal.TOO_LARGE,
            f"the {len(kept):,} items of the feed have more than {MAX_ELEMENTS:,} elements: it is not read",
        )
    keep_what_is_read(root, list(kept))
    for item in kept:
        _clarify(item, is_rss=local_name(root) != "feed")
    return len(items) - len(kept)


def _is_item(node: etree._Element) -> bool:
    parent = node.getparent()
    return parent is not None and local_name(parent) in _PARENTS


def _date_of(item: etree._Element, source: Source, now: datetime) -> Stamp | None:
    texts = {local_name(child): child.text or "" for child in item}
    said = (feed_date(texts[name], source, now=now, provenance="") for name in _DATES if name in texts)
    return next((stamp for stamp in said if stamp), None)


def _clarify(item: etree._Element, *, is_rss: bool) -> None:
    names = {local_name(child) for child in item}
    for child in item:
        if local_name(child) == "date" and namespace_of(child) == _DUBLIN_CORE:
            if is_rss and "pubdate" not in names:
                child.tag = _ISSUED
        elif local_name(child) == "id" or (
            local_name(child) == "guid"
            and not (child.text or "").strip().lower().startswith(("http://", "https://"))
        ):
            child.set(
                "isPermaLink", "false"
            )  # or it would be resolved against the feed's address, and be the link

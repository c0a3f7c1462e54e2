"""A feed as Atom 1.0 (RFC 4287), with archives (RFC 5005) and what is no more (RFC 6721)."""

from __future__ import annotations

from lxml import etree

from digest.digest_feed import feed_of
from digest.feed_model import Deleted, Feed, FeedEntry
from digest.html import language_of
from digest.model import Digest
from digest.wording import machine_time
from digest.xml import ATOM, HISTORY, LANG, TERMS, child, document, language_for, text_construct

TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
MEDIA_TYPE = "application/atom+xml"


def render_atom(digest: Digest) -> str:
    """Return a digest as one Atom document, ending with a line feed."""
    return atom_of(feed_of(digest))


def atom_of(feed: Feed) -> str:
    """Return a feed document as Atom, ending with a line feed."""
    namespaces = {None: ATOM, "dcterms": TERMS}
    if feed.is_archive:
        namespaces["fh"] = HISTORY
    if feed.deleted:
        namespaces["at"] = TOMBSTONES
    root = etree.Element(_atom("feed"), {LANG: language_of(feed.language) or "en"}, nsmap=namespaces)
    child(root, _atom("id"), feed.id)
    text_construct(root, _atom("title"), feed.title).set(LANG, language_for(feed.title_language))
    text_construct(root, _atom("subtitle"), feed.description).set(LANG, "en")
    child(root, _atom("updated"), machine_time(feed.updated))
    child(root, _atom("generator"), "tidings")
    links = feed.links
    for rel, url in (
        ("self", links.own),
        ("alternate", links.home),
        ("current", links.current),
        ("prev-archive", links.older),
        ("next-archive", links.newer),
    ):
        if url:
            kind = "text/html" if rel == "alternate" else MEDIA_TYPE
            child(root, _atom("link"), rel=rel, type=kind, href=url)
    if feed.is_archive:
        child(root, f"{{{HISTORY}}}archive")
    for deleted in feed.deleted:
        _deleted(root, deleted)
    for entry in feed.entries:
        _entry(root, entry)
    return document(root)


def _entry(root: etree._Element, entry: FeedEntry) -> None:
    node = child(root, _atom("entry"))
    node.set(LANG, language_for(entry.language))
    child(node, _atom("id"), entry.id)
    text_construct(node, _atom("title"), entry.title)
    if entry.url:
        child(node, _atom("link"), rel="alternate", type="text/html", href=entry.url)
    for other in entry.related:
        child(node, _atom("link"), rel="related", href=other.url, title=other.title)
    if entry.published is not None:
        child(node, _atom("published"), machine_time(entry.published))
    child(node, _atom("updated"), machine_time(entry.updated))
    if entry.issued:
        child(node, f"{{{TERMS}}}issued", entry.issued)
    for author in entry.authors:
        child(child(node, _atom("author")), _atom("name"), author)
    for term, label in entry.categories:
        child(node, _atom("category"), term=term, label=label)
    text_construct(node, _atom("summary"), entry.summary)
    child(node, _atom("content"), entry.content, type="html")


def _deleted(root: etree._Element, deleted: Deleted) -> None:
    node = child(root, f"{{{TOMBSTONES}}}deleted-entry", ref=deleted.id, when=machine_time(deleted.at))
    child(node, f"{{{TOMBSTONES}}}comment", deleted.comment).set(LANG, "en")


def _atom(name: str) -> str:
    return f"{{{ATOM}}}{name}"

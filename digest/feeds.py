"""Feeds of the log: what is new and what became of it, everything or what a filter lets through, page by page.

The document that people subscribe to holds the newest; each full page of the log is an archive, which stays (RFC 5005).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import quote

from sqlalchemy import Connection

from digest import wording
from digest.digest_feed import AUTHORITY
from digest.edits import edit_words
from digest.excerpts import opening
from digest.feed_content import entry_html
from digest.feed_model import Deleted, Feed, FeedEntry, FeedLinks, common_language, exact, issued, summary
from digest.feed_states import ArticleInFeed, articles_in
from digest.let_in import brought_in, let_in
from digest.model import DigestItem, Place
from digest.naming import article_id
from digest.select import select
from news.change import EDITS, Change, ChangeKind
from news.redline import EditClass, Span
from news.text import direction, normalise_text, normalise_title, truncate
from storage.articles import ArticleIdentity, identities, volatile_parts
from storage.changes import as_of, first_told, last_seq
from storage.feed_entries import (
    authors_of,
    changes_between,
    first_mark,
    first_page,
    forgotten,
    full_pages,
    last_moves,
    openings,
    page_end,
)
from storage.subscriptions import DigestFilter
from storage.unread import source_titles, unread_sources

MAX_TEXT = 5_000
"""Characters of an article's text in its entry; who wants all follows the link."""

LEAST_ENTRIES = 20
"""So many stand in the document that people subscribe to, if `LOOK_BACK` pages of the log have them."""

LOOK_BACK = 10
DESCRIPTION = "What is new, and what became of it."
MOST_UNREAD = 10
"""Sources that are not being read by name; of the others the number is told."""

FORGOTTEN = "Removed from this feed."
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedChoice:
    """Which feed it is.

    Args:
        name: by which it is known for good, such as ``all`` or ``sources/icesco-en``.
        title: what people read.
        wanted: what stands in it.
        language: that of the title (BCP 47), empty where it is unknown.
    """

    name: str
    title: str
    wanted: DigestFilter = field(default_factory=DigestFilter)
    language: str = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedPage:
    """One document of a feed that does not know yet where it will stand, and the numbers of its neighbours."""

    feed: Feed
    number: int | None
    older: int | None
    newer: int | None


def read_feed(connection: Connection, choice: FeedChoice, number: int | None = None) -> FeedPage | None:
    """Return a document of a feed: the one that people subscribe to or, by its number from 1, an archive.

    Args:
        connection: a reading transaction: one state of the log.
        choice: which feed.
        number: of the archive.

    Returns:
        None if there is no such archive: not yet, or something of it was pruned.

    Raises:
        SourceError: the filter names a source that is unknown.
    """
    sources = choice.wanted.sources
    full, first = full_pages(connection, sources), first_page(connection, sources)
    if number is not None:
        if not first <= number <= full:
            return None
        start, end = (
            page_end(connection, number - 1, sources) or 0,
            page_end(connection, number, sources) or 0,
        )
        feed = _feed(connection, choice, _stretch(connection, choice.wanted, start, end), since_seq=start)
        newer = number + 1 if number < full else None
        return FeedPage(
            feed=replace(feed, is_archive=True),
            number=number,
            older=number - 1 if number > first else None,
            newer=newer,
        )
    end, pages = last_seq(connection), 1
    judged: dict[int, bool] = {}
    while True:
        start = page_end(connection, full - pages, sources) or 0
        stretch = _stretch(connection, choice.wanted, start, end, judged)
        told = sum(each.is_told and not each.is_gone for each in stretch.articles)
        if told >= LEAST_ENTRIES or start == 0 or pages >= LOOK_BACK:
            feed = _feed(connection, choice, stretch, since_seq=0)
            feed = replace(feed, description=_description(connection, sources))
            return FeedPage(feed=feed, number=None, older=full if full >= first else None, newer=None)
        pages = min(2 * pages, LOOK_BACK)


def in_place(page: FeedPage, address: Callable[[int | None], str], *, home: str = "") -> Feed:
    """Return a document that says where it and its neighbours stand.

    Args:
        page: from `read_feed`.
        address: returns the absolute address of an archive by its number, of the feed itself for None.
        home: absolute address of the page that people look at instead, empty if there is none.
    """
    links = FeedLinks(
        own=address(page.number),
        home=home,
        current=address(None) if page.number is not None else "",
        older=address(page.older) if page.older is not None else "",
        newer=address(page.newer) if page.newer is not None else "",
    )
    return replace(page.feed, links=links)


def feed_id(connection: Connection, name: str) -> str:
    """Return the ``tag:`` URI of a feed: no other database has a feed of that id, wherever this one moves.

    It is made of how the log begins; while the log is empty there is nothing that could be mixed up.
    """
    path = quote(name, safe="/")
    first = first_mark(connection)
    if first is None:
        return f"tag:{AUTHORITY},2026-01-01:feeds/{path}"
    key, at = first
    mark = hashlib.blake2b(f"{key} {at.isoformat()}".encode(), digest_size=8).hexdigest()
    return f"tag:{AUTHORITY},{at:%Y-%m-%d}:feeds/{mark}/{path}"


def _description(connection: Connection, sources: Collection[str]) -> str:
    """Return what stands in a feed, with the sources that are not being read: no news of them is no good news."""
    unread = unread_sources(connection, sources=sources or None)
    told = [f"{wording.line(each.title)}, {wording.unread_of(each)}" for each in unread[:MOST_UNREAD]]
    if len(unread) > MOST_UNREAD:
        told.append(wording.count(len(unread) - MOST_UNREAD, "more source", "more sources"))
    return " ".join([DESCRIPTION, *(f"Not being read: {each}." for each in told)])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stretch:
    """A part of the log, up to and including ``end``: its changes, and the articles that a feed makes of them."""

    end: int
    changes: tuple[Change, ...]
    articles: tuple[ArticleInFeed, ...]


def _stretch(
    connection: Connection,
    wanted: DigestFilter,
    start: int,
    end: int,
    judged: dict[int, bool] | None = None,
) -> _Stretch:
    """Return a part of the log; ``judged`` says which changes are known to be let in or not, and gets the others."""
    changes = changes_between(connection, start, end, wanted.sources)
    chosen, brought = changes, frozenset[int]()
    if wanted.asks_for_more:
        judged = {} if judged is None else judged
        others = [change for change in changes if change.seq not in judged]
        found = let_in(connection, others, wanted)
        judged |= {change.seq: change.seq in found for change in others}
        chosen = [change for change in changes if judged[change.seq]]
        brought = brought_in(connection, chosen, wanted)
    listed = [change for change in chosen if change.kind is ChangeKind.LISTED]
    told_at, before = {}, {}
    if wanted.sources and listed:
        ids = [change.article_id for change in listed]
        told_at = first_told(connection, ids, sources=wanted.sources)
        least = [str(EditClass.SUBSTANTIVE)]
        before = last_moves(connection, ids, upto_seq=end, least=least)
    told = select(chosen, wanted, upto_seq=end, first_told=told_at).told
    articles = articles_in(changes, told, wanted, let_in=chosen, brought_in=brought, moved_before=before)
    return _Stretch(end=end, changes=tuple(changes), articles=tuple(articles))


def _feed(connection: Connection, choice: FeedChoice, stretch: _Stretch, *, since_seq: int) -> Feed:
    wanted, found, end = choice.wanted, stretch.articles, stretch.end
    entries, deleted = _entries(connection, found, wanted)
    gone = forgotten(connection, since_seq, end, wanted.sources)
    deleted += [Deleted(id=article_id(each.identity), at=each.at, comment=FORGOTTEN) for each in gone]
    deleted.sort(key=lambda each: (each.at, each.id), reverse=True)
    moments = [entry.updated for entry in entries] + [each.at for each in deleted]
    moments = moments or [change.at for change in stretch.changes[-1:]] or [as_of(connection) or _BEFORE_ALL]
    return Feed(
        id=feed_id(connection, choice.name),
        title=wording.line(choice.title) or choice.name,
        description=DESCRIPTION,
        updated=max(moments),
        links=FeedLinks(),
        language=common_language(entry.language for entry in entries),
        title_language=choice.language,
        entries=tuple(entries),
        deleted=tuple(deleted),
    )


def _entries(
    connection: Connection, found: Sequence[ArticleInFeed], wanted: DigestFilter
) -> tuple[list[FeedEntry], list[Deleted]]:
    ids = [each.last.article_id for each in found]
    named, authors, titles = (
        identities(connection, ids),
        authors_of(connection, ids),
        source_titles(connection),
    )
    kept = [(each.last.article_id, each.last.revision) for each in found if not each.is_gone]
    texts = openings(connection, kept, limit=MAX_TEXT + wording.MAX_TITLE)
    edits = _edits(connection, [each.moved for each in found])
    entries: list[FeedEntry] = []
    deleted: list[Deleted] = []
    for each in found:
        last = each.last
        identity = named[last.article_id]
        source = wanted.sources[0] if len(wanted.sources) == 1 else each.moved.source
        place = Place(source=source, title=titles.get(source, source))
        text = texts.get((last.article_id, last.revision), "")
        entry = _entry(
            each, identity, place, authors.get(last.article_id, ()), text, edits.get(last.article_id, ())
        )
        if each.is_gone:
            deleted.append(
                Deleted(
                    id=entry.id, at=each.updated, comment="Withdrawn.", notice=entry if each.is_told else None
                )
            )
        elif each.is_told:
            entries.append(entry)
    return entries, deleted


def _edits(connection: Connection, moved: Sequence[Change]) -> dict[int, tuple[Span, ...]]:
    """Return the changed words of those articles that an edit moved."""
    edited = [change for change in moved if change.kind in EDITS]
    volatile = volatile_parts(connection, [change.article_id for change in edited])
    return {
        change.article_id: edit_words(connection, change, volatile.get(change.article_id, ()))
        for change in edited
    }


def _entry(
    each: ArticleInFeed,
    identity: ArticleIdentity,
    place: Place,
    authors: Sequence[str],
    text: str,
    edit: Sequence[Span],
) -> FeedEntry:
    last = each.last
    facts = wording.facts(_as_item(each.moved, identity, place))
    names = tuple(filter(None, map(wording.line, authors))) or (wording.name_of(place) or "unknown",)
    excerpt = "" if each.is_gone else opening(last.summary, text, last.title)
    kind = "published" if each.moved.kind is ChangeKind.LISTED else str(each.moved.kind)
    return FeedEntry(
        id=article_id(identity),
        title=wording.title_of(last),
        url=wording.link_of(last),
        updated=each.updated,
        published=exact(last.published_at, last.published_precision),
        issued=issued(last.published_at, last.published_precision),
        language=last.language,
        authors=names,
        categories=(
            (kind, kind),
            (wording.line(place.source) or "unknown", wording.name_of(place) or "unknown"),
        ),
        summary=summary(f"{facts}. {excerpt}" if excerpt else f"{facts}."),
        content=entry_html(
            language=last.language,
            facts=facts,
            former=wording.formerly(each.moved),
            redline=wording.pieces(edit),
            paragraphs=[] if each.is_gone else _paragraphs(text, last) or [excerpt][: bool(excerpt)],
        ),
        facts=(
            ("kind", kind),
            ("seq", each.moved.seq),
            ("revision", last.revision),
            ("source", wording.line(place.source)),
        ),
    )


def _as_item(change: Change, identity: ArticleIdentity, place: Place) -> DigestItem:
    name = article_id(identity)
    return DigestItem(id=name, article=name, change=change, place=place, direction=direction(change.language))


def _paragraphs(text: str, change: Change) -> list[str]:
    """Return the paragraphs of a text without a repeated title, as far as an entry has room for them."""
    if not text:
        return []
    paragraphs = truncate(normalise_text(text), MAX_TEXT).split("\n")
    return paragraphs[1:] if paragraphs[0] == normalise_title(change.title) else paragraphs

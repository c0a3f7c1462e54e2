"""A digest as a feed document: one entry a change, for those who read a digest in a reader of feeds."""

from __future__ import annotations

from urllib.parse import quote

from digest import wording
from digest.feed_content import entry_html
from digest.feed_model import Feed, FeedEntry, FeedLink, FeedLinks, common_language, exact, issued, summary
from digest.model import Digest, DigestItem

AUTHORITY = "tidings.invalid"
"""Who coins the ids of feeds (RFC 4151): they name no place, and no place of that name can ever be (RFC 6761)."""


def feed_of(digest: Digest, links: FeedLinks | None = None) -> Feed:
    """Return a digest as a feed document, the newest change first.

    Each change is an entry with the ``id`` that it bears in every format. What another article tells again stands in
    the entry of the first, as an address.

    Args:
        digest: stored, or a look.
        links: where the document will stand; a file that may lie anywhere says nothing of it.
    """
    return Feed(
        id=digest_feed_id(digest),
        title=wording.headline(digest),
        description=_description(digest),
        updated=digest.composed_at,
        links=links or FeedLinks(),
        language=common_language(item.change.language for item in digest.items),
        entries=tuple(_entry(item) for item in reversed(digest.items)),
    )


def digest_feed_id(digest: Digest) -> str:
    """Return the ``tag:`` URI (RFC 4151) of a digest: of its subscription and number or, for a look, its range."""
    name = quote(wording.line(digest.subscription), safe="") or "look"
    which = digest.number if digest.number is not None else f"{digest.after_seq}-{digest.upto_seq}"
    return f"tag:{AUTHORITY},{digest.composed_at:%Y-%m-%d}:digest/{name}/{which}"


def _description(digest: Digest) -> str:
    told = [f"{wording.summary_of(digest)} ({wording.range_of(digest)})."]
    for unread in digest.unread:
        name = wording.line(unread.title) or wording.line(unread.source)
        told.append(f"Not being read: {name}, {wording.unread_of(unread)}.")
    for stretch in digest.stretches:
        name = wording.line(stretch.title) or wording.line(stretch.source)
        told.append(f"Not being read: {name}: {wording.stretch_of(stretch)}.")
    told += map(wording.quiet_of, digest.quiet)
    told += filter(None, (wording.hidden_of(digest), wording.remaining_of(digest)))
    return " ".join(told)


def _entry(item: DigestItem) -> FeedEntry:
    change = item.change
    name = wording.name_of(item.place) or "unknown"
    facts = wording.facts(item)
    excerpt = wording.line(item.excerpt)
    also = [wording.AlsoAt(what="also at", place=wording.name_of(place)) for place in item.also]
    also += wording.also_at(item)
    return FeedEntry(
        id=item.id,
        title=wording.title_of(change),
        url=wording.link_of(change),
        updated=change.at,
        published=exact(change.published_at, change.published_precision),
        issued=issued(change.published_at, change.published_precision),
        language=change.language,
        authors=(name,),
        categories=((str(change.kind), str(change.kind)), (wording.line(change.source) or "unknown", name)),
        summary=summary(f"{facts}. {excerpt}" if excerpt else f"{facts}."),
        content=entry_html(
            language=change.language,
            facts=facts,
            former=wording.formerly(change),
            paragraphs=[excerpt] if excerpt else [],
            redline=wording.pieces(item.redline),
            also=also,
        ),
        related=tuple(
            FeedLink(url=other.link, title=other.title or other.place, language=other.language)
            for other in wording.also_at(item)
            if other.link
        ),
        facts=(
            ("article", item.article),
            ("kind", str(change.kind)),
            ("seq", change.seq),
            ("source", wording.line(change.source)),
        ),
    )

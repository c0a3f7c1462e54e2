"""What is new, the newest first: a stretch of the log as items, by day and source, each story once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from digest.excerpts import opening
from digest.layout import Group
from digest.model import DigestItem, Place
from digest.naming import article_id
from digest.retold import told_once
from digest.select import select, speaks
from news.change import Change, ChangeKind
from news.text import direction
from storage.articles import identities
from storage.changes import first_told, last_run_id, last_seq, withdrawals
from storage.feed_entries import SourcePage, openings, source_pages
from storage.latest import newest
from storage.quiet import QuietSource, quiet_sources
from storage.subscriptions import DigestFilter
from storage.unread import UnreadSource, UnreadStretch, unread_sources, unread_stretches
from tidings.pages.choosing import KINDS, Choice
from tidings.pages.times import Times

ITEMS = 40
"""Items of one page."""
OPENING = 1_200
"""Characters of a text that are read for its excerpt: it may begin with its title."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """What was seen on one day of the reader's, by source."""

    on: date
    groups: tuple[Group, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LatestView:
    """The page.

    Args:
        choice: what was asked for.
        sources: all that there are, for choosing.
        languages: those that they declare.
        days: the newest first.
        older: the place of the log where the next page goes on, None at its beginning.
        is_first: whether it is the end of the log that is shown.
        unread: sources that are not being read.
        stretches: of listings that were not read yet.
        quiet: sources that have stopped publishing.
    """

    choice: Choice
    sources: tuple[SourcePage, ...]
    languages: tuple[str, ...]
    days: tuple[Day, ...]
    older: int | None
    is_first: bool
    unread: tuple[UnreadSource, ...]
    stretches: tuple[UnreadStretch, ...]
    quiet: tuple[QuietSource, ...]

    @property
    def feed(self) -> str:
        """Where the same is a feed."""
        if self.choice.is_everything:
            return "/feeds/all.atom"
        return self.choice.address("/feeds/choice.atom")

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The choices of kind: the word in the address, and what people read."""
        return [(word, label) for word, (label, _) in KINDS.items()]


def latest_view(
    connection: Connection, choice: Choice, *, before: int | None, times: Times, limit: int = ITEMS
) -> LatestView:
    """Return a page of what is new.

    Args:
        connection: a reading transaction.
        choice: what is wanted.
        before: the place of the log before which it begins; None for its end.
        times: the reader's.
        limit: items at most.

    Raises:
        SourceError: a source is unknown.
    """
    wanted = choice.wanted
    kinds = (
        (*wanted.kinds, ChangeKind.LISTED) if choice.sources and choice.kind in ("", "new") else wanted.kinds
    )
    step = newest(
        connection,
        before_seq=before,
        sources=choice.sources,
        languages=choice.languages,
        kinds=kinds,
        limit=limit,
    )
    known = source_pages(connection)
    titles = {source.name: source.title for source in known}
    items = items_of(connection, step.changes, wanted, titles)
    end = last_run_id(connection)
    only = choice.sources or None
    return LatestView(
        choice=choice,
        sources=tuple(known),
        languages=tuple(sorted({source.language for source in known if source.language})),
        days=days_of(items, times),
        older=step.older,
        is_first=before is None,
        unread=tuple(
            each
            for each in unread_sources(connection, sources=only)
            if speaks(each.language, choice.languages)
        ),
        stretches=tuple(
            each
            for each in unread_stretches(connection, after_run_id=end, upto_run_id=end, sources=only)
            if speaks(each.language, choice.languages)
        ),
        quiet=tuple(
            each
            for each in quiet_sources(connection, sources=only)
            if speaks(each.language, choice.languages)
        ),
    )


def items_of(
    connection: Connection, changes: Sequence[Change], wanted: DigestFilter, titles: dict[str, str]
) -> tuple[DigestItem, ...]:
    """Return a stretch of the log, the newest first, as items in the order of the log, each story once."""
    in_order = [*reversed(changes)]
    listed = [change.article_id for change in in_order if change.kind is ChangeKind.LISTED]
    told_at = first_told(connection, listed, sources=wanted.sources) if wanted.sources and listed else {}
    end = in_order[-1].seq if in_order else 0
    selection = select(in_order, wanted, upto_seq=end, first_told=told_at)
    if not selection.told:
        return ()
    ids = [change.article_id for change in selection.told]
    named = identities(connection, ids)
    new = [change for change in selection.told if change.kind in (ChangeKind.PUBLISHED, ChangeKind.LISTED)]
    texts = openings(connection, [(each.article_id, each.revision) for each in new], limit=OPENING)
    gone = withdrawals(connection, ids, upto=last_seq(connection))
    items = []
    for change in selection.told:
        article = article_id(named[change.article_id])
        text = texts.get((change.article_id, change.revision), "")
        seq, at = gone.get(change.article_id, (0, None))
        items.append(
            DigestItem(
                id=f"{article}/{change.seq}",
                article=article,
                change=change,
                place=_place(change.source, titles),
                direction=direction(change.language),
                excerpt=opening(change.summary, text, change.title) if change in new else "",
                also=tuple(_place(name, titles) for name in selection.also.get(change.article_id, ())),
                withdrawn_at=at if change.seq < seq else None,
            )
        )
    return told_once(connection, items, wanted, titles)


def days_of(items: Sequence[DigestItem], times: Times) -> tuple[Day, ...]:
    """Return items by the reader's day on which they were seen, and by source: whatever is newest comes first."""
    days: dict[date, dict[str, list[DigestItem]]] = {}
    for item in reversed(items):
        groups = days.setdefault(times.day_of(item.change.at), {})
        groups.setdefault(item.place.source, []).append(item)
    return tuple(
        Day(on=on, groups=tuple(Group(place=found[0].place, items=tuple(found)) for found in groups.values()))
        for on, groups in days.items()
    )


def _place(source: str, titles: dict[str, str]) -> Place:
    return Place(source=source, title=titles.get(source, source))

"""Composing: the changes after a cursor become one stored, numbered digest; looking makes one and moves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.alerts import compose_alerts, preview_alerts
from digest.content import digest_from, sealed, stored_form
from digest.edits import edit_words
from digest.excerpts import opening
from digest.let_in import Reasons, let_in
from digest.model import Digest, DigestItem, Place
from digest.naming import article_id
from digest.retold import told_once
from digest.select import Selection, select, speaks
from news.change import EDITS, Change, ChangeKind
from news.errors import StorageError
from news.redline import Span
from news.revision import VolatilePart
from news.text import direction
from storage import subscriptions
from storage.articles import ArticleIdentity, identities, volatile_parts
from storage.changes import (
    changes_after,
    first_told,
    last_run_id,
    last_seq,
    revision_at,
    seq_before,
    withdrawals,
)
from storage.engine import reading, writing
from storage.quiet import QuietSource, quiet_sources
from storage.subscriptions import DigestFilter, SubscriptionRow, WhenEmpty
from storage.unread import UnreadSource, UnreadStretch, source_titles, unread_sources, unread_stretches

MAX_ITEMS = 1_000
"""Items of one digest; what is beyond is the next digest's, and this one says how much that is."""

WINDOW = 5_000
"""Changes whose texts one transaction reads for a subscription that asks for words; nobody waits long for its end."""


def compose(
    engine: Engine,
    subscription: str,
    *,
    now: datetime,
    empty: bool = False,
    limit: int = MAX_ITEMS,
) -> Digest | None:
    """Compose, store and return what a subscription has not been told yet, and move its cursor: one transaction.

    Where the subscription has a target the digest's delivery is added in it too. A crash leaves all of that, or
    nothing. Where the cursor was set back to that of a stored digest, that one is returned as it was: what was told
    once is never told in other words.

    Args:
        engine: the database.
        subscription: its name.
        now: aware UTC; the time that the digest bears.
        empty: return an empty digest, without a number and not stored, where nothing is to be told, so that the sources
            that are not being read are still named. A record of nothing would stand where the next digest must.
        limit: items of one digest; the rest is the next one's.

    Returns:
        The digest, or None where nothing is to be told. The cursor then stays, and hidden changes are counted later;
        with words it moves on, since they let in nothing of what was read.

    Raises:
        StorageError: there is no such subscription, or the stored digest was altered.
    """
    while True:
        with writing(engine) as connection:
            row = subscriptions.load(connection, subscription, lock=True)
            digest = compose_for(connection, row, now=now, empty=empty, limit=limit)
            if digest is not None and digest.number:
                return digest
            if not goes_on(connection, row):
                return digest


def goes_on(connection: Connection, row: SubscriptionRow) -> bool:
    """Return whether `compose_for` moved on in a part of the log that had nothing, and more of it is left.

    ``row`` is the subscription as it was before.
    """
    cursor = subscriptions.load(connection, row.name).cursor
    return row.cursor < cursor < last_seq(connection)


def compose_for(
    connection: Connection,
    row: SubscriptionRow,
    *,
    now: datetime,
    empty: bool = False,
    when_empty: WhenEmpty = WhenEmpty.SILENT,
    limit: int = MAX_ITEMS,
) -> Digest | None:
    """Do what `compose` does in the transaction of the caller, who has locked the subscription.

    ``when_empty`` says what becomes of a digest that tells nothing: what is stored then counts what the filter hid.
    """
    if row.alert_after_seconds is not None:
        told = compose_alerts(connection, row, now=now)
        return preview_alerts(connection, row, now=now) if told is None and empty else told
    stored = subscriptions.digest_at(connection, row, row.cursor)
    if stored is not None:
        subscriptions.move_cursor(connection, row, stored.upto_seq)
        return digest_from(stored)
    losses = _losses_of(connection, row)
    digest = _drafted(
        connection,
        subscription=row.name,
        after_seq=row.cursor,
        wanted=row.filter,
        now=now,
        losses=losses,
        limit=limit,
        window=WINDOW,
    )
    if not digest.items:
        if row.filter.asks_for_more and (
            when_empty is WhenEmpty.SILENT or digest.upto_seq < last_seq(connection)
        ):
            # So that no text is read again at each change.
            subscriptions.move_cursor(connection, row, digest.upto_seq)
            return sealed(digest) if empty else None
        if when_empty is WhenEmpty.SILENT:
            return sealed(digest) if empty else None
        if when_empty is WhenEmpty.RECORD:  # nobody reads it: what is lost is still to be told
            digest = replace(digest, upto_run_id=losses[0])
    digest = sealed(replace(digest, number=subscriptions.next_number(connection, row)))
    brought = bool(digest.items) or when_empty is WhenEmpty.SEND
    subscriptions.store_digest(connection, row, stored_form(digest), brought=brought)
    return digest


def preview(
    engine: Engine,
    *,
    after_seq: int | None = None,
    since: datetime | None = None,
    filter: DigestFilter | None = None,  # noqa: A002
    now: datetime,
    limit: int = MAX_ITEMS,
) -> Digest:
    """Return a digest without a number of what came after a cursor or since an aware moment; nothing is stored.

    Without either it starts at the beginning of the log. Lost stretches are told since that moment, else all.
    """
    with reading(engine) as connection:
        if after_seq is None:
            after_seq = 0 if since is None else seq_before(connection, since)
        return sealed(
            _drafted(
                connection,
                subscription="",
                after_seq=after_seq,
                wanted=filter or DigestFilter(),
                now=now,
                losses=(0, since),
                limit=limit,
            )
        )


def preview_next(engine: Engine, subscription: str, *, now: datetime, limit: int = MAX_ITEMS) -> Digest:
    """Return what `compose` would make for a subscription now, without a number; nothing is stored or moved.

    Raises:
        StorageError: there is no such subscription.
    """
    with reading(engine) as connection:
        row = subscriptions.load(connection, subscription)
        if row.alert_after_seconds is not None:
            return preview_alerts(connection, row, now=now)
        cursor = row.cursor
        while True:
            digest = _drafted(
                connection,
                subscription=row.name,
                after_seq=cursor,
                wanted=row.filter,
                now=now,
                losses=_losses_of(connection, row),
                limit=limit,
                window=WINDOW,
            )
            cursor = digest.upto_seq
            if digest.items or cursor >= last_seq(connection):
                return sealed(digest)


def load(engine: Engine, subscription: str, number: int | None = None) -> Digest:
    """Return a stored digest by its number, or the newest, just as it was composed.

    Raises:
        StorageError: there is none, or it was altered.
    """
    with reading(engine) as connection:
        return digest_from(subscriptions.load_digest(connection, subscription, number))


def _losses_of(connection: Connection, row: SubscriptionRow) -> tuple[int, datetime | None]:
    """Return the run and the moment after which lost stretches have not been told to this subscription yet."""
    before = subscriptions.list_digests(connection, row.name, limit=1)
    if before and (upto := int(before[0].content["upto_run_id"])):
        return upto, None
    return 0, row.created_at if row.cursor else None


def _drafted(
    connection: Connection,
    *,
    subscription: str,
    after_seq: int,
    wanted: DigestFilter,
    now: datetime,
    losses: tuple[int, datetime | None],
    limit: int,
    window: int | None = None,
) -> Digest:
    upto_run_id = last_run_id(connection)
    upto_seq = max(last_seq(connection), after_seq)
    sources = wanted.sources or None
    most = window + 1 if window is not None and wanted.asks_for_more else None
    changes = changes_after(connection, after_seq, upto=upto_seq, sources=sources, limit=most)
    reasons: Reasons = {}
    if wanted.asks_for_more:
        if window is not None and len(changes) > window:
            changes = changes[:window]
            upto_seq = changes[-1].seq
        reasons = let_in(connection, changes, wanted)
        changes = [change for change in changes if change.seq in reasons]
    listed = [change.article_id for change in changes if change.kind is ChangeKind.LISTED]
    told_at = first_told(connection, listed, sources=wanted.sources) if sources and listed else {}
    selection = select(changes, wanted, upto_seq=upto_seq, first_told=told_at, limit=limit)
    stretches = unread_stretches(
        connection, after_run_id=losses[0], upto_run_id=upto_run_id, closed_since=losses[1], sources=sources
    )
    return Digest(
        number=None,
        subscription=subscription,
        after_seq=after_seq,
        upto_seq=selection.upto_seq,
        upto_run_id=upto_run_id,
        composed_at=now,
        items=_items(connection, selection, wanted, reasons),
        unread=tuple(filter(_spoken(wanted), unread_sources(connection, sources=sources))),
        stretches=tuple(filter(_spoken(wanted), stretches)),
        quiet=tuple(filter(_spoken(wanted), quiet_sources(connection, sources=sources))),
        hidden=selection.hidden,
        remaining=selection.remaining,
    )


def _spoken(wanted: DigestFilter) -> Callable[[UnreadSource | UnreadStretch | QuietSource], bool]:
    return lambda told: speaks(told.language, wanted.languages)


def _items(
    connection: Connection, selection: Selection, wanted: DigestFilter, reasons: Reasons
) -> tuple[DigestItem, ...]:
    if not selection.told:
        return ()
    titles = source_titles(connection)
    ids = [change.article_id for change in selection.told]
    known, volatile = identities(connection, ids), volatile_parts(connection, ids)
    leading: set[int] = set()
    gone = withdrawals(connection, ids, upto=selection.upto_seq)
    items: list[DigestItem] = []
    for change in selection.told:
        # An article's other places are named once, with the first thing that is told of it.
        also = () if change.article_id in leading else selection.also.get(change.article_id, ())
        leading.add(change.article_id)
        parts = volatile.get(change.article_id, ())
        texts = _texts(connection, change, parts)
        item = _item(change, known[change.article_id], titles, also, texts)
        seq, at = gone.get(change.article_id, (0, None))
        if change.seq < seq:
            item = replace(item, withdrawn_at=at)
        items.append(replace(item, matched=reasons.get(change.seq)))
    return told_once(connection, items, wanted, titles)


def _item(
    change: Change,
    identity: ArticleIdentity,
    titles: dict[str, str],
    also: Sequence[str],
    texts: tuple[str, tuple[Span, ...]],
) -> DigestItem:
    excerpt, redline = texts
    article = article_id(identity)
    return DigestItem(
        id=f"{article}/{_event(change)}",
        article=article,
        change=change,
        place=_place(change.source, titles),
        direction=direction(change.language),
        excerpt=excerpt,
        redline=redline,
        also=tuple(_place(source, titles) for source in also),
    )


def _texts(
    connection: Connection, change: Change, volatile: Sequence[VolatilePart]
) -> tuple[str, tuple[Span, ...]]:
    """Return the excerpt of what is new, or the redline of what was edited, without what differs at each look."""
    if change.kind in EDITS:
        return "", edit_words(connection, change, volatile)
    if change.kind not in (ChangeKind.PUBLISHED, ChangeKind.LISTED):
        return "", ()
    text = ""
    if change.revision:
        # The news does not wait for a text that is kept no longer.
        with suppress(StorageError):
            text = revision_at(connection, change.article_id, change.revision).body_text
    return opening(change.summary, text, change.title), ()


def _place(source: str, titles: dict[str, str]) -> Place:
    return Place(source=source, title=titles.get(source, source))


def _event(change: Change) -> str:
    """Return what tells an article's changes apart: it is published once, and each edit makes a revision."""
    if change.kind is ChangeKind.PUBLISHED:
        return str(change.kind)
    if change.kind in EDITS:
        return f"{change.kind}/{change.revision}"
    return f"{change.kind}/{change.seq}"

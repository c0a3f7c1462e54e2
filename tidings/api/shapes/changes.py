"""Changes, and the digests that tell them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from tidings.api.shapes.base import Direction, Kind, Mark, Shape, ToldEditClass


class Span(BaseModel):
    """Span."""

    op: Literal["same", "removed", "added"]
    text: str


class Place(BaseModel):
    """Place."""

    source: str
    title: str


class Elsewhere(BaseModel):
    """Another article that a reader of an item may want to see."""

    relation: Literal["same_story", "possible_translation"]
    article: str
    url: str
    title: str
    language: str | None
    dir: Direction
    source: str
    source_title: str


class Change(Shape):
    """A row of the append-only log."""

    seq: int
    kind: Kind
    url: str
    title: str
    source: str
    published_at: str | None
    published_precision: str | None
    first_seen_at: datetime | None
    changed_at: datetime
    language: str | None
    dir: Direction
    revision: int
    edit_class: ToldEditClass | None
    old_title: str | None
    old_published_at: str | None
    marks: list[Mark]
    reverts_to: int | None
    summary: str


class Matched(BaseModel):
    """Which of the reader's words let something in, and where they stand."""

    words: str
    part: Literal["title", "body"]


class ToldChange(Change):
    """A change with what a digest adds to it."""

    id: str
    article: str
    source_title: str
    excerpt: str
    redline: list[Span]
    also: list[Place]
    withdrawn_at: datetime | None
    matched: Matched | None
    retold: list[ToldChange]
    elsewhere: list[Elsewhere]


class UnreadSource(Shape):
    """Unread source."""

    source: str
    title: str
    verdict: Literal["suspect", "failed", "paused"]
    reason: str
    since: datetime | None


class QuietSource(Shape):
    """A source that answers and has stopped publishing, improbably for its own rhythm."""

    source: str
    title: str
    since: str
    days: int
    expected: float


class Stretch(Shape):
    """Stretch."""

    source: str
    title: str
    state: Literal["open", "lost"]
    since: datetime
    until: datetime


class Alert(Shape):
    """That a source or a delivery is in trouble, or is well again."""

    state: Literal["broken", "blocked", "quiet", "dead", "recovered"]
    before: Literal["broken", "blocked", "quiet", "dead"] | None
    since: datetime
    source: str | None
    title: str | None
    delivery: int | None
    subscription: str | None
    number: int | None
    reason: str | None


class Digest(Shape):
    """What one subscription is told of the changes `(after_seq, upto_seq]`."""

    number: int | None
    subscription: str
    after_seq: int
    upto_seq: int
    composed_at: datetime
    changes: list[ToldChange]
    unread: list[UnreadSource]
    stretches: list[Stretch]
    quiet: list[QuietSource]
    hidden: dict[str, int]
    remaining: int
    alerts: list[Alert]
    hash: str


class ChangePage(Shape):
    """Changes behind a cursor."""

    changes: list[Change]
    cursor: int
    more: bool


class DigestNote(Shape):
    """One stored digest, without what it tells."""

    number: int
    after_seq: int
    upto_seq: int
    composed_at: datetime
    hash: str


class DigestPage(Shape):
    """The digests of one subscription, the newest first."""

    subscription: str
    digests: list[DigestNote]
    next: int | None


class Approval(Shape):
    """What approving a held run announced."""

    source: str
    wrapper: int | None
    changes: list[Change]

"""Articles, their revisions, and what is known of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from tidings.api.shapes.base import Direction, EditClass, Mark, Shape
from tidings.api.shapes.changes import Span


class Article(Shape):
    """One article as it is known now, with the text of its newest revision."""

    id: int
    key: str
    host: str
    url: str
    title: str
    summary: str
    body_text: str
    language: str | None
    authors: list[str]
    sections: list[str]
    image_url: str | None
    sources: list[str]
    aliases: int
    revision: int
    way: Literal["listing", "page"] | None
    captured_at: datetime | None
    published_at: str | None
    published_precision: str | None
    published_provenance: str | None
    modified_at: str | None
    modified_precision: str | None
    modified_provenance: str | None
    first_seen_at: datetime
    announced: bool
    looked_at: datetime | None
    next_look_at: datetime | None
    withdrawn_at: datetime | None
    merged_into: int | None
    forgotten_at: datetime | None
    pruned_at: datetime | None
    volatile: list[VolatilePart]


class VolatilePart(Shape):
    """Volatile part."""

    kind: Literal["passage", "whole", "date"]
    before: str
    after: str
    values: list[str]
    learnt_at: datetime


class Name(Shape):
    """One name under which an article is known, the oldest first."""

    name: str
    is_id: bool
    evidence: str
    since: datetime


class Correction(Shape):
    """What somebody said of an article by hand, the oldest first."""

    at: datetime
    kind: Literal["merged", "split", "forgotten"]
    article: int
    other: int | None
    undone_at: datetime | None


class Edit(Shape):
    """What made a further revision of an article; `tidings articles revisions --json` has its text."""

    number: int
    captured_at: datetime
    edit_class: EditClass
    marks: list[Mark]
    reverts_to: int | None


class Retelling(BaseModel):
    """Another article of the same story, or a possible translation."""

    relation: Literal["same_story", "possible_translation"]
    id: int
    url: str
    title: str
    language: str | None
    sources: list[str]
    withdrawn: bool
    since: datetime
    evidence: dict[str, Any] | None


class Revision(Shape):
    """Revision."""

    number: int
    captured_at: datetime
    title: str
    body_text: str
    way: Literal["listing", "page"]
    edit_class: EditClass | None
    marks: list[Mark]
    reverts_to: int | None
    published_at: str | None
    fingerprint: str | None
    extractor: str | None
    pruned_at: datetime | None
    redline: list[Span]


class RevisionList(Shape):
    """Revision list."""

    id: int
    url: str
    language: str | None
    dir: Direction
    withdrawn_at: datetime | None
    revisions: list[Revision]


class ArticleDetail(Article):
    """One article with all that is known of it."""

    addresses: list[str]
    known_by: list[Name]
    corrections: list[Correction]
    edits: list[Edit]
    retellings: list[Retelling]


class ArticlePage(Shape):
    """Articles, the newest known first."""

    articles: list[Article]
    next: int | None


class Redline(Shape):
    """What became of an article's words between two of its revisions."""

    id: int
    url: str
    language: str | None
    dir: Direction
    old: int
    new: int
    old_title: str
    new_title: str
    redline: list[Span]

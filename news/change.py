"""The change log's rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from news.redline import EditClass


class ChangeKind(StrEnum):
    """What happened to an article."""

    PUBLISHED = "published"
    LISTED = "listed"  # a known article, new to this source: quiet
    EDITED = "edited"
    RETITLED = "retitled"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One row of the append-only log, as it left the database.

    ``seq`` is the order of commits. ``title``, ``url`` and dates are those of the moment of the change;
    ``published_precision`` says how much of ``published_at`` was really said (``day``, ``minute`` …).
    """

    seq: int
    kind: ChangeKind
    at: datetime
    source: str
    article_id: int
    url: str
    title: str
    revision: int
    edit_class: EditClass = EditClass.NONE
    published_at: datetime | None = None
    published_precision: str = ""
    first_seen_at: datetime | None = None
    language: str = ""
    summary: str = ""
    old_title: str = ""

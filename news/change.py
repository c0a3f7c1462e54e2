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
    REDATED = "redated"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


class EditMark(StrEnum):
    """What else holds of an edit; several may hold at once."""

    RETITLED = "retitled"  # the title changed, beside the text or alone
    REDATED = "redated"  # the site gives another date of publication
    SILENT = "silent"  # words changed, and the site's own date of modification did not


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One row of the append-only log, as it left the database.

    ``seq`` is the order of commits. ``title``, ``url`` and dates are those of the moment of the change;
    ``published_precision`` says how much of ``published_at`` was really said (``day``, ``minute`` …).

    ``kind`` names what weighs most of an edit: its words, else its title, else its date; ``marks`` say what else holds.
    ``reverts_to`` is the number of the earlier revision that it brings back, 0 if it brings something else.
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
    marks: tuple[EditMark, ...] = ()
    reverts_to: int = 0
    old_published_at: datetime | None = None
    old_published_precision: str = ""


EDITS = frozenset({ChangeKind.EDITED, ChangeKind.RETITLED, ChangeKind.REDATED})
"""The kinds of change that make a revision."""

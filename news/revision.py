"""One captured state of an article, as it is read, and what of an article is no state of it because it never stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from news.article import Way
from news.change import EditMark
from news.redline import EditClass


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisionText:
    """The text of one revision. The first is number 1, and its ``edit_class`` is ``none``.

    ``captured_at`` is aware UTC; ``way`` says whether the listing or the article's own page was read. ``fingerprint``
    is that of the content, ``extractor`` the version of what read it: one changes with the article, the other with us.
    ``reverts_to`` is the number of the earlier revision that this one brings back, 0 for none. ``pruned_at`` is when
    retention took its text away, which then is empty.
    """

    number: int
    captured_at: datetime
    title: str
    body_text: str
    way: Way
    edit_class: EditClass = EditClass.NONE
    marks: tuple[EditMark, ...] = ()
    reverts_to: int = 0
    published_at: datetime | None = None
    published_precision: str = ""
    fingerprint: str = ""
    extractor: str = ""
    pruned_at: datetime | None = None


class VolatileKind(StrEnum):
    """What of an article differs at each look."""

    PASSAGE = "passage"  # a place of the text: a clock, a counter, a rotating teaser
    WHOLE = "whole"  # the text takes turns with earlier ones
    DATE = "date"  # the date of publication


@dataclass(frozen=True, kw_only=True, slots=True)
class VolatilePart:
    """What differs at each look, and so is no edit.

    A passage stands between ``before`` and ``after``, which are empty at the ends of the text. ``values`` are what it
    read when that was learnt.
    """

    kind: VolatileKind
    learnt_at: datetime
    before: str = ""
    after: str = ""
    values: tuple[str, ...] = ()

"""One captured state of an article, as it is read: its number, its words and what kind of edit made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from news.article import Way
from news.redline import EditClass


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisionText:
    """The text of one revision. The first is number 1, and its ``edit_class`` is ``none``.

    ``captured_at`` is aware UTC; ``way`` says whether the listing or the article's own page was read.
    """

    number: int
    captured_at: datetime
    title: str
    body_text: str
    way: Way
    edit_class: EditClass = EditClass.NONE

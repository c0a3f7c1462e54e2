"""One captured state of an article, as it is read: its number, its words and what kind of edit made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from news.article import Way
from news.change import EditMark
from news.redline import EditClass


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisionText:
    """The text of one revision. The first is number 1, and its ``edit_class`` is ``none``.

    ``captured_at`` is aware UTC; ``way`` says whether the listing or the article's own page was read. ``fingerprint``
    is that of the content, ``extractor`` the version of what read it: one changes with the article, the other with us.
    ``reverts_to`` is the number of the earlier revision that this one brings back, 0 for none.
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

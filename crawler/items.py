"""What the spider hands to the pipelines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from crawler.ledger import Ledger
from news.article import Content, Validators, Way
from news.entry import Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleItem:
    """One article as it was captured, on its page or inside its listing.

    ``url`` was asked for, ``final_url`` answered. ``html`` is the whole page (``Way.PAGE``); a listing's body stands
    in ``entry``. ``content`` is filled in by the Normalise pipeline.
    """

    ledger: Ledger
    url: str
    final_url: str
    way: Way
    captured_at: datetime
    entry: Entry | None = None
    html: str = ""
    validators: Validators = field(default_factory=Validators)
    content: Content | None = None

    def with_content(self, content: Content) -> ArticleItem:
        """Return the same item with its content."""
        return replace(self, content=content)

    def __str__(self) -> str:
        return f"{self.way.value} {self.final_url}"

"""One thing that a run asks of a source, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from news.article import Validators
from news.entry import Entry


class ErrandKind(StrEnum):
    """What a request is for."""

    LISTING = "listing"
    ARTICLE = "article"  # an entry that this source has not shown before
    PROBE = "probe"  # the old address of an article that may have moved
    LOOK = "look"  # a known or pending article, once more
    EDITS = "edits"  # what was edited since, anywhere in the archive
    TRIAL = "trial"  # a page that must confirm new selectors


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand:
    """One thing to ask for. ``key`` is the URL key of the entry that it is about, ``number`` a listing's page."""

    kind: ErrandKind
    url: str
    key: str = ""
    number: int = 0
    entry: Entry | None = None
    validators: Validators = field(default_factory=Validators)

"""What a discovery found: the ways to read a news page, which one is proposed, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from news.entry import Entry
from news.source import ArticleRules, Channel, Wrapper

AUTO_AT_LEAST = 0.8
ASK_AT_LEAST = 0.5
IN_WORDS = MappingProxyType(
    {
        Channel.FEED: "the feed",
        Channel.WORDPRESS: "the WordPress interface",
        Channel.SITEMAP: "the sitemap",
        Channel.LISTING: "the listing",
    }
)
"""The channels as people say them."""


class Decision(StrEnum):
    """What may be done with a proposal: take it, ask a person, or not take it at all."""

    AUTO = "auto"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One way to read the page.

    ``entries`` are the items as they would be stored, read by the channel itself. ``confidence`` is from 0 to 1.
    ``overlap`` is the share of the visible listing's items that it brings, None where there is nothing to compare.
    ``whole_bodies`` says whether the bodies that it carries are whole articles; ``browser`` that the page had to be
    rendered first. ``reasons`` say what speaks for and against it.
    """

    channel: Channel
    url: str
    confidence: float
    entries: tuple[Entry, ...]
    next_url: str = ""
    wrapper: Wrapper = field(default_factory=Wrapper)
    article: ArticleRules = field(default_factory=ArticleRules)
    overlap: float | None = None
    newest_at: datetime | None = None
    whole_bodies: bool = False
    browser: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """The outcome of a discovery: candidates, the best first; ``chosen`` is the index of the one proposed, or None.

    ``obstacles`` are those of the reasons that speak against the page being a listing.
    """

    url: str
    decision: Decision
    reasons: tuple[str, ...] = ()
    chosen: int | None = None
    candidates: tuple[Candidate, ...] = ()
    title: str = ""
    language: str = ""
    obstacles: tuple[str, ...] = ()


def decision_for(confidence: float) -> Decision:
    """Return what a confidence allows.

    >>> decision_for(0.81), decision_for(0.6), decision_for(0.2)
    (<Decision.AUTO: 'auto'>, <Decision.ASK: 'ask'>, <Decision.REFUSE: 'refuse'>)
    """
    if confidence >= AUTO_AT_LEAST:
        return Decision.AUTO
    return Decision.ASK if confidence >= ASK_AT_LEAST else Decision.REFUSE

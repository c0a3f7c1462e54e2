"""How sure a listing is: what the page itself says, its second page, its articles, and what is known beside them."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from crawler.discovery.proposal import ASK_AT_LEAST, AUTO_AT_LEAST

SURE_SCORE = 9.5
"""The score at which a group is as likely the list as not, measured on pages with and without one."""

CONFIRMED = 0.6
"""The share of items that must be known from elsewhere where the pages behind them cannot be read."""

MIN_DISTINCT = 0.7
"""The share of distinct titles below which a list may be one of buttons ("Download") instead of its items."""

_BELOW_AUTO = AUTO_AT_LEAST - 0.01
_BELOW_ASK = ASK_AT_LEAST - 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was found out about a draft. A share is from 0 to 1; None where there was nothing to look at.

    ``margin`` is how far the draft's score is above that of the next one with other items; ``next_page`` whether a
    further page of the same list was read with its selectors; ``articles`` the share of pages behind items that say
    what the items say; ``known`` the share of items that are known from elsewhere; ``dated`` whether the items, or the
    pages behind them, show dates; ``rival`` whether another list of the page is about as good; ``several`` whether
    there are several lists that are set alike; ``distinct`` the share of titles that are not those of other items;
    ``unread`` whether pages behind items were asked for, and none of them came.
    """

    score: float
    margin: float
    items: int
    next_page: bool | None = None
    articles: float | None = None
    known: float | None = None
    obstacles: int = 0
    dated: bool = True
    rival: bool = False
    several: bool = False
    distinct: float = 1.0
    unread: bool = False

    @property
    def is_unverified(self) -> bool:
        """Say whether the pages behind the items did not come, and nothing else knows the items either."""
        return self.unread and (self.known is None or self.known < CONFIRMED)


def confidence_of(evidence: Evidence) -> float:
    """Return from 0 to 1 how sure it is that these are the items of the page's list.

    With an obstacle, an equal rival, several lists alike, no dates anywhere, titles that are mostly the same, fewer
    than three items, or pages behind them that do not come, nothing is taken without a person.
    """
    page = 1 / (1 + exp(SURE_SCORE - evidence.score))
    lead = min(max(evidence.margin, 0.0) / 2.0, 1.0)
    parts = [(0.45, page), (0.15, lead)]
    if evidence.next_page is not None:
        parts.append((0.2, float(evidence.next_page)))
    if evidence.articles is not None:
        parts.append((0.25, evidence.articles))
    if evidence.known is not None:
        parts.append((0.2, min(evidence.known * 1.5, 1.0)))
    confidence = sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)
    if evidence.is_unverified or (evidence.articles is not None and evidence.articles < 0.5):
        confidence = min(confidence, _BELOW_AUTO)
    unsure = evidence.rival or evidence.several or not evidence.dated or evidence.distinct < MIN_DISTINCT
    if evidence.items < 3 or evidence.obstacles or unsure:
        confidence = min(confidence, _BELOW_AUTO)
    if evidence.items < 3 and page < 0.5:
        confidence = min(confidence, _BELOW_ASK)
    if evidence.obstacles and (evidence.items < 3 or page < 0.8):
        confidence = min(confidence, _BELOW_ASK)
    return round(confidence, 3)

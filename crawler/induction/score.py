"""How much a group looks like the list of news that a page is for. The weights were measured, see decision 0011."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from statistics import median

from crawler.induction.groups import Group
from crawler.induction.items import Item
from crawler.induction.model import Hints
from crawler.induction.noise import STRONG
from crawler.induction.slugs import slug_score
from crawler.induction.view import View
from news.text import title_key

TITLE_CHARS = range(14, 200)
_LETTERS_OF_TWO = ("\u2e80", "\uffdc")


@dataclass(frozen=True, slots=True)
class Scored:
    """A group with its items, each address once, and what speaks for it."""

    group: Group
    items: tuple[Item, ...]
    keys: frozenset[str]
    score: float
    dated: float
    heading: float
    share: float
    cover: float
    distinct: float
    noise: int


def score_group(view: View, group: Group, items: Sequence[Item], hints: Hints) -> Scored | None:
    """Return a group with its score, or None if it cannot be a list."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.key, item)
    unique = list(first.values())
    n, members = len(unique), len(group.members)
    titled = [item for item in unique if item.title]
    if n < 2 or len(titled) < 0.6 * n:
        return None
    cover, uniq = len(items) / members, n / len(items)
    widths = [title_width(item.title) for item in titled]
    distinct = len({title_key(item.title) for item in titled}) / n
    dated = sum(any(view.dated[item.place : item.end]) for item in unique) / n
    heading = sum(item.heading for item in unique) / n
    images = sum(view.images_in(item.place) > 0 for item in unique) / n
    chars = sum(view.text_count[item.end] - view.text_count[item.place] for item in unique)
    share = chars / max(view.text_count[-1], 1)
    noise = sorted(view.noise[item.place] for item in unique)[n // 2]
    slug = sum(slug_score(item.url) for item in unique) / n
    middle = median(widths)
    score = 1.8 * min(log2(n) / 4, 1.25)
    score += 2.0 * cover * uniq + 1.0 * distinct
    score += 1.8 * sum(width in TITLE_CHARS for width in widths) / n
    score += 1.6 * heading + 2.0 * dated + 0.4 * images
    score += 2.2 * min(1.5 * share, 1.0)
    score += 0.8 * sum(item.own_site for item in unique) / n
    score += 1.0 * slug
    score += 0.8 * any(
        view.tags[i] == "main" or view.nodes[i].get("role") == "main" for i in view.up(group.members[0])
    )
    score -= (0.0, 1.6, 3.2)[noise]
    score += 0.8 * (chars / n > 2.0 * middle)
    score -= 1.0 * (median([item.links for item in unique]) > 30)
    score -= 1.5 * (uniq < 0.8)
    score -= 2.0 * (middle < 8)
    if hints.known:
        known = {item.url for item in hints.known}
        score += 4.0 * sum(item.key in known or item.url in known for item in unique) / n
    if hints.listed:
        score += 3.0 * sum(item.key in hints.listed for item in unique) / n
    return Scored(
        group, tuple(unique), frozenset(first), score, dated, heading, share, cover, distinct, noise
    )


def title_width(text: str) -> int:
    """Return how long a title is, where a letter of East Asia counts for two."""
    return len(text) + sum(_LETTERS_OF_TWO[0] <= letter <= _LETTERS_OF_TWO[1] for letter in text)


def is_strong_noise(scored: Scored) -> bool:
    """Tell a group that stands in a menu, a sidebar or a footer."""
    return scored.noise >= STRONG

"""What a healing is: a source's stored articles found again, by new selectors or at another address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from news.dates import Stamp
from news.source import Source, Wrapper
from news.whereabouts import Whereabouts, found_at

ACCEPT_AT_LEAST = 0.85
"""From this confidence on a healing is taken at once; below it waits for a person."""


class Means(StrEnum):
    """What a stored article was recognised by on the redesigned page."""

    ADDRESS = "address"
    PATH = "path"  # the last part of the address, or a number in it: the permalinks changed
    TITLE = "title"


class ItemState(StrEnum):
    """What became of an item through the redesign."""

    RECOGNISED = "recognised"
    NEW = "new"
    OLDER = "older"  # unknown, below the last one that is known: the page shows more than before
    LOST = "lost"  # known, and looked for in vain


@dataclass(frozen=True, kw_only=True, slots=True)
class Seed:
    """A stored article as healing looks for it.

    ``article`` is its key, ``keys`` are the URL keys of all its addresses; ``url`` is the one that is asked for.
    ``title_keys`` are those of its own title and of the one that the listing showed.
    """

    article: str
    url: str
    title: str
    keys: frozenset[str]
    title_keys: frozenset[str] = frozenset()
    published: Stamp | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HealedItem:
    """One row of the table that a person reads: an item of the new page, or a stored one that is not on it.

    ``key`` is the URL key of ``url``. A recognised item says ``by`` what, and names the article and its ``old_url``.
    """

    state: ItemState
    url: str
    title: str
    key: str = ""
    by: Means | None = None
    article: str = ""
    old_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Healing:
    """A new reading of a source, with what speaks for it.

    ``symptom`` is why the old one was doubted. An ``accepted`` one is in use from its own run on; another is a
    proposal. ``recognised`` counts the stored articles that it found, out of ``sought``. ``whereabouts`` are set where
    the source was found again at another address, or by another channel.
    """

    wrapper: Wrapper
    confidence: float
    accepted: bool
    symptom: str
    recognised: int
    sought: int
    reasons: tuple[str, ...] = ()
    items: tuple[HealedItem, ...] = ()
    whereabouts: Whereabouts | None = None

    @property
    def moved(self) -> dict[str, tuple[str, str]]:
        """Return, for items that were recognised at another address, their key's article and its old address."""
        return {
            item.key: (item.article, item.old_url)
            for item in self.items
            if item.state is ItemState.RECOGNISED and item.by is not Means.ADDRESS
        }


def healed(source: Source, healing: Healing) -> Source:
    """Return a source as a healing reads it."""
    return found_at(replace(source, wrapper=healing.wrapper), healing.whereabouts)

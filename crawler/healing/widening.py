"""Item selectors that ask for less: a new item without a teaser or a date is an item all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crawler.channels.passed_over import Alike
from news.entry import Entry
from news.source import Wrapper

MOST_FURTHER = 0.5
"""Further items that a wider selector may find, as a share of those that the narrower one does."""


def widened(wrapper: Wrapper) -> Wrapper:
    """Return the wrapper with item selectors that do not say what an item must hold.

    >>> widened(Wrapper(item=("//li[@class='card'][.//p]", "div.card"))).item
    ("//li[@class='card']", 'div.card')
    """
    return replace(wrapper, item=tuple(dict.fromkeys(map(_without_demand, wrapper.item))))


def _without_demand(selector: str) -> str:
    """Cut ``[.//…]`` from the end of an XPath: what stands inside the item that it finds."""
    if not selector.startswith(("/", "(")) or not selector.endswith("]"):
        return selector
    depth = 0
    for index in range(len(selector) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(selector[index], 0)
        if depth == 0:
            demand = selector[index + 1 :]
            return selector[:index] if demand.startswith(".//") else selector
    return selector


def is_whole(narrow: Sequence[Entry], wide: Sequence[Entry], known: Mapping[str, object]) -> bool:
    """Return whether a wider reading shows the same list, and items of it that the narrower one left out.

    Whatever it finds besides must lead to an address like those of the articles that are known, and the items of the
    narrower reading must all be there, in their order. A slug of one word has a shape of its own: there the title must
    be more than a word of a menu.

    :param known: the stored articles among the narrower reading's entries, by URL key.
    """
    keys = {entry.key for entry in narrow}
    further = [entry for entry in wide if entry.key not in keys]
    if not further or len(further) > MOST_FURTHER * len(narrow):
        return False
    if [entry.key for entry in wide if entry.key in keys] != [entry.key for entry in narrow]:
        return False
    is_alike = Alike(entry.url for entry in narrow if entry.key in known)
    return all(is_alike(entry.url, entry.title) for entry in further)

"""What the old selectors still offer: each alternative of a field tried before the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from news.source import Wrapper

FIELDS = ("item", "link", "title", "date")
"""Fields whose first alternative may match something else after a redesign, in the order in which they are tried."""
MAX_VARIANTS = 16


def variants(wrapper: Wrapper) -> Iterator[Wrapper]:
    """Yield the wrapper with one alternative of one field put first.

    >>> [each.item for each in variants(Wrapper(item=("li", "article"), link=("a",)))]
    [('article', 'li')]
    """
    made = 0
    for name in FIELDS:
        alternatives: tuple[str, ...] = getattr(wrapper, name)
        for chosen in alternatives[1:]:
            if made >= MAX_VARIANTS:
                return
            made += 1
            rest = tuple(each for each in alternatives if each != chosen)
            yield replace(wrapper, **{name: (chosen, *rest)})

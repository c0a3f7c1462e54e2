"""Find stored articles among the entries of a page: by address, by what is left of it, by title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from news.entry import Entry
from news.healing import Means, Seed
from news.text import comparable, title_key, words

TITLES_ALIKE = 0.85
"""Share of common words from which two titles are one, where nothing else speaks for it."""
TITLES_AGREE = 0.6
"""The same, where the address speaks for it already."""
FEW_WORDS = 3
"""A title of fewer words identifies nothing by being like another."""
_MIN_TAIL = 8
_NUMBER = re.compile(r"(?<!\d)\d{3,12}(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_EXTENSION = re.compile(r"\.[A-Za-z]{2,5}\Z")
_ELLIPSIS = ("…", "...", "[…]", "[...]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """A stored article, and what it was recognised by."""

    seed: Seed
    by: Means


def locate(entries: Sequence[Entry], seeds: Sequence[Seed]) -> dict[str, Located]:
    """Return the entries that are stored articles, by URL key; each article once.

    A known address comes first. Then the last part of an address or a number in it that no other entry and no other
    article has, where the titles agree as well; then a title that stands on both sides once.
    """
    found: dict[str, Located] = {}
    taken: set[str] = set()

    def take(entry: Entry, seed: Seed, by: Means) -> None:
        found[entry.key] = Located(seed=seed, by=by)
        taken.add(seed.article)

    by_key = {key: seed for seed in seeds for key in seed.keys}
    for entry in entries:
        seed = by_key.get(entry.key)
        if seed is not None and seed.article not in taken:
            take(entry, seed, Means.ADDRESS)
    left = [seed for seed in seeds if seed.article not in taken]
    strangers = [entry for entry in entries if entry.key not in found]
    tails = _once((mark, seed) for seed in left for mark in marks(seed.url))
    once = Counter(mark for entry in strangers for mark in marks(entry.url))
    for entry in strangers:
        for mark in marks(entry.url):
            seed = tails.get(mark)
            agrees = seed is not None and likeness(entry.title, seed.title) >= TITLES_AGREE
            if seed is not None and agrees and once[mark] == 1 and seed.article not in taken:
                take(entry, seed, Means.PATH)
                break
    _by_title(
        [entry for entry in strangers if entry.key not in found],
        [seed for seed in left if seed.article not in taken],
        take,
    )
    return found


def _by_title(
    entries: Sequence[Entry], seeds: Sequence[Seed], take: Callable[[Entry, Seed, Means], None]
) -> None:
    for entry in entries:
        alike = [seed for seed in seeds if is_namesake(entry.title, seed)]
        others = [
            other for other in entries if other is not entry and alike and is_namesake(other.title, alike[0])
        ]
        if len(alike) == 1 and not others:
            take(entry, alike[0], Means.TITLE)


def is_namesake(title: str, seed: Seed) -> bool:
    """Return whether a title is a stored article's, or as good as the same."""
    if title_key(title) in seed.title_keys:
        return True
    return len(words(seed.title)) >= FEW_WORDS and likeness(title, seed.title) >= TITLES_ALIKE


def likeness(title: str, other: str) -> float:
    """Return how alike two titles are, from 0 to 1: the share of words in common, 1 for one that is cut short.

    >>> (
    ...     likeness("Ministers meet in Rabat", "Rabat: ministers meet"),
    ...     likeness("The old maps of…", "The old maps of Fez"),
    ... )
    (0.75, 1.0)
    """
    first, second = _folded(title), _folded(other)
    for short, long in ((first, second), (second, first)):
        cut = next((short.removesuffix(end).rstrip() for end in _ELLIPSIS if short.endswith(end)), "")
        if len(words(cut)) >= FEW_WORDS and long.startswith(cut):
            return 1.0
    ours, theirs = _word_set(first), _word_set(second)
    return len(ours & theirs) / len(ours | theirs) if ours or theirs else 0.0


@lru_cache(maxsize=4096)
def _folded(title: str) -> str:
    return comparable(title).casefold()


@lru_cache(maxsize=4096)
def _word_set(folded: str) -> frozenset[str]:
    return frozenset(words(folded))


def marks(url: str) -> tuple[str, ...]:
    """Return what of an address may outlive a change of permalinks: its last segment, and numbers that are no years.

    >>> marks("https://a.example/2024/05/old-maps-mended.html"), marks("https://a.example/?p=4711")
    (('old-maps-mended',), ('#4711',))
    """
    parts = urlsplit(url)
    segments = [segment for segment in unquote(parts.path).casefold().split("/") if segment]
    tail = _EXTENSION.sub("", segments[-1]) if segments else ""
    kept = [tail] if len(tail) >= _MIN_TAIL or tail.count("-") >= 2 else []
    numbers = _NUMBER.findall(f"{tail} {parts.query}")
    kept += [f"#{number}" for number in dict.fromkeys(numbers) if not _YEAR.match(number)]
    return tuple(kept)


def _once(pairs: Iterable[tuple[str, Seed]]) -> dict[str, Seed]:
    """Return the marks that belong to one article alone."""
    found: dict[str, Seed] = {}
    twice: set[str] = set()
    for mark, seed in pairs:
        if found.setdefault(mark, seed) is not seed:
            twice.add(mark)
    return {mark: seed for mark, seed in found.items() if mark not in twice}

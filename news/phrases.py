"""The phrases of a text: what near-duplicates have in common, and the bands by which they are found among many.

A text is the set of its overlapping phrases of three words (w-shingling, Broder 1997). Its signature is a MinHash of 64
values by one permutation: each phrase falls into one of 64 bins, and the least of each bin stands for it (Li, Owen and
Zhang 2012); an empty bin borrows from another (optimal densification, Shrivastava 2017). Sixteen bands of four values
are looked up; what two texts really share is then counted, never estimated.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from zlib import crc32

from news.fingerprint import content_tokens
from news.text import UNSPACED

PHRASE_VERSION = 1
"""Raised whenever the same text would get other bands."""

PHRASE_WORDS = 3
BINS = 64
BAND_SIZE = 4
MAX_WORDS = 2_000
"""Words of a text that are looked at: what begins alike for so long tells the same."""
MIN_WORDS = 24
"""A shorter text is no evidence: half of it may be the words that every brief opens with."""

MIN_PHRASES = 20
"""Fewer different phrases are no evidence either: the same line twelve times over is one line."""

_MIX = 0x9E3779B97F4A7C15  # Knuth's multiplicative hashing: CRCs of like phrases lie close together
_WORD = (1 << 64) - 1


def telling_words(text: str) -> list[str]:
    """Return the first words of a text in their order and case, as far as they are compared.

    >>> telling_words("L’ICESCO won 1,250 €. 新闻")
    ['L', 'ICESCO', 'won', '1,250', '€', '新', '闻']
    """
    words = content_tokens(text[: MAX_WORDS * 20])
    if UNSPACED.search(text):  # each character stands for a word
        words = [part for word in words for part in (word if UNSPACED.search(word) else (word,))]
    return words[:MAX_WORDS]


def phrases(words: Sequence[str]) -> frozenset[int]:
    """Return the hashes of all runs of three words, in any case.

    >>> len(phrases("one two three four".split())), len(phrases(["one"]))
    (2, 0)
    """
    folded = [word.casefold() for word in words]
    runs = zip(folded, folded[1:], folded[2:], strict=False)
    return frozenset([crc32(f"{a} {b} {c}".encode(errors="replace")) for a, b, c in runs])


def likeness(one: Collection[int], other: Collection[int]) -> float:
    """Return which share of the phrases of two texts both have (Jaccard), between 0 and 1.

    >>> likeness({1, 2, 3}, {2, 3, 4})
    0.5
    """
    together = set(one) | set(other)
    return (len(one) + len(other) - len(together)) / len(together) if together else 0.0


def bands(of: Collection[int]) -> tuple[int, ...]:
    """Return sixteen 44-bit numbers; texts that share a share J of their phrases have one in common with a probability
    near ``1 - (1 - J**4)**16``: 0.64 for half, 0.95 for two thirds. A text without phrases has none.
    """
    if not of:
        return ()
    least = _filled(_least(of))
    return tuple(_band(start, least[start : start + BAND_SIZE]) for start in range(0, BINS, BAND_SIZE))


def _least(of: Collection[int]) -> list[int | None]:
    least: list[int | None] = [None] * BINS
    for phrase in of:
        value = (phrase * _MIX) & _WORD
        place = value >> 58
        before = least[place]
        if before is None or value < before:
            least[place] = value
    return least


def _filled(least: Sequence[int | None]) -> list[int]:
    """Give each empty bin the value of one that is not, chosen by the bin alone: two texts borrow alike."""
    filled: list[int] = []
    for place in range(BINS):
        lender, attempt = least[place], 0
        while lender is None:
            attempt += 1
            lender = least[crc32(b"%d %d" % (place, attempt)) % BINS]
        filled.append(lender)
    return filled


def _band(start: int, values: Sequence[int]) -> int:
    mixed = start + 1
    for value in values:
        mixed = ((mixed ^ value) * _MIX) & _WORD
        mixed ^= mixed >> 29
    return mixed >> 20

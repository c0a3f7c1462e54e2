"""A vocabulary drawn from by Zipf's law, for archives whose words are as frequent as those of a language."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate

VOCABULARY = 300_000
LETTERS, VOWELS = "bcdfghjklmnpqrstvwxz", "aeiou"


@dataclass(frozen=True, kw_only=True)
class Words:
    """A vocabulary, the most frequent word first; ``weights`` are cumulated."""

    words: list[str]
    weights: list[float]

    def some(self, rng: random.Random, count: int) -> list[str]:
        """Return words as a text has them."""
        return rng.choices(self.words, cum_weights=self.weights, k=count)


def made_words() -> Words:
    """Return the vocabulary, the same each time: the word of rank r has the weight 1 / (r + 8)."""
    return Words(
        words=[word_of(rank) for rank in range(VOCABULARY)],
        weights=list(accumulate(1 / (rank + 8) for rank in range(VOCABULARY))),
    )


def word_of(rank: int) -> str:
    """Return the word of a rank: letters only, so that it is folded to itself.

    >>> word_of(0), word_of(25)
    ('ba', 'hace')
    """
    word = ""
    while rank or not word:
        rank, letter = divmod(rank, len(LETTERS))
        word += LETTERS[letter] + VOWELS[letter % len(VOWELS)]
    return word

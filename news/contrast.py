"""What keeps two texts apart that share most of their words: they tell of different things in the same form.

The forum of this year is told in the words of last year's, one ambassador's visit in those of another's, the third
conference in those of the second. What differs then is a number, a year or a name, and it differs on both sides: a copy
that was cut, lengthened or corrected lacks something, but does not say another thing in its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from news.ordinals import figures_of, number_of, numbers_of
from news.phrases import telling_words

Ground = Literal["title", "years", "numbers", "names"]

OF_ALL_NUMBERS = 0.25
"""Which share of all numbers either side must have for itself."""
OF_ALL_NAMES = 0.2
SEVERAL_NAMES = 3
TOLD_OFTEN = 2
"""How often a text says a name that it is about."""
TOLD_OFTEN_CASELESS = 3
"""The same where no capital tells a name from any other word."""
RELATED_TITLES = 0.34
"""Which share of a title's words the other title or text must say; below, both may be one notice under many titles."""
SHORTEST_NAME = 3
LONGEST_NAME = 60
MAX_TITLE = 500
"""Characters of a title that are compared."""
MAX_TEXT = 40_000
"""Characters of a text that are searched for names."""

_PIECES = re.compile(r"(?P<word>[^\W\d_]+)|[.!?:\n؟«“\"]")
_CONSONANTS = re.compile("[^aeiouy]")
_ARABIC_PREFIX = re.compile("^(?:[وفبك]?ال|[وف]?لل|[وفبلك](?=[\u0621-\u064a]{4}))(?=[\u0621-\u064a]{3})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Contrast:
    """What one article says where another says something else: on which ground, and the words of both."""

    ground: Ground
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """An article as it is contrasted: the words of its title and text, its numbers and its names.

    ``counts`` are the text's words in one case, Arabic ones without their articles; ``names`` are those of them that
    bear a capital inside of a sentence.
    """

    title: tuple[str, ...]
    title_numbers: frozenset[str]
    counts: Mapping[str, int]
    figures: frozenset[str]
    numbers: frozenset[str]
    names: Mapping[str, int]
    has_case: bool

    @property
    def years(self) -> frozenset[str]:
        """Return the years that title and text speak of."""
        return frozenset(each for each in self.figures if len(each) == 4 and "1900" <= each < "2100")


def said(title: str, body_text: str, words: Sequence[str] | None = None) -> Said:
    """Return what an article says, as `contrast` compares it; ``words`` are those of its text, if they are at hand."""
    heading = telling_words(title[:MAX_TITLE])
    words = telling_words(body_text) if words is None else words
    names = names_in(body_text)
    return Said(
        title=tuple(bare(word) for word in heading if not number_of(word)),
        title_numbers=numbers_of(heading),
        counts=Counter(map(bare, words)),
        figures=figures_of(words) | figures_of(heading),
        numbers=numbers_of(words) | numbers_of(heading),
        names=names,
        has_case=2 * sum(word[:1].islower() for word in words) > len(words),
    )


def contrast(ours: Said, theirs: Said) -> Contrast | None:
    """Return the first ground on which two like articles tell different things, None if there is none.

    >>> text = "The Director received the ambassador of {0} in Rabat. He praised the ties with {0} and its schools."
    >>> pair = [
    ...     said(f"Director receives ambassador of {each}", text.format(each))
    ...     for each in ("Austria", "Mexico")
    ... ]
    >>> contrast(*pair)
    Contrast(ground='title', ours=('austria',), theirs=('mexico',))
    """
    return _titles(ours, theirs) or _years(ours, theirs) or _numbers(ours, theirs) or _names(ours, theirs)


def bare(word: str) -> str:
    """Return a word in one case, without accents and, in Arabic, without vowels, article and particles.

    >>> bare("Élèves"), bare("والنمسا") == bare("النمسا")
    ('eleves', True)
    """
    folded = word.casefold()
    if folded.isascii():
        return folded
    if "\u0600" <= folded[0] <= "\u06ff":
        folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
        return _ARABIC_PREFIX.sub("", folded.translate(_ARABIC_LETTERS))
    parts = unicodedata.normalize("NFD", folded)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


_ARABIC_LETTERS = str.maketrans("أإآىة", "ااايه")


def names_in(text: str) -> Counter[str]:
    """Return how often each word with a capital stands inside of a sentence.

    >>> sorted(names_in("The envoy of Mexico left. Many in Rabat saw Mexico’s envoy"))
    ['mexico', 'rabat']
    """
    found: Counter[str] = Counter()
    starts = True
    for piece in _PIECES.finditer(text[:MAX_TEXT]):
        word = piece["word"]
        if word is None:
            starts = True
            continue
        if not starts and word[0].isupper() and SHORTEST_NAME <= len(word) <= LONGEST_NAME:
            found[bare(word)] += 1
        starts = False
    return found


def _titles(ours: Said, theirs: Said) -> Contrast | None:
    our_numbers = ours.title_numbers - theirs.title_numbers
    their_numbers = theirs.title_numbers - ours.title_numbers
    if (our_numbers and their_numbers) or (our_numbers - theirs.numbers) or (their_numbers - ours.numbers):
        return _contrast("title", our_numbers, their_numbers)
    our_words, their_words = _apart(set(ours.title), set(theirs.title))
    # A word counts that its own text goes on about and the other article never says.
    our_words = {word for word in our_words if _says(ours, word) and not _says(theirs, word)}
    their_words = {word for word in their_words if _says(theirs, word) and not _says(ours, word)}
    if our_words and their_words:
        return _contrast("title", our_words, their_words)
    if _unrelated(ours, theirs) and _unrelated(theirs, ours):
        return _contrast("title", set(ours.title), set(theirs.title))
    return None


def _years(ours: Said, theirs: Said) -> Contrast | None:
    """Compare the years: what was founded in 1998 and is held in 2025 is not what was held in 2023."""
    our_years, their_years = ours.years - theirs.years, theirs.years - ours.years
    if our_years and their_years:
        return _contrast("years", our_years, their_years)
    return None


def _numbers(ours: Said, theirs: Said) -> Contrast | None:
    our_figures, their_figures = ours.figures - theirs.figures, theirs.figures - ours.figures
    least = min(len(our_figures), len(their_figures))
    if least and least >= OF_ALL_NUMBERS * len(ours.figures | theirs.figures):
        return _contrast("numbers", our_figures, their_figures)
    return None


def _names(ours: Said, theirs: Said) -> Contrast | None:
    our_names, their_names = _apart(_unsaid(ours, theirs), _unsaid(theirs, ours))
    often = TOLD_OFTEN if ours.has_case and theirs.has_case else TOLD_OFTEN_CASELESS
    our_often = {name for name in our_names if ours.counts[name] >= often}
    their_often = {name for name in their_names if theirs.counts[name] >= often}
    if our_often and their_often:
        return _contrast("names", our_often, their_often)
    least = min(len(our_names), len(their_names))
    together = len(set(ours.names) | set(theirs.names))
    if ours.names and theirs.names and least >= max(SEVERAL_NAMES, OF_ALL_NAMES * together):
        return _contrast("names", our_names, their_names)
    return None


def _unsaid(ours: Said, theirs: Said) -> set[str]:
    """Return our names that the other article never says; where there are no capitals, any longer word may be one."""
    if ours.has_case:
        candidates: Iterable[str] = ours.names
    else:
        candidates = [
            word
            for word, count in ours.counts.items()
            if len(word) >= SHORTEST_NAME and count >= TOLD_OFTEN_CASELESS
        ]
    title = set(theirs.title)
    return {word for word in candidates if word not in theirs.counts and word not in title}


def _says(said_: Said, word: str) -> bool:
    """Return whether a text says a word, or one that begins like it: Austria and Austrian."""
    if word in said_.counts:
        return True
    stem = word[: max(4, len(word) - 2)]
    return len(word) >= 4 and any(other.startswith(stem) for other in said_.counts)


def _unrelated(ours: Said, theirs: Said) -> bool:
    """Return whether the other title and text speak of hardly anything that our title announces."""
    words = {word for word in ours.title if len(word) >= SHORTEST_NAME}
    spoken = [word for word in words if word in theirs.title or _says(theirs, word)]
    return bool(words) and len(spoken) < RELATED_TITLES * len(words)


def _apart(ours: set[str], theirs: set[str]) -> tuple[set[str], set[str]]:
    """Return what either has for itself, spellings of one name left out: Al-Malik and AlMalik, Benarafa and Benarfa."""
    ours, theirs = ours - theirs, theirs - ours
    our_forms, their_forms = _forms(ours), _forms(theirs)
    return (
        {word for word in ours if not _is_spelled(word, their_forms)},
        {word for word in theirs if not _is_spelled(word, our_forms)},
    )


def _forms(words: Iterable[str]) -> dict[str, set[int]]:
    """Return the lengths of the names that share their consonants."""
    forms: dict[str, set[int]] = {}
    for consonants, length in map(_skeleton, words):
        forms.setdefault(consonants, set()).add(length)
    return forms


def _skeleton(word: str) -> tuple[str, int]:
    """Return what spellings of one Latin name share: its consonants, without the Arabic article; and its length."""
    if not word.isascii():
        return word, 0
    name = word[2:] if word[:2] in ("al", "el") and len(word) > 5 else word
    return "".join(_CONSONANTS.findall(name)), len(name)


def _is_spelled(word: str, others: Mapping[str, set[int]]) -> bool:
    """Return whether one of the others differs in no more than one vowel: Niger is not Nigeria."""
    consonants, length = _skeleton(word)
    return bool(others.get(consonants, set()) & {length - 1, length, length + 1})


def _contrast(ground: Ground, ours: Iterable[str], theirs: Iterable[str]) -> Contrast:
    return Contrast(ground=ground, ours=tuple(sorted(ours)), theirs=tuple(sorted(theirs)))

"""Folding a text to the words by which it is found: what people type differently and mean alike becomes equal.

Folding only ever compares: its result is indexed and matched, never shown. The search index of a database holds it, so
a change here needs a migration that indexes anew.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from news.text import UNSPACED, normalise_text

LONGEST = 64
"""Characters of a word that count; PostgreSQL takes no longer ones than 2,046 bytes, and nobody types them."""

# Marks that are spelling aids in their scripts, so that a text is found without them: Latin, Greek, Cyrillic, Hebrew,
# Arabic (tashkeel, hamza above and below, Quranic signs). Those of Indic scripts, Thai and kana are letters' parts.
_AIDS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe20-\ufe2f"
)
_DROPPED = re.compile(f"[{_AIDS}\u0640\u200c\u200d\ufe0e\ufe0f]")
_LETTERS = str.maketrans(
    {
        # What Unicode does not take apart.
        "œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i",
        # Arabic, and the letters that Persian and Urdu keyboards have in their place.
        "ٱ": "ا", "ٲ": "ا", "ٳ": "ا", "ة": "ه", "ۃ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ى": "ي", "ی": "ي",
        "ې": "ي", "ک": "ك",
        **dict.fromkeys("‘’‛′`´ʼʻʹʽˈ＇", "'"),
    }
)  # fmt: skip
_DIGITS = str.maketrans(
    {
        chr(code): str(unicodedata.decimal(chr(code)))
        for code in range(0x80, 0x1FBFA)
        if unicodedata.category(chr(code)) == "Nd"
    }
)

_LETTER = r"[^\W_]"
_MARKS = "".join(
    chr(code)
    for code in range(0x900, 0x3100)
    if unicodedata.category(chr(code)).startswith("M") and not re.match(f"[{_AIDS}]", chr(code))
)
_PIECE = re.compile(rf"(?:{_LETTER}[{_MARKS}]*)+(?:'(?:{_LETTER}[{_MARKS}]*)+)*")
"""Letters and digits with the marks that belong to them, and with apostrophes between them."""
_GRAPHEME = re.compile(rf"(?:{UNSPACED.pattern})[{_MARKS}]*|[^{UNSPACED.pattern[1:-1]}]+")

# What stands before an apostrophe and is no word of its own: French, Italian and Catalan articles, pronouns, particles.
_ELIDED = frozenset(
    "l d j m t s n c qu jusqu lorsqu puisqu quoiqu quelqu presqu dell all nell sull dall un".split()
)
_POSSESSIVE = frozenset({"s"})
_ALLAH = re.compile("[وفبكت]?(?:الله|لله)")
_ARTICLE = re.compile("(?:ال(?=..)|(?:[وف][بك]?|[بك])ال(?=...)|[وف]?لل(?=...))")


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """A text's words in order, and the single characters of it that are written without spaces between words.

    There each two neighbouring characters make a word, so that whatever is typed finds them as a row of such pairs.
    """

    words: tuple[str, ...]
    characters: frozenset[str] = frozenset()


def fold(text: str) -> Folded:
    """Return the words by which a text is found, in order.

    Letters lose their case, accents and ligatures; Arabic its vowel signs and tatweel, the forms of alef, of ta marbuta
    and alef maqsura, the carriers of hamza and the attached article; French what is elided before an apostrophe; digits
    of every script become ASCII. Chinese, Japanese, Thai and the like are taken by pairs of characters.

    >>> fold("L'École, œuvre n° 1,250").words
    ('ecole', 'oeuvre', 'n', '1', '250')
    >>> fold("والمدرسةُ ٢٠٢٦").words == fold("مدرسه 2026").words
    True
    >>> fold("新闻中心").words
    ('新闻', '闻中', '中心')
    """
    found: list[str] = []
    characters: set[str] = set()
    for piece in _PIECE.findall(folded_letters(text)):
        if UNSPACED.search(piece):  # there an apostrophe is a quotation mark
            for part in filter(None, piece.split("'")):
                _take_apart(part, found, characters)
        elif "'" in piece:
            found += _unelided(piece)
        elif piece.isascii():
            found.append(piece[:LONGEST])
        else:
            found.append(_without_article(piece)[:LONGEST])
    return Folded(words=tuple(found), characters=frozenset(characters))


def folded_letters(text: str) -> str:
    """Return a text letter by letter as folding makes it, before words are looked for.

    >>> folded_letters("Élève İSTANBUL Straße أُمّة")
    'eleve istanbul strasse امه'
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    text = unicodedata.normalize("NFKC", normalise_text(text)).casefold().translate(_LETTERS)
    text = _DROPPED.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", text).translate(_LETTERS).translate(_DIGITS)


def _unelided(piece: str) -> Iterable[str]:
    """Yield the words of a piece with apostrophes, without what is elided before and the genitive's s behind."""
    parts = piece.split("'")
    last = len(parts) - 1
    for number, part in enumerate(parts):
        is_elided = number < last and part in _ELIDED
        is_genitive = number == last and part in _POSSESSIVE
        if not (is_elided or is_genitive):
            yield _without_article(part)[:LONGEST]


@lru_cache(maxsize=65536)
def _without_article(word: str) -> str:
    """Return an Arabic word without ``ال``, also where ``و ف ب ك ل`` stand before it; another word as it is."""
    if _ALLAH.fullmatch(word):
        return "الله"
    article = _ARTICLE.match(word)
    return word[article.end() :] if article else word


def _take_apart(piece: str, found: list[str], characters: set[str]) -> None:
    """Add a piece that is written without spaces: each two neighbours, and letters of other scripts whole."""
    run: list[str] = []
    for part in [*_GRAPHEME.findall(piece), ""]:
        if UNSPACED.search(part):
            run.append(part[:LONGEST])
            continue
        characters.update(run)
        found += [first + second for first, second in pairwise(run)] or run
        run = []
        if part:
            found.append(_without_article(part)[:LONGEST])


def holds(text: Folded, phrase: Sequence[str]) -> bool:
    """Return whether the words of a phrase stand in a text, side by side and in its order.

    >>> holds(fold("The École normale of Tunis"), fold("ecole NORMALE").words)
    True
    >>> holds(fold("新闻中心"), fold("闻").words)
    True
    """
    if len(phrase) == 1:
        return phrase[0] in text.characters or phrase[0] in text.words
    size, words, wanted = len(phrase), text.words, tuple(phrase)
    if not phrase:
        return False
    start = -1
    while True:
        try:
            start = words.index(wanted[0], start + 1)
        except ValueError:
            return False
        if words[start : start + size] == wanted:
            return True

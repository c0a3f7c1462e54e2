"""Numbers as titles spell them: second, 2nd, deuxième, IIe, الثاني are one number."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ORDINALS: dict[str, str] = {
    word: str(number)
    for number, words in enumerate(
        (
            "first premier première الأول الأولى أول أولى",
            "second deuxième seconde two deux الثاني الثانية ثاني ثانية",
            "third troisième three trois الثالث الثالثة ثالث ثالثة",
            "fourth quatrième four quatre الرابع الرابعة رابع رابعة",
            "fifth cinquième five cinq الخامس الخامسة خامس خامسة",
            "sixth sixième six السادس السادسة سادس سادسة",
            "seventh septième seven sept السابع السابعة سابع سابعة",
            "eighth huitième eight huit الثامن الثامنة ثامن ثامنة",
            "ninth neuvième nine neuf التاسع التاسعة تاسع تاسعة",
            "tenth dixième ten dix العاشر العاشرة عاشر عاشرة",
            "eleventh onzième eleven onze",
            "twelfth douzième twelve douze",
            "thirteenth treizième",
            "fourteenth quatorzième",
            "fifteenth quinzième",
            "sixteenth seizième",
            "seventeenth dix-septième",
            "eighteenth dix-huitième",
            "nineteenth dix-neuvième",
            "twentieth vingtième",
        ),
        start=1,
    )
    for word in words.split()
}
_SUFFIXED = re.compile(r"(\d{1,3})(?:st|nd|rd|th|er|re|ère|e|è|ème|éme|eme|nde?|º|ª)", re.IGNORECASE)
_ROMAN = re.compile(r"(?=[IVX]{2})(X{0,3})(IX|IV|V?I{0,3})(?:e|ème|th)?")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_SEPARATED = re.compile(r"[,.٬](?=\d{3}(?!\d))")


def number_of(word: str) -> str:
    """Return the number that a word says, in digits; empty where it says none.

    >>> [number_of(word) for word in "Second 3ème XIIe 1,250 الثالث 9001:2015 forum".split()]
    ['2', '3', '12', '1250', '3', '9001:2015', '']
    """
    if word[:1].isdigit():
        suffixed = _SUFFIXED.fullmatch(word)
        return suffixed[1] if suffixed else _SEPARATED.sub("", word)
    if roman := _ROMAN.fullmatch(word):
        return str(_value(roman[1] + roman[2]))
    return _ORDINALS.get(word.casefold(), "")


def numbers_of(words: Iterable[str]) -> frozenset[str]:
    """Return all numbers that some words say."""
    return frozenset(filter(None, map(number_of, words)))


def figures_of(words: Iterable[str]) -> frozenset[str]:
    """Return the numbers among some words that are written in digits.

    >>> sorted(figures_of("the second 1,250 in 2023".split()))
    ['1250', '2023']
    """
    return frozenset(number_of(word) for word in words if word[:1].isdigit())


def _value(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))

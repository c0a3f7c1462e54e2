"""Which news a reader wants by its words: some of which one must stand in it, others that must not. No patterns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from news.errors import ConfigError
from news.folding import Folded, fold, holds
from news.text import normalise_title

Part = Literal["title", "body"]
PARTS: tuple[Part, ...] = ("title", "body")
MOST_CHARACTERS = 200
MOST_RULES = 100
"""Rules of one filter, included and excluded ones together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """Why something is told: the rule as it was written, and the part in which its words stand."""

    words: str
    part: Part


@dataclass(frozen=True, kw_only=True, slots=True)
class WordRule:
    """Folded words that stand side by side in the title, in the body, or in either of them."""

    text: str
    phrase: tuple[str, ...]
    part: Part | None = None

    def found_in(self, title: Folded, body: Folded) -> Part | None:
        """Return the part in which the words stand, the title first; None where they do not."""
        for part, text in (("title", title), ("body", body)):
            if self.part in (None, part) and holds(text, self.phrase):
                return "title" if part == "title" else "body"
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class WordFilter:
    """What lets news in: any of ``include``, everything where there is none, unless one of ``exclude`` stands in it."""

    include: tuple[WordRule, ...] = ()
    exclude: tuple[WordRule, ...] = ()

    def __bool__(self) -> bool:
        """Return whether it asks for anything."""
        return bool(self.include or self.exclude)

    def judge(self, title: str, body: str) -> tuple[bool, Matched | None]:
        """Return whether a text is let in, and by which rule; by none where none must let it in."""
        folded = fold(title), fold(body)
        if any(rule.found_in(*folded) for rule in self.exclude):
            return False, None
        for rule in self.include:
            part = rule.found_in(*folded)
            if part is not None:
                return True, Matched(words=rule.text, part=part)
        return not self.include, None


def word_filter(include: Sequence[str] = (), exclude: Sequence[str] = ()) -> WordFilter:
    """Return the filter that these rules make.

    Raises:
        ConfigError: one of them cannot be read, or they are too many.
    """
    if len(include) + len(exclude) > MOST_RULES:
        raise ConfigError(f"words: more than {MOST_RULES} rules; make several subscriptions of them")
    return WordFilter(
        include=tuple(map(word_rule, include)),
        exclude=tuple(map(word_rule, exclude)),
    )


def word_rule(text: str) -> WordRule:
    """Return the rule that a person wrote: words that stand side by side, after ``title:`` or ``body:`` if only there.

    Raises:
        ConfigError: it has no word, or is too long.

    >>> word_rule("title: L’eau potable")
    WordRule(text='title: L’eau potable', phrase=('eau', 'potable'), part='title')
    """
    told = normalise_title(text.replace(";", " "))  # it stands between rules where people read them
    if len(told) > MOST_CHARACTERS:
        raise ConfigError(f"words: a rule is longer than {MOST_CHARACTERS} characters; write fewer words")
    part, words = _part_of(told)
    phrase = fold(words).words
    if not phrase:
        raise ConfigError(f"words: {told!r} has no word; write one with letters or digits")
    return WordRule(text=told, phrase=phrase, part=part)


def checked(rules: Iterable[str]) -> tuple[str, ...]:
    """Return rules as they are kept: in their stored form, each once.

    Raises:
        ConfigError: one of them cannot be read.
    """
    return tuple(dict.fromkeys(word_rule(rule).text for rule in rules))


def _part_of(text: str) -> tuple[Part | None, str]:
    for part in PARTS:
        if text[: len(part) + 1].lower() == f"{part}:":
            return part, text[len(part) + 1 :]
    return None, text

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
AND = " + "
"""Stands in a rule between words that must all be there, wherever each of them is."""
MOST_CHARACTERS = 1_200
"""A search becomes one rule (`news.search_query.rules_of`)."""
MOST_RULES = 100
"""Rules of one filter, included and excluded ones together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """Why something is told: the rule as it was written, and the part in which its words stand.

    The part is the title where all of them stand there.
    """

    words: str
    part: Part


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """Folded words that stand side by side in the title, in the body, or in either of them."""

    phrase: tuple[str, ...]
    part: Part | None = None

    def found_in(self, title: Folded, body: Folded) -> Part | None:
        """Return the part in which the words stand, the title first; None where they do not."""
        for part, text in (("title", title), ("body", body)):
            if self.part in (None, part) and holds(text, self.phrase):
                return "title" if part == "title" else "body"
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class WordRule:
    """One rule as it was written, and its terms, all of which must be there."""

    text: str
    terms: tuple[Term, ...]

    @property
    def meaning(self) -> list[tuple[str, tuple[str, ...]]]:
        """What it asks for, the same for every spelling and order of it."""
        return sorted({(term.part or "", term.phrase) for term in self.terms})

    def found_in(self, title: Folded, body: Folded) -> Part | None:
        """Return the part in which all terms stand, the body where they stand in both; None where one does not."""
        found = set()
        for term in self.terms:
            part = term.found_in(title, body)
            if part is None:
                return None
            found.add(part)
        return "body" if "body" in found else "title"


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

    Between `AND` each part is for itself, and all must be there; one without a word asks for nothing.

    Raises:
        ConfigError: it has no word, or is too long.

    >>> word_rule("title: L’eau potable + oasis").terms
    (Term(phrase=('eau', 'potable'), part='title'), Term(phrase=('oasis',), part=None))
    """
    told = normalise_title(text.replace(";", " "))  # it stands between rules where people read them
    if len(told) > MOST_CHARACTERS:
        raise ConfigError(f"words: a rule is longer than {MOST_CHARACTERS} characters; write fewer words")
    terms = tuple(term for each in told.split(AND) if (term := _term(each)).phrase)
    if not terms:
        raise ConfigError(f"words: {told!r} has no word; write one with letters or digits")
    return WordRule(text=told, terms=terms)


def checked(rules: Iterable[str]) -> tuple[str, ...]:
    """Return rules as they are kept: in their stored form, each once.

    Raises:
        ConfigError: one of them cannot be read.
    """
    return tuple(dict.fromkeys(word_rule(rule).text for rule in rules))


def checked_section(name: str) -> str:
    """Return the name of a section as a filter keeps it.

    Raises:
        ConfigError: it has no word, or is too long.
    """
    told = normalise_title(name.replace(";", " "))
    if len(told) > MOST_CHARACTERS or not fold(told).words:
        raise ConfigError(f"section {told[:40]!r}: write its name as the site does, with letters or digits")
    return told


def _term(text: str) -> Term:
    part, words = _part_of(text)
    return Term(phrase=fold(words).words, part=part)


def _part_of(text: str) -> tuple[Part | None, str]:
    text = text.strip()
    for part in PARTS:
        if text[: len(part) + 1].lower() == f"{part}:":
            return part, text[len(part) + 1 :]
    return None, text

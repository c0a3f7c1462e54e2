"""What an edit changed: the words that went and came, and how much they matter."""

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from news.cosmetic import arabic_folded, without_broken_letters
from news.difference import Budget, opcodes
from news.fingerprint import content_fingerprint, content_tokens, exact_digest
from news.text import WORD_PATTERN, comparable, taken_apart

Op = Literal["same", "removed", "added"]

MINOR_WORDS = 3
MINOR_SHARE = 0.02
"""A minor edit changes at most three words, and at most 2 % of the longer text (one word is always few)."""

_PIECES = re.compile(rf"(?:{WORD_PATTERN}|[^\w\s]|_)\s*|\s+")
_PARAGRAPHS = re.compile(r"[^\n]*\n+|[^\n]+")
_WORD = re.compile(WORD_PATTERN)
_SENTENCE_END = re.compile(r"[.!?؟:\n\"]\s*\Z")
_NEGATIONS = frozenset(
    "no not never none nor neither without cannot ne n pas non jamais aucun aucune ni sans nul nulle t "
    "لا لم لن ليس ليست ليسوا غير بدون دون بلا عدم كلا 不 没 沒 未 非 无 無 否 勿 莫".split()
)


class EditClass(StrEnum):
    """How much an edit matters to a reader."""

    NONE = "none"
    COSMETIC = "cosmetic"
    MINOR = "minor"
    SUBSTANTIVE = "substantive"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that stayed, went or came."""

    op: Op
    text: str


def redline(old: str, new: str) -> tuple[Span, ...]:
    """Return the difference of two texts, word by word, with removals before what replaced them.

    Joining what is ``same`` or ``added`` gives exactly ``new``; ``same`` or ``removed`` gives exactly ``old``.
    It takes bounded time, whatever the texts are (`news.difference`); what would cost too much to compare is told as
    removed and added.

    >>> [(span.op, span.text) for span in redline("held in Fez today", "held in Rabat today")]
    [('same', 'held in '), ('removed', 'Fez '), ('added', 'Rabat '), ('same', 'today')]
    """
    return tuple(_merged(_compared(old, new)))


def edit_class(old_title: str, old_body: str, new_title: str, new_body: str) -> EditClass:
    """Return how much an edit matters.

    ``none``: the stored forms are equal. ``cosmetic``: only typography, punctuation, optional signs of Arabic
    or letters that an encoding had broken (`news.cosmetic`). ``minor``: few words
    (`MINOR_WORDS`, `MINOR_SHARE`), and among them no number or symbol, no negation, and no capitalised word other than
    the first of a sentence; or only the case of words changed. Everything else is ``substantive``, a new order too.
    Arabic has no capitals: there a changed name counts as a changed word. Where words are written without spaces, each
    character counts as one.

    >>> edit_class("Title", "The forum was held in Fez.", "Title", "The forum was held in Rabat.").value
    'substantive'
    >>> edit_class("Title", "They recieved him.", "Title", "They received him.").value
    'minor'
    """
    if exact_digest(old_title, old_body) == exact_digest(new_title, new_body):
        return EditClass.NONE
    old_title, new_title = map(arabic_folded, without_broken_letters(old_title, new_title))
    old_body, new_body = map(arabic_folded, without_broken_letters(old_body, new_body))
    if content_fingerprint(old_title, old_body) == content_fingerprint(new_title, new_body):
        return EditClass.COSMETIC
    # The separator is no token: a word that moves between title and body breaks the order.
    old = [*_tokens(old_title), "\n", *_tokens(old_body)]
    new = [*_tokens(new_title), "\n", *_tokens(new_body)]
    removed, added = _difference(old, new), _difference(new, old)
    if not _same_order(old, new, removed.keys() | added.keys()):
        return EditClass.SUBSTANTIVE
    starters = _sentence_starters(f"{old_title}\n{old_body}") | _sentence_starters(f"{new_title}\n{new_body}")
    if any(
        _matters(word, starters) for word in _changed_spellings(old, removed) | _changed_spellings(new, added)
    ):
        return EditClass.SUBSTANTIVE
    allowed = min(MINOR_WORDS, max(1, int(max(len(old), len(new)) * MINOR_SHARE)))
    return EditClass.MINOR if max(removed.total(), added.total()) <= allowed else EditClass.SUBSTANTIVE


def _tokens(text: str) -> list[str]:
    return taken_apart(content_tokens(text))


def _matters(word: str, starters: frozenset[str]) -> bool:
    telling = any(character.isnumeric() for character in word) or not any(
        character.isalpha() for character in word
    )
    name = word[0].isupper() and word not in starters
    return telling or name or word.casefold() in _NEGATIONS


def _sentence_starters(text: str) -> frozenset[str]:
    """Return the capitalised words that stand only where a capital says nothing: at the start of a sentence."""
    starts: set[str] = set()
    inside: set[str] = set()
    position = 0
    for match in _WORD.finditer(comparable(text)):
        if match[0][0].isupper():
            first = position == 0 or _SENTENCE_END.search(match.string[position : match.start()]) is not None
            (starts if first else inside).add(match[0].partition("'")[0])
        position = match.end()
    return frozenset(starts - inside)


def _difference(these: list[str], those: list[str]) -> Counter[str]:
    """Return the words that one text has more often than the other, whatever their case."""
    return Counter(map(str.casefold, these)) - Counter(map(str.casefold, those))


def _changed_spellings(text: list[str], changed: Counter[str]) -> set[str]:
    return {word for word in text if word.casefold() in changed}


def _same_order(old: list[str], new: list[str], changed: AbstractSet[str]) -> bool:
    """Return whether the words that did not change stand in the same order; whatever moves may change the sense."""
    kept = ([key for word in words if (key := word.casefold()) not in changed] for words in (old, new))
    return next(kept) == next(kept)


def _compared(old: str, new: str) -> Iterator[tuple[Op, str]]:
    """Compare words or, where that costs too much at once, whole lines first, and then words where lines differ."""
    budget = Budget()
    old_pieces, new_pieces = _pieces(old), _pieces(new)
    if budget.affords(_keys(old_pieces), _keys(new_pieces)):
        yield from _by_keys(old_pieces, new_pieces, budget)
        return
    old_lines, new_lines = _PARAGRAPHS.findall(old), _PARAGRAPHS.findall(new)
    for tag, i1, i2, j1, j2 in opcodes(old_lines, new_lines, budget):
        if tag == "equal":
            yield from (("same", line) for line in old_lines[i1:i2])
            continue
        removed, added = "".join(old_lines[i1:i2]), "".join(new_lines[j1:j2])
        yield from _by_keys(_pieces(removed), _pieces(added), budget)


def _by_keys(old: list[str], new: list[str], budget: Budget) -> Iterator[tuple[Op, str]]:
    """Compare pieces by their words; white space behind equal words is compared apart, so that it moves no word."""
    old_keys, new_keys = _keys(old), _keys(new)
    for tag, i1, i2, j1, j2 in opcodes(old_keys, new_keys, budget):
        if tag != "equal":
            yield from (("removed", piece) for piece in old[i1:i2])
            yield from (("added", piece) for piece in new[j1:j2])
            continue
        for before, after, key in zip(old[i1:i2], new[j1:j2], old_keys[i1:i2], strict=True):
            if before == after:
                yield "same", before
            else:
                yield "same", key
                yield "removed", before[len(key) :]
                yield "added", after[len(key) :]


def _pieces(text: str) -> list[str]:
    return taken_apart(_PIECES.findall(text))


def _keys(pieces: list[str]) -> list[str]:
    return [piece.rstrip() for piece in pieces]


def _merged(pieces: Iterator[tuple[Op, str]]) -> Iterator[Span]:
    """Join neighbours of one kind, and within one change put what went before what came."""
    same: list[str] = []
    removed: list[str] = []
    added: list[str] = []
    for op, text in pieces:
        if op == "same":
            if removed or added:
                yield from _spans(same, removed, added)
                same, removed, added = [], [], []
            same.append(text)
        else:
            (removed if op == "removed" else added).append(text)
    yield from _spans(same, removed, added)


def _spans(same: list[str], removed: list[str], added: list[str]) -> Iterator[Span]:
    parts: tuple[tuple[Op, list[str]], ...] = (("same", same), ("removed", removed), ("added", added))
    yield from (Span(op, text) for op, pieces in parts if (text := "".join(pieces)))

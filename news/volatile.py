"""Texts that flap: clocks, counters, rotating teasers, two versions in turn. What differs at each look is no edit.

What is volatile is learnt from the revisions: the same place of the text changed each time, and the site never said
that it had modified the article. From then on the place is passed over when texts are compared, so that real words
beside it are still told. What flapped and then stands for a day is told after all: it may have been a toll, or a score.
All of it is pure.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from news.article import Content
from news.difference import Budget, opcodes
from news.known import ArticleState, PastRevision
from news.looking import JUST_NOW
from news.revision import VolatileKind, VolatilePart
from news.text import WORD_PATTERN, truncate

STANDS_AFTER = timedelta(days=1)
"""What flapped is told when it has stood for so long."""
TIMES = 4
"""Changes of one place after which it is volatile, told three times before."""
TIMES_EACH_LOOK = 3
"""The same where it changed at each look."""
TIMES_OF_NUMBERS = 2
"""The same where it changed at each look, and only figures changed in a line that says little else."""
MAX_WORDS = 50
"""A volatile place is no longer than this."""
MAX_LINE = 12
"""Words of a line that says little else than its figures."""
MAX_PARTS = 8
"""Parts that are remembered of an article, the latest."""
MAX_COMPARED = 100_000
"""Characters of a text; in a longer one nothing is volatile."""
_EFFORT = 300_000
_PLACES = 12
_ANCHORS = (4, 8, 2, 1)
_JOINED = 4
_SHOWN = 80
_TOKEN = re.compile(rf"{WORD_PATTERN}|[^\w\s]|_|\n")


class _Token(NamedTuple):
    text: str
    start: int
    end: int


class _Hunk(NamedTuple):
    """Tokens ``[i1, i2)`` of the older text became ``[j1, j2)`` of the newer one."""

    i1: int
    i2: int
    j1: int
    j2: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """One text of the article in time, the one that was just seen last."""

    text: str
    tokens: tuple[_Token, ...]
    look: int
    captured_at: datetime
    modified: datetime | None


def steadied(known: str, seen: str, parts: Sequence[VolatilePart]) -> str:
    """Return ``seen`` with its volatile passages as ``known`` has them.

    A passage that is not found exactly once in both is left as it is, and so is told.

    >>> part = VolatilePart(kind=VolatileKind.PASSAGE, before="Read ", after=" times", learnt_at=datetime.max)
    >>> steadied("Read 7 times. It rains.", "Read 9 times. It snows.", [part])
    'Read 7 times. It snows.'
    """
    passages = [part for part in parts if part.kind is VolatileKind.PASSAGE]
    if not passages or max(len(known), len(seen)) > MAX_COMPARED:
        return seen
    before, after = _tokens(known), _tokens(seen)
    spans = [
        (there, known[slice(*here)])
        for part in passages
        if (here := _found(part, known, before)) and (there := _found(part, seen, after))
    ]
    made, place = [], 0
    for (start, end), value in sorted(spans):
        if start >= place:
            made += [seen[place:start], value]
            place = end
    return "".join([*made, seen[place:]])


def learnt(state: ArticleState, content: Content, captured_at: datetime) -> tuple[VolatilePart, ...]:
    """Return the passages that prove volatile by what was seen now, after the latest revisions.

    :param state: the article, with the number of this look.
    """
    history = _history(state, content, captured_at)
    if len(history) <= TIMES_OF_NUMBERS:
        return ()
    changes = _changes(history)
    if changes is None:
        return ()
    found = [part for hunk in changes[-1] if (part := _part(history, changes, hunk)) is not None]
    box = _box(history, remembered(state.volatile, found))
    return tuple(found if box is None else [*found, box])


def remembered(parts: Sequence[VolatilePart], further: Sequence[VolatilePart]) -> tuple[VolatilePart, ...]:
    """Return all parts without repeats, the latest few."""
    places = {(part.kind, part.before, part.after): part for part in (*parts, *further)}
    return tuple(places.values())[-MAX_PARTS:]


def goes_back_and_forth(state: ArticleState, content: Content) -> VolatilePart | None:
    """Return the whole text as a volatile part if it only takes turns with earlier ones: A, B, A, and B again."""
    turns = [past for past in state.past if past.digest == content.digest]
    newest = state.past[-1] if state.past else None
    if not turns or newest is None or not newest.reverts_to or newest.digest == content.digest:
        return None
    numbers = sorted((turns[-1].number, newest.number))
    values = tuple(f"revision {number}" for number in numbers)
    return VolatilePart(kind=VolatileKind.WHOLE, values=values, learnt_at=newest.captured_at)


def _history(state: ArticleState, content: Content, captured_at: datetime) -> list[_State]:
    """Return the texts to learn from, oldest first: unbroken, of one extractor, and none too long."""
    run: list[PastRevision] = []
    for past in reversed(state.past):
        if not past.body_text or (run and past.number != run[-1].number - 1):
            break
        run.append(past)
    texts = [(past.body_text, past.look, past.captured_at, past.modified) for past in reversed(run)]
    modified = content.modified.at if content.modified else None
    texts.append((content.body_text, state.looks, captured_at, modified))
    if any(len(text) > MAX_COMPARED for text, *_ in texts):
        return []
    return [
        _State(text=text, tokens=_tokens(text), look=look, captured_at=at, modified=said)
        for text, look, at, said in texts[-TIMES - 1 :]
    ]


def _changes(history: Sequence[_State]) -> list[list[_Hunk]] | None:
    """Return what changed from text to text; None where the last change was a rewriting."""
    budget = Budget(_EFFORT)
    changes = []
    for before, after in pairwise(history):
        codes = opcodes([t.text for t in before.tokens], [t.text for t in after.tokens], budget)
        changes.append(_joined(before, [_Hunk(*code[1:]) for code in codes if code.tag == "replace"]))
    return changes if len(changes[-1]) <= _PLACES else None


def _joined(state: _State, hunks: Sequence[_Hunk]) -> list[_Hunk]:
    """Join changes that stand close together on a line: a clock has hours and minutes."""
    joined: list[_Hunk] = []
    for hunk in hunks:
        between = state.tokens[joined[-1].i2 : hunk.i1] if joined else ()
        if joined and len(between) <= _JOINED and all(token.text != "\n" for token in between):
            joined[-1] = _Hunk(joined[-1].i1, hunk.i2, joined[-1].j1, hunk.j2)
        else:
            joined.append(hunk)
    return joined


def _part(history: Sequence[_State], changes: Sequence[Sequence[_Hunk]], hunk: _Hunk) -> VolatilePart | None:
    """Return the place of a change as a volatile passage, if it changed often enough.

    What only grows is news, and no matter how often: a change counts if something went by it.
    """
    if hunk.i1 == hunk.i2:
        return None
    texts = history[::-1]
    low, high, times, each_look = hunk.i1, hunk.i2, 0, True
    span = hunk
    values = [_value(texts[0], hunk.j1, hunk.j2)]
    for (after, before), earlier in zip(pairwise(texts), [*changes[-2::-1], ()], strict=True):
        if _is_owned(before, after):
            break
        times += 1
        each_look = each_look and after.look == before.look + 1 and before.look > 0
        values.append(_value(before, span.i1, span.i2))
        touching = [one for one in earlier if one.j1 <= span.i2 and span.i1 <= one.j2]
        if all(one.i1 == one.i2 for one in touching):
            break
        if times == 1:
            low, high = min(low, touching[0].j1), max(high, touching[-1].j2)
        span = _Hunk(touching[0].i1, touching[-1].i2, touching[0].j1, touching[-1].j2)
    newest, known = texts[0], texts[1]
    start, end = hunk.j1 - (hunk.i1 - low), hunk.j2 + (high - hunk.i2)
    if not 0 <= start <= end <= len(newest.tokens) or max(end - start, high - low) > MAX_WORDS:
        return None
    if times < _enough(newest, start, end, values, each_look=each_look):
        return None
    return _passage(newest, known, start, end, values[::-1])


def _box(history: Sequence[_State], parts: Sequence[VolatilePart]) -> VolatilePart | None:
    """Return the stretch in which the latest texts all differ as a volatile passage: a list whose lines move up.

    Only what the passages that are known leave over counts.
    """
    texts = history[-TIMES_EACH_LOOK - 1 :]
    if len(texts) <= TIMES_EACH_LOOK or not all(_moves_on(*pair, parts) for pair in pairwise(texts)):
        return None
    words = [[token.text for token in text.tokens] for text in texts]
    shortest = min(map(len, words))
    head = next((at for at in range(shortest) if len({each[at] for each in words}) > 1), shortest)
    most = shortest - head
    tail = next((at for at in range(most) if len({each[-1 - at] for each in words}) > 1), most)
    spans = [(head, len(each) - tail) for each in words]
    if any(end - start > MAX_WORDS for start, end in spans) or head + tail < MAX_WORDS:
        return None
    values = [_value(text, *span) for text, span in zip(texts, spans, strict=True)]
    return _passage(texts[-1], texts[-2], *spans[-1], values)


def _moves_on(before: _State, after: _State, parts: Sequence[VolatilePart]) -> bool:
    """Return whether words went from one look to the next, beside what is volatile, without the site's owning up."""
    if after.look != before.look + 1 or not before.look or _is_owned(before, after):
        return False
    rest = _tokens(steadied(before.text, after.text, parts))
    return bool(Counter(token.text for token in before.tokens) - Counter(token.text for token in rest))


def _passage(
    newest: _State, known: _State, start: int, end: int, values: Sequence[str]
) -> VolatilePart | None:
    """Return a place of the newest text as a volatile passage that is found in the known one as well."""
    part = _anchored(newest, known, start, end)
    if part is None:
        return None
    shown = tuple(dict.fromkeys(truncate(value, _SHOWN) for value in values if value))
    return replace(part, values=shown, learnt_at=newest.captured_at)


def _enough(newest: _State, start: int, end: int, values: Sequence[str], *, each_look: bool) -> int:
    """Return how many changes prove that a place is volatile."""
    if not each_look:
        return TIMES
    figures = all(_has_figure(value) for value in values)
    first, last = _line(newest.tokens, start, end)
    beside = last - first - (end - start)
    # A line that is written anew and happens to hold a figure is no counter: what changed must be little else, too.
    most = max(sum(not _has_figure(token.text) for token in _tokens(value)) for value in values)
    return TIMES_OF_NUMBERS if figures and beside + most <= MAX_LINE else TIMES_EACH_LOOK


def _has_figure(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _is_owned(before: _State, after: _State) -> bool:
    """Return whether the site said that it modified the article between two looks, and not always "just now"."""
    return (
        after.modified is not None
        and after.modified != before.modified
        and after.modified < after.captured_at - JUST_NOW
    )


def _anchored(state: _State, known: _State, start: int, end: int) -> VolatilePart | None:
    """Return a place by words around it that make it the only one, in both texts; the line's own if it has some."""
    text, tokens = state.text, state.tokens
    top, bottom = _line(tokens, start, end)
    inside = (max(start - _ANCHORS[0], top), min(end + _ANCHORS[0], max(bottom, end + 1)))
    around = [(start - size, end + size) for size in _ANCHORS]
    place = (tokens[start - 1].end if start else 0, tokens[end].start if end < len(tokens) else len(text))
    for left_end, right_end in (inside, *around):
        first, last = max(min(left_end, start - 1), 0), min(right_end, len(tokens))
        left = text[tokens[first].start : tokens[start - 1].end] if start else ""
        right = text[tokens[end].start : tokens[last - 1].end] if end < len(tokens) else ""
        part = VolatilePart(kind=VolatileKind.PASSAGE, before=left, after=right, learnt_at=state.captured_at)
        if _found(part, text, tokens) == place and _found(part, known.text, known.tokens) is not None:
            return part
    return None


def _line(tokens: Sequence[_Token], start: int, end: int) -> tuple[int, int]:
    first = next((at + 1 for at in range(start - 1, -1, -1) if tokens[at].text == "\n"), 0)
    last = next((at for at in range(end, len(tokens)) if tokens[at].text == "\n"), len(tokens))
    return first, last


def _found(part: VolatilePart, text: str, tokens: Sequence[_Token]) -> tuple[int, int] | None:
    """Return from where to where a passage stands in a text, if it does exactly once."""
    left = [token.text for token in _tokens(part.before)]
    right = [token.text for token in _tokens(part.after)]
    words = [token.text for token in tokens]
    starts = [at + len(left) for at in _places(words, left)] if left else [0]
    ends = _places(words, right) if right else [len(words)]
    nearest = [(start, bisect_left(ends, start)) for start in starts]
    # Of several beginnings before an end the last one counts: what lies between is a place of its own.
    found = {ends[at]: start for start, at in nearest if at < len(ends) and ends[at] - start <= MAX_WORDS}
    if len(found) != 1:
        return None
    [(end, start)] = found.items()
    return (
        tokens[start - 1].end if start else 0,
        tokens[end].start if end < len(tokens) else len(text),
    )


def _places(words: list[str], wanted: list[str]) -> list[int]:
    """Return where some words stand among others, in order."""
    size = len(wanted)
    return [at for at, word in enumerate(words) if word == wanted[0] and words[at : at + size] == wanted]


def _tokens(text: str) -> tuple[_Token, ...]:
    return tuple(_Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text))


def _value(state: _State, start: int, end: int) -> str:
    if start >= end:
        return ""
    return state.text[state.tokens[start].start : state.tokens[end - 1].end]

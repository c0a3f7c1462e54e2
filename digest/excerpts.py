"""The part of a text that a digest shows: the changed words of an edit and a little around them, or how it opens."""

from __future__ import annotations

from collections.abc import Sequence

from news.redline import Span, redline
from news.text import normalise_title, truncate

CONTEXT = 90
"""Characters of unchanged text kept on each side of a change, cut between words."""

MAX_REDLINE = 4_000
"""Characters of one redline; what is beyond is only announced by an ellipsis."""

MAX_EXCERPT = 280
"""Characters of an excerpt."""

CUT = "…"


def changed_words(old: str, new: str) -> tuple[Span, ...]:
    """Return the redline of two texts, with long unchanged stretches cut down to what stands around the changes.

    >>> [span.text for span in changed_words("held in Fez today", "held in Rabat today")]
    ['held in ', 'Fez ', 'Rabat ', 'today']
    """
    if old == new:
        return ()
    spans = _at_paragraphs(redline(old, new))
    last = len(spans) - 1
    shown = [
        _context(span, first=position == 0, last=position == last) if span.op == "same" else span
        for position, span in enumerate(spans)
    ]
    return _capped([span for span in shown if span.text])


def opening(summary: str, body_text: str, title: str) -> str:
    r"""Return what a story opens with: the source's summary, else the beginning of its text after a repeated title.

    >>> opening("", "A title\nThe story begins.", "A title")
    'The story begins.'
    """
    if summary:
        return truncate(normalise_title(summary), MAX_EXCERPT)
    body = (
        normalise_title(body_text[: 4 * MAX_EXCERPT + len(title)])
        .removeprefix(normalise_title(title))
        .strip()
    )
    return truncate(body, MAX_EXCERPT) if body else ""


def _at_paragraphs(spans: Sequence[Span]) -> list[Span]:
    """Return a redline in which whole paragraphs that came or went begin with their line feed.

    A comparison may as well say that the full stop before them is new and the one after them is old.
    """
    moved = list(spans)
    for position in range(1, len(moved) - 1):
        before, span, after = moved[position - 1 : position + 2]
        stray = span.text.partition("\n")[0]
        alone = span.op != "same" and before.op == after.op == "same"
        if alone and stray != span.text and stray and after.text.startswith(stray):
            moved[position - 1 : position + 2] = [
                Span("same", before.text + stray),
                Span(span.op, span.text[len(stray) :] + stray),
                Span("same", after.text[len(stray) :]),
            ]
    return [span for span in moved if span.text]


def _context(span: Span, *, first: bool, last: bool) -> Span:
    text = span.text
    head = "" if first else _start_of(text)
    tail = "" if last else _end_of(text)
    if len(head) + len(tail) >= len(text):
        return span
    if first:
        return Span("same", f"{CUT} {tail.lstrip()}")
    if last:
        return Span("same", f"{head.rstrip()} {CUT}")
    between = "\n" if tail.startswith("\n") else " "
    return Span("same", f"{head.rstrip()} {CUT}{between}{tail.lstrip()}")


def _start_of(text: str) -> str:
    if len(text) <= CONTEXT:
        return text
    cut = text[:CONTEXT]
    paragraph, word = cut.rfind("\n"), cut.rfind(" ")
    return cut[: (paragraph if paragraph >= CONTEXT // 3 else max(paragraph, word)) + 1] or cut


def _end_of(text: str) -> str:
    if len(text) <= CONTEXT:
        return text
    cut = text[-CONTEXT:]
    paragraph, word = cut.find("\n"), cut.find(" ")
    if 0 <= paragraph <= CONTEXT - CONTEXT // 3:
        return cut[paragraph:]
    return cut[word:] if word >= 0 else cut


def _capped(spans: Sequence[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    room = MAX_REDLINE
    for span in spans:
        if len(span.text) > room:
            kept.append(Span(span.op, truncate(span.text, max(room, 1))))
            if span.op != "same":
                kept.append(Span("same", f" {CUT}"))
            break
        kept.append(span)
        room -= len(span.text)
    return tuple(kept)

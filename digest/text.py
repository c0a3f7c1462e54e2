"""A digest as plain text: 78 columns, no terminal codes, and right-to-left text isolated from what surrounds it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from digest import alert_words, wording
from digest.layout import Section, sections
from digest.model import Alert, Digest, DigestItem, Direction
from news.redline import Op, Span
from news.text import direction as direction_of

WIDTH = 78
BODY = "  "
"""What stands before everything of an item but its title."""

_ISOLATES: dict[Direction | None, str] = {"ltr": "\u2066", "rtl": "\u2067", None: "\u2068"}
_POP = "\u2069"
# Strong, and nothing to be seen: left-to-right mark and right-to-left mark.
_HOLDS: dict[Direction, str] = {"ltr": "\u200e", "rtl": "\u200f"}
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Where French sets a space inside guillemets and before high punctuation, no line may end.
_BREAKS = re.compile(r"(?<![«‹]) (?![»›!?;:](?![^\W_]))")
MARKS: Mapping[Op, tuple[str, str]] = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "same": ("", "")}
"""What stands around the words of a redline in plain text."""


def render_text(digest: Digest) -> str:
    """Return a digest as plain text, ending with a line feed.

    Lines are wrapped at 78 columns, save addresses, which are never broken. Removed words stand in ``[-…-]``, added
    ones in ``{+…+}``. What holds right-to-left letters stands in Unicode isolates (UAX #9): it turns nothing else.
    """
    blocks = [_head(digest), *map(_alert, digest.alerts)]
    for section in sections(digest):
        blocks.append(_section_title(section))
        for group in section.groups:
            blocks.append(_underlined(_name(group.place.title, group.place.source), "-"))
            blocks.extend(_item(item) for item in group.items)
    if more := wording.more_of(digest):
        blocks.append("\n".join([*wrapped(f"... {more}"), *filter(None, [digest.page])]))
    if digest.unread or digest.stretches:
        blocks.append(_unread(digest))
    notes = [note for note in (wording.remaining_of(digest), wording.hidden_of(digest)) if note]
    notes += map(wording.quiet_of, digest.quiet)
    blocks.extend("\n".join(wrapped(note)) for note in notes)
    return "\n\n".join(blocks) + "\n"


def shown(text: str, direction: Direction | None = None) -> str:
    r"""Return one line of safe text, isolated if it holds right-to-left letters.

    >>> shown("plain"), shown("\u0623\u0628") == "\u2068\u0623\u0628\u2069"
    ('plain', True)
    """
    opening, closing = isolates(text, direction)
    return f"{opening}{text}{closing}"


def isolates(text: str, direction: Direction | None = None) -> tuple[str, str]:
    """Return what isolates one line of text on both sides: nothing where it holds no right-to-left letters."""
    return (_ISOLATES[direction], _POP) if _turns(text) else ("", "")


def _turns(text: str) -> bool:
    """Return whether a text holds right-to-left letters."""
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """One paragraph of a redline, safe to print: which way it runs, and its pieces in order, each on one line.

    Where letters of two directions meet, a mark around words would go with the letters before it, and two names that
    took each other's place would change sides. So each mark is held in the paragraph's direction by characters that
    nobody sees (UAX #9, LRM and RLM). The lines are still to be isolated: see `shown`.
    """

    runs: Direction
    pieces: tuple[tuple[Op, str], ...]

    def marked(self, marks: Mapping[Op, tuple[str, str]] = MARKS) -> Iterator[tuple[Op, str, str, str]]:
        """Yield each piece with the marks that stand before and behind it: kind, mark, words, mark."""
        text = "".join(words for _, words in self.pieces)
        held = _HOLDS[self.runs] if _turns(text) and _goes_straight(text) else ""
        for op, words in self.pieces:
            opening, closing = (f"{held}{mark}{held}" if mark else "" for mark in marks[op])
            yield op, opening, words, closing


def paragraphs(spans: Iterable[Span], language: str) -> list[Paragraph]:
    """Return a redline in paragraphs, so that no mark stands across the end of one.

    Args:
        spans: the redline.
        language: that of the text; where it is not known the first letter decides which way it runs.
    """
    pieces = wording.pieces(spans)
    runs = direction_of(language) if language else _first_direction("".join(words for _, words in pieces))
    made: list[list[tuple[Op, str]]] = [[]]
    for op, words in pieces:
        first, *others = words.split("\n")
        made[-1].append((op, first))
        made.extend([(op, part)] for part in others)
    stripped = (_stripped(paragraph) for paragraph in made)
    return [Paragraph(runs=runs, pieces=tuple(paragraph)) for paragraph in stripped if paragraph]


def _stripped(paragraph: list[tuple[Op, str]]) -> list[tuple[Op, str]]:
    """Return a paragraph without empty pieces, and without white space at its ends."""
    text = [(op, words) for op, words in paragraph if words]
    while text and not text[0][1].strip():
        del text[0]
    while text and not text[-1][1].strip():
        del text[-1]
    if text:
        text[0] = (text[0][0], text[0][1].lstrip())
        text[-1] = (text[-1][0], text[-1][1].rstrip())
    return text


def _goes_straight(text: str) -> bool:
    """Return whether a text holds left-to-right letters."""
    return any(unicodedata.bidirectional(character) == "L" for character in text)


def columns(text: str) -> int:
    r"""Return how many columns of a terminal a text takes: wide letters two, marks and controls none.

    >>> columns("abc"), columns("\u65b0\u805e"), columns("e\u0301"), columns("\u2068\u2069")
    (3, 4, 1, 0)
    """
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def wrapped(
    text: str, indent: str = "", first: str | None = None, runs: Direction | None = None
) -> list[str]:
    """Return a text in lines of at most 78 columns, broken between words.

    The whole text's direction, not the line's, decides how each line is isolated: a line of an Arabic title may well
    begin with a Latin word. Where it is known which way the text ``runs``, that decides.
    """
    breaks: list[str] = []
    prefix = indent if first is None else first
    room, current = WIDTH - columns(prefix), ""
    for word in _BREAKS.split(text):
        if current and columns(current) + 1 + columns(word) > room:
            breaks.append(current)
            current, room = word, WIDTH - columns(indent)
        else:
            current = f"{current} {word}" if current else word
    breaks.append(current)
    direction = runs or (_first_direction(text) if len(breaks) > 1 else None)
    prefixes = [prefix] + [indent] * (len(breaks) - 1)
    return [before + shown(line, direction) for before, line in zip(prefixes, breaks, strict=True)]


def _first_direction(text: str) -> Direction:
    """Return the direction of a text by its first letter that has one (UAX #9, P2 and P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def _head(digest: Digest) -> str:
    title = _underlined(wording.headline(digest), "=")
    return "\n".join([
        title,
        wording.long_moment(digest.composed_at),
        f"{alert_words.summary_of(digest)} ({alert_words.range_of(digest)})",
    ])  # fmt: skip


def _section_title(section: Section) -> str:
    return _underlined(f"{section.title.upper()} ({section.size})", "=")


def _underlined(text: str, rule: str) -> str:
    lines = wrapped(text)
    return "\n".join([*lines, rule * max(map(columns, lines))])


def _item(item: DigestItem) -> str:
    lines = wrapped(wording.title_of(item.change), BODY, first="* ")
    lines.extend(_facts(item))
    if item.excerpt:
        lines.extend(wrapped(wording.line(item.excerpt), BODY))
    lines.extend(_redline(item))
    link = wording.link_of(item.change)
    if link:
        lines.append(BODY + link)
    lines.extend(_also(item))
    return "\n".join(lines)


def _facts(item: DigestItem) -> Iterator[str]:
    if former := wording.formerly(item.change):
        yield from wrapped(former, f"{BODY}  ", first=f"{BODY}formerly: ")
    yield from wrapped(wording.facts(item), BODY)
    for place in item.also:
        yield from wrapped(wording.name_of(place), f"{BODY}  ", first=f"{BODY}also at ")


def _also(item: DigestItem) -> Iterator[str]:
    for other in wording.also_at(item):
        yield from wrapped(other.place, f"{BODY}  ", first=f"{BODY}{other.what} ")
        if other.title:
            yield from wrapped(other.title, f"{BODY}  ")
        if other.link:
            yield f"{BODY}  {other.link}"


def _redline(item: DigestItem) -> Iterator[str]:
    """Yield the redline's paragraphs, each set off by a bar."""
    for paragraph in paragraphs(item.redline, item.change.language):
        text = "".join(opening + words + closing for _, opening, words, closing in paragraph.marked())
        yield from wrapped(text, f"{BODY}| ", runs=paragraph.runs)


def _alert(alert: Alert) -> str:
    words = alert_words.words_of(alert)
    lines = wrapped(words.title, BODY, first="* " if words.is_good else "! ")
    lines.extend(wrapped(words.detail, BODY))
    if words.command:
        lines.append(BODY + words.command)
    return "\n".join(lines)


def _unread(digest: Digest) -> str:
    lines = [_underlined("NOT BEING READ", "="), ""]
    told = [(_name(unread.title, unread.source), wording.unread_of(unread)) for unread in digest.unread]
    told += [(_name(gap.title, gap.source), wording.stretch_of(gap)) for gap in digest.stretches]
    for name, what in told:
        lines.extend(wrapped(name, BODY, first="! "))
        lines.extend(wrapped(what, BODY))
    return "\n".join(lines)


def _name(title: str, source: str) -> str:
    return wording.line(title) or wording.line(source)

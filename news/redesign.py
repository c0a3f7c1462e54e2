"""What of an article was surely edited, where its page was redesigned as well. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from news.fingerprint import content_tokens

ENOUGH_WORDS = 12
"""A line shorter than this may be the page's: a heading, a credit, a date in another form."""
SAME_LINE = 0.6
"""Share of common words from which two lines are one line, before and after."""
FEW_WORDS = 3
"""A title shorter than this may be a kicker or the name of a section."""
MAX_WHOLE = 60
"""Whole lines that came and went; where more did, they are the redesign's."""
MAX_LINES = 400
"""Lines that are compared, each with each; of longer texts nothing is sure."""


def is_retitled(old: str, new: str) -> bool:
    """Return whether words changed inside a title; what is put before or behind it is the design's.

    >>> is_retitled("Council votes for a library", "Council votes for a second library")
    True
    >>> is_retitled("Council votes for a library", "Council votes for a library | The Gazette")
    False
    """
    before, after = (tuple(token.casefold() for token in content_tokens(title)) for title in (old, new))
    return _is_edited(before, after, FEW_WORDS)


def edited_lines(old: str, new: str, *, modified: bool = False) -> str | None:
    r"""Return ``old`` with those lines as ``new`` has them that were surely edited, or None where none was.

    A redesign puts other things around a text: lines come and go, and what stands at either end of a line may run on.
    It does not change words inside one. So a line is edited that is nearly the same and differs in its midst. A whole
    line that came or went beside one that stayed is an edit if the page says itself that it was modified.

    Args:
        old: the text before the redesign, one line a paragraph.
        new: what the redesigned page shows.
        modified: whether it says that it was modified since.

    >>> before = "The council met on Monday and voted for seven new berths at the quay."
    >>> edited_lines(before, f"Menu\n{before.replace('Monday', 'Tuesday')}\nRead more")
    'The council met on Tuesday and voted for seven new berths at the quay.'
    >>> edited_lines(before, f"Menu\n{before} Share") is None
    True
    >>> further = "Two of its members left the hall before the vote and would not say why."
    >>> edited_lines(before, f"{before}\n{further}") is None
    True
    >>> edited_lines(before, f"{before}\n{further}", modified=True) == f"{before}\n{further}"
    True
    """
    before, after = _lines(old), _lines(new)
    if max(len(before), len(after)) > MAX_LINES:
        return None
    stayed = set(before.values()) & set(after.values())
    left = [tokens for tokens in before.values() if tokens not in stayed]
    came = {line: tokens for line, tokens in after.items() if tokens not in stayed}
    edited: dict[tuple[str, ...], str] = {}
    for tokens in left:
        line = max(came, key=lambda one: _alike(tokens, came[one]), default=None)
        if line is not None and _is_edited(tokens, came[line], ENOUGH_WORDS):
            edited[tokens] = line
            stayed |= {tokens, came.pop(line)}
    further: list[str] = []
    if modified and len(left) + len(came) <= MAX_WHOLE:
        edited |= dict.fromkeys(_whole(before, stayed, came.values()), "")
        further = [line for line, tokens in came.items() if tokens in _whole(after, stayed, left)]
    if not (edited or further):
        return None
    lines = (edited.get(before.get(line, ()), line) for line in old.splitlines())
    return "\n".join([*filter(None, lines), *further])


def _whole(
    text: Mapping[str, tuple[str, ...]],
    stayed: Collection[tuple[str, ...]],
    others: Iterable[tuple[str, ...]],
) -> set[tuple[str, ...]]:
    """Return the long lines of a text that the other one lacks, beside a long one that stayed.

    What the other text has in a line together with something else, or in two lines, it does not lack.
    """
    lines, others = list(text.values()), list(others)
    found = set()
    for place, line in enumerate(lines):
        beside = {*lines[max(place - 1, 0) : place], *lines[place + 1 : place + 2]}
        if (
            line not in stayed
            and len(line) >= ENOUGH_WORDS
            and any(one in stayed and len(one) >= ENOUGH_WORDS for one in beside)
            and not any(_holds(line, other) or _holds(other, line) for other in others if other)
        ):
            found.add(line)
    return found


def _lines(text: str) -> dict[str, tuple[str, ...]]:
    return {line: tuple(content_tokens(line)) for line in text.splitlines() if line.strip()}


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return the share of the longer line's words that the other has, too."""
    common = (Counter(one) & Counter(other)).total()
    return common / max(len(one), len(other), 1)


def _is_edited(before: tuple[str, ...], after: tuple[str, ...], enough: int) -> bool:
    if min(len(before), len(after)) < enough or _alike(before, after) < SAME_LINE:
        return False
    return not (_holds(after, before) or _holds(before, after))


def _holds(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    """Return whether one line stands within the other, word by word: what is around it may be the page's."""
    size = len(shorter)
    return any(longer[at : at + size] == shorter for at in range(len(longer) - size + 1))

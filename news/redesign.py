"""What of an article was surely edited, where its page was redesigned as well. Pure."""

from __future__ import annotations

from collections import Counter

from news.fingerprint import content_tokens

ENOUGH_WORDS = 12
"""A line shorter than this may be the page's: a heading, a credit, a date in another form."""
SAME_LINE = 0.6
"""Share of common words from which two lines are one line, before and after."""
MAX_LINES = 400
"""Lines that are compared, each with each; of longer texts nothing is sure."""


def edited_lines(old: str, new: str) -> str | None:
    r"""Return ``old`` with those lines as ``new`` has them that were surely edited, or None where none was.

    A redesign puts other things around a text: lines come and go, and what stands at either end of a line may run on.
    It does not change words inside one. So a line is edited that is nearly the same and differs in its midst.

    Args:
        old: the text before the redesign, one line a paragraph.
        new: what the redesigned page shows.

    >>> before = "The council met on Monday and voted for seven new berths at the quay."
    >>> edited_lines(before, f"Menu\n{before.replace('Monday', 'Tuesday')}\nRead more")
    'The council met on Tuesday and voted for seven new berths at the quay.'
    >>> edited_lines(before, f"Menu\n{before} Share") is None
    True
    """
    before, after = _lines(old), _lines(new)
    if max(len(before), len(after)) > MAX_LINES:
        return None
    left = [tokens for tokens in before.values() if tokens not in after.values()]
    came = {line: tokens for line, tokens in after.items() if tokens not in before.values()}
    edited: dict[tuple[str, ...], str] = {}
    for tokens in left:
        line = max(came, key=lambda one: _alike(tokens, came[one]), default=None)
        if line is not None and _is_edited(tokens, came[line]):
            edited[tokens] = line
            del came[line]
    if not edited:
        return None
    return "\n".join(edited.get(before.get(line, ()), line) for line in old.splitlines())


def _lines(text: str) -> dict[str, tuple[str, ...]]:
    return {line: tuple(content_tokens(line)) for line in text.splitlines() if line.strip()}


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return the share of the longer line's words that the other has, too."""
    common = (Counter(one) & Counter(other)).total()
    return common / max(len(one), len(other), 1)


def _is_edited(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    if min(len(before), len(after)) < ENOUGH_WORDS or _alike(before, after) < SAME_LINE:
        return False
    return not (_holds(after, before) or _holds(before, after))


def _holds(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    """Return whether one line stands within the other, word by word: what is around it may be the page's."""
    size = len(shorter)
    return any(longer[at : at + size] == shorter for at in range(len(longer) - size + 1))

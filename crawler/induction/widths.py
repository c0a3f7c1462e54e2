"""How long a title looks: a letter of East Asia takes the room of two."""

from __future__ import annotations

_WIDE = ("\u2e80", "\uffdc")


def title_width(text: str) -> int:
    """Return the width of a text in letters.

    >>> title_width("abc"), title_width("新图书馆")
    (3, 8)
    """
    return len(text) if text.isascii() else len(text) + sum(_WIDE[0] <= letter <= _WIDE[1] for letter in text)

"""Differences that no reader would call an edit: spelling of Arabic letters, and letters that an encoding broke. Pure.

Quotation marks, dashes, white space and punctuation are folded by the content fingerprint already. What is folded here
would change stored fingerprints, so it only matters when two texts are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from news.fingerprint import content_tokens

MAX_REPAIRED = 200_000
"""Characters of a text that are looked through for broken letters."""

# Vowel signs, superscript alef and tatweel are optional in writing; the forms of alef are interchanged by habit. Alef
# maqsura and teh marbuta stay: they make other words.
_ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ALEFS = str.maketrans(dict.fromkeys("أإآٱٲٳ", "ا"))
_LOST = "\ufffd"
_FOREIGN = re.compile("[^\x00-\x7f]+")
# What browsers show for bytes that ISO 8859-1 leaves to controls.
_WINDOWS = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}  # fmt: skip


def arabic_folded(text: str) -> str:
    """Return a text without Arabic vowel signs and tatweel, its alefs in one form.

    >>> arabic_folded("إجْتِماع") == arabic_folded("اجتماع")
    True
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text).translate(_ALEFS)
    return _ARABIC_MARKS.sub("", composed)


def without_broken_letters(old: str, new: str) -> tuple[str, str]:
    r"""Return two texts in which a line is the same on both sides where an encoding broke it on one of them.

    UTF-8 that was read as a one-byte encoding ("cafÃ©"), or the reverse, twice over too, and letters that were
    lost on the way (U+FFFD). Lines are compared one with one, and words within them; where the numbers differ nothing
    is repaired.

    >>> without_broken_letters("Le cafÃ© est ouvert.\nIl pleut.", "Le café est ouvert.\nIl neige.")
    ('Le café est ouvert.\nIl pleut.', 'Le café est ouvert.\nIl neige.')
    """
    if old == new or max(len(old), len(new)) > MAX_REPAIRED or (old.isascii() and new.isascii()):
        return old, new
    before, after = old.split("\n"), new.split("\n")
    if len(before) != len(after):
        return old, new
    pairs = [_repaired(one, other) for one, other in zip(before, after, strict=True)]
    return "\n".join(one for one, _ in pairs), "\n".join(other for _, other in pairs)


def _repaired(one: str, other: str) -> tuple[str, str]:
    if one == other or (one.isascii() and other.isascii()):
        return one, other
    if _is_broken(one, other):
        return other, other
    if _is_broken(other, one):
        return one, one
    # Some words may be broken in a line where others are not.
    before, after = one.split(), other.split()
    if len(before) != len(after) or len(before) == 1:
        return one, other
    pairs = [_repaired(word, with_) for word, with_ in zip(before, after, strict=True)]
    return " ".join(word for word, _ in pairs), " ".join(word for _, word in pairs)


def _is_broken(broken: str, whole: str) -> bool:
    if _LOST in whole:
        return False
    if _LOST in broken:
        return _lost_letters(broken, whole)
    seen = content_tokens(broken)
    return any(content_tokens(made) == seen for made in _breakings(whole))


def _breakings(text: str) -> Iterator[str]:
    """Yield what a text becomes when its bytes are read as what they are not."""
    for breaks in _WAYS:
        once = breaks(text)
        if once is not None and once != text:
            yield once
            if (twice := breaks(once)) is not None:
                yield twice


def _as_windows(text: str) -> str | None:
    return text.encode(errors="replace").decode("latin-1").translate(_WINDOWS)


def _as_latin(text: str) -> str | None:
    return text.encode(errors="replace").decode("latin-1")


def _as_windows_arabic(text: str) -> str | None:
    return text.encode(errors="replace").decode("cp1256")


def _arabic_as_windows(text: str) -> str | None:
    try:
        return text.encode("cp1256").decode("latin-1").translate(_WINDOWS)
    except UnicodeEncodeError:
        return None


_WAYS: tuple[Callable[[str], str | None], ...] = (
    _as_windows,
    _as_latin,
    _as_windows_arabic,
    _arabic_as_windows,
)


def _lost_letters(broken: str, whole: str) -> bool:
    """Return whether ``whole`` has letters where ``broken`` has lost ones, and nothing else differs.

    A lost byte is shown as one mark, so that there are at least as many marks as letters.
    """
    if _FOREIGN.sub(_LOST, broken) != _FOREIGN.sub(_LOST, whole):
        return False
    runs = zip(_FOREIGN.findall(broken), _FOREIGN.findall(whole), strict=True)
    return all(one == other or (_LOST in one and len(other) <= len(one)) for one, other in runs)

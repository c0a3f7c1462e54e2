"""What languages are called by those who speak them (CLDR)."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError


@lru_cache(maxsize=512)
def language_name(tag: str) -> str:
    """Return the name of a language in itself; a tag (BCP 47) that nobody has a name for is its own.

    >>> [language_name(tag) for tag in ("fr", "ar", "pt-BR", "xx", "x-klingon", "")]
    ['français', 'العربية', 'português (Brasil)', 'xx', 'x-klingon', '']
    """
    try:
        return Locale.parse(tag, sep="-").display_name or tag
    except (UnknownLocaleError, ValueError, TypeError):
        return tag

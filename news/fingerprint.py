"""Two hashes of an article's content: one that moves with any word, and one that moves with any visible difference.

What is cosmetic (quotes, dashes, white space, encoding, punctuation) does not move the content fingerprint, so it never
makes an alert; it moves the exact digest, so it can still be recorded. Not to be confused with request fingerprints.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from news.text import WORD_PATTERN, comparable, normalise_text, normalise_title

FINGERPRINT_VERSION = 1
"""Raised whenever the same content would get another fingerprint; it opens every fingerprint as ``<version>:``."""

_TOKEN = re.compile(rf"{WORD_PATTERN}|[^\w\s]")
_TELLING_SYMBOLS = frozenset("%‰٪&@#§°№+±×÷=<>")


def content_fingerprint(title: str, body_text: str) -> str:
    """Return the versioned hash of the words of an article, their order and their case.

    Numbers keep their separators, and symbols that change what is said (``%``, currencies, ``+``) count as words.
    The title and the body are told apart.

    >>> content_fingerprint("A “title”", "One – two.") == content_fingerprint('A "title"', "One - two")
    True
    >>> content_fingerprint("A title", "One two.") == content_fingerprint("A title", "Two one.")
    False
    """
    parts = ("\x1f".join(content_tokens(title)), "\x1f".join(content_tokens(body_text)))
    return _digest("\x1e".join(parts))


def exact_digest(title: str, body_text: str) -> str:
    r"""Return the versioned hash of the stored form of an article: it moves with every visible difference.

    >>> exact_digest("A “title”", "x") == exact_digest('A "title"', "x")
    False
    >>> exact_digest(" A  title", "x\n\ny") == exact_digest("A title", "x\ny ")
    True
    """
    return _digest(f"{normalise_title(title)}\x1e{normalise_text(body_text)}")


def raw_digest(raw: str) -> str:
    """Return the hash of what an article was extracted from: while it stands, there is nothing to extract anew."""
    return blake2b(raw.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def body_digest(body: bytes) -> str:
    """Return the hash of an answer's body: servers that never answer 304 are found out by it."""
    return blake2b(body, digest_size=16).hexdigest()


def content_tokens(text: str) -> list[str]:
    """Return what the content fingerprint is made of: words in comparable form, numbers, telling symbols.

    >>> content_tokens("L’ICESCO won 1,250 € (5%)…")
    ['L', 'ICESCO', 'won', '1,250', '€', '5', '%']
    """
    # An apostrophe may as well be a quotation mark, so it separates here: 'word' is word.
    text = comparable(text).replace("'", " ").replace("_", " ")
    return [token for token in _TOKEN.findall(text) if len(token) > 1 or token.isalnum() or _counts(token)]


@lru_cache(maxsize=1024)
def _counts(symbol: str) -> bool:
    return (
        symbol in _TELLING_SYMBOLS
        or unicodedata.category(symbol)[0] in "LM"
        or unicodedata.category(symbol) == "Sc"
    )


def _digest(text: str) -> str:
    return f"{FINGERPRINT_VERSION}:{blake2b(text.encode(), digest_size=16).hexdigest()}"

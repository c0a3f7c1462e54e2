"""The rules of a robots.txt, read by RFC 9309."""

from __future__ import annotations

from protego import Protego

PRODUCT_TOKEN = "tidings"
"""The name by which a robots.txt speaks to us (RFC 9309 §2.2.1)."""

MAX_BYTES = 500 * 1024
"""What is read of a robots.txt; RFC 9309 §2.5 asks for at least 500 KiB."""

MAX_CRAWL_DELAY_SECONDS = 60.0
"""The longest ``Crawl-delay`` that is kept; it is no part of the standard, and some sites ask for days."""


class Rules:
    r"""What a robots.txt allows us.

    >>> rules = Rules("User-agent: *\nDisallow: /private/\nCrawl-delay: 5")
    >>> (
    ...     rules.allows("https://example.org/private/a"),
    ...     rules.allows("https://example.org/a"),
    ...     rules.delay_seconds,
    ... )
    (False, True, 5.0)
    >>> Rules("").allows("https://example.org/")
    True
    >>> Rules.refusing("robots.txt answered 503").allows("https://example.org/")
    False
    """

    def __init__(self, text: str) -> None:
        self._parser = Protego.parse(text) if text.strip() else None
        self._refusal = ""
        self.delay_seconds = 0.0
        if self._parser is not None:
            asked = self._parser.crawl_delay(PRODUCT_TOKEN)
            self.delay_seconds = min(float(asked or 0.0), MAX_CRAWL_DELAY_SECONDS)

    @classmethod
    def refusing(cls, why: str) -> Rules:
        """Return rules that allow nothing, because the file could not be had (RFC 9309 §2.3.1.4)."""
        rules = cls("")
        rules._refusal = why
        return rules

    def allows(self, url: str) -> bool:
        """Say whether ``url`` may be asked for."""
        if self._refusal:
            return False
        return self._parser is None or bool(self._parser.can_fetch(url, PRODUCT_TOKEN))

    @property
    def refusal(self) -> str:
        """Return the reason to give where something is not allowed."""
        return self._refusal or "robots.txt forbids it"


def readable_text(body: bytes) -> str:
    r"""Return as much of a robots.txt as is read, without a byte order mark and without a broken last line.

    >>> readable_text(b"\xef\xbb\xbfUser-agent: *\n")
    'User-agent: *\n'
    """
    text = body[:MAX_BYTES].decode("utf-8", errors="replace").removeprefix("\ufeff")
    if len(body) > MAX_BYTES:
        text = text.rpartition("\n")[0]
    return text

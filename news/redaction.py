r"""What a log may hold: no secret, nothing that a terminal obeys, and never the beginning of a second line. Pure.

Of an address scheme, host and path stay: who was asked, and for what. A user and a password, every value of a query and
the fragment go, whatever they are called. So do the values of headers and fields by whose names secrets travel, tokens
of our own and bearer tokens wherever they stand, and every secret that is known by its very words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

GONE = "***"
SHORTEST = 4
"""Letters of a secret that is looked for by its words: a shorter one would blacken every other word."""

_OPEN_SCHEMES = frozenset(
    "http https ws wss ftp file sqlite postgresql postgres postgresql+psycopg smtp smtps socks5 socks5h".split()
)
"""Of these the host and the path are no secrets. Those of services often are nothing else."""
_URL = re.compile(r"""\b([a-z][a-z0-9+.\-]{1,30})://([^\s"'<>\\^`{|}]*)""", re.IGNORECASE)
_USER = re.compile(r"^[^/?#]*@")
_BARE_USER = re.compile(r"(?<![\w/])//[^\s/?#@]{1,500}@")
_BARE_QUERY = re.compile(r"""\?([\w.~%\[\]\-]{1,200}=[^\s"'<>#]*)(#[^\s"'<>]*)?""")
_HEADERS = re.compile(
    r"""\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]\s*[\[(]{0,2}(?:b(?=["']))?["']?)[^\n"'\])]+""",
    re.IGNORECASE,
)
_FIELDS = re.compile(
    r"""(?<![a-z])([\w\-]{0,40}(?:token|secret|password|passwd|api[_\-]?key|apikey|access[_\-]?key))"""
    r"""(["']?\s{0,3}[:=]\s{0,3}[\[(]{0,2}(?:b(?=["']))?["']?)([^\s"',;&)\]}]+)""",
    re.IGNORECASE,
)
_BEARERS = re.compile(r"\b(bearer|basic)(\s+)[\w\-.~+/=]{6,}", re.IGNORECASE)
_OWN = re.compile(r"\b(tdt_|whsec_)[\w\-+/=]+")

_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def redacted(text: str, secrets: Collection[str] = ()) -> str:
    """Return a text without secrets.

    Args:
        text: what is to be written; it may be a traceback.
        secrets: those that are known by their words, however they are escaped in an address.

    >>> redacted("GET https://me:word@a.example/news?page=2&key=k#top: HTTP 500")
    'GET https://***@a.example/news?page=***&key=***#*** HTTP 500'
    >>> redacted("slack://T0/B1/x, {b'Authorization': [b'Basic bWU6d29yZA==']}, tdt_abc, my word", {"word"})
    "slack://***, {b'Authorization': [b'***']}, tdt_***, my ***"
    """
    if secrets:
        pattern = _pattern(frozenset(secrets))
        text = pattern.sub(GONE, text) if pattern else text
    text = _URL.sub(_address, text)
    text = _BARE_USER.sub(f"//{GONE}@", text)
    text = _BARE_QUERY.sub(lambda match: f"?{_query(match[1])}{f'#{GONE}' if match[2] else ''}", text)
    text = _HEADERS.sub(rf"\1\2{GONE}", text)
    text = _BEARERS.sub(rf"\1\2{GONE}", text)
    text = _FIELDS.sub(rf"\1\2{GONE}", text)
    return _OWN.sub(rf"\1{GONE}", text)


def one_line(text: str, *, keep: str = "") -> str:
    r"""Return a text in which everything is written out that ends a line, that a terminal obeys, or that hides.

    Args:
        text: what is to be written.
        keep: characters that may stay.

    >>> print(one_line("a title\r\n2026 ERROR \x1b[31mforged\u202e"))
    a title\r\n2026 ERROR \x1b[31mforged\u202e
    """
    return _OBEYED.sub(lambda match: match[0] if match[0] in keep else _escaped(match[0]), text)


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _address(match: re.Match[str]) -> str:
    scheme, rest = match[1], match[2]
    if scheme.lower() not in _OPEN_SCHEMES:
        return f"{scheme}://{GONE}" + ("," if rest.endswith(",") else "")
    rest, mark, _ = rest.partition("#")
    place, question, query = rest.partition("?")
    place = _USER.sub(f"{GONE}@", place, count=1)
    fragment = f"#{GONE}" if mark else ""
    return f"{scheme}://{place}{question}{_query(query)}{fragment}"


def _query(query: str) -> str:
    return "&".join(_pair(pair) for pair in query.split("&")) if query else ""


def _pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={GONE}" if equals else GONE if pair else ""


@lru_cache(maxsize=64)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    if not forms:
        return None
    return re.compile(
        "|".join(re.escape(form) for form in sorted(forms, key=lambda each: (-len(each), each)))
    )


def _forms(secret: str) -> Iterable[str]:
    yield from (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1])

"""Secrets, taken out of what is recorded."""

import html
import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus, urldefrag, urlsplit, urlunsplit

from crawler.recordings.model import Headers

SECRET = "[secret]"
"""What stands where a secret stood."""

_CREDENTIAL_HEADERS = frozenset({
    "authentication-info",
    "authorization",
    "cookie",
    "cookie2",
    "proxy-authentication-info",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
})  # fmt: skip
_MIN_COOKIE = 16  # shorter values are words such as a language, and would be cut out of the page's text
_MIN_PASSWORD = 6
_SCHEMES = frozenset(
    {"basic", "bearer", "digest", "negotiate"}
)  # a scheme without a token is a word, no secret


class Redactor:
    """Replaces known secrets, in the spellings in which pages echo them.

    Args:
        secrets: the secret texts; empty ones are ignored.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset(filter(None, secrets))
        self._pattern = _pattern(self._secrets)

    def knowing(self, more: Iterable[str]) -> "Redactor":
        """One that knows further secrets too."""
        unknown = frozenset(filter(None, more)) - self._secrets
        return Redactor(self._secrets | unknown) if unknown else self

    def data(self, value: bytes) -> bytes:
        """Bytes without the secrets."""
        return self._pattern.sub(SECRET.encode(), value) if self._pattern else value

    def text(self, value: str) -> str:
        """Text without the secrets; bytes that are no UTF-8 stay as ``surrogateescape`` reads them."""
        return self.data(value.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def url(self, value: str) -> str:
        """A URL without the secrets, user information and fragment."""
        parts = urlsplit(urldefrag(value)[0])
        host = parts.netloc.rpartition("@")[2]
        plain = self.text(host).replace(SECRET, "secret")  # brackets would make an IPv6 address of it
        rest = urlunsplit(("", "", parts.path, parts.query, ""))
        return f"{parts.scheme}://{plain}{self.text(rest)}"

    def headers(self, headers: Headers, secret_names: Iterable[str] = ()) -> Headers:
        """Headers without those that carry credentials, and without the secrets in the others."""
        dropped = _CREDENTIAL_HEADERS | {name.lower() for name in secret_names}
        return tuple((name, self.text(value)) for name, value in headers if name.lower() not in dropped)


def credentials_in(url: str, headers: Headers, secret_names: Iterable[str] = ()) -> set[str]:
    """The secrets that a request or a response carries itself, which a page may echo.

    Args:
        url: of the request; its user information counts.
        headers: of the request and of the response.
        secret_names: headers whose values are secrets.
    """
    named = {name.lower() for name in secret_names}
    found = set(_from_url(url))
    for name, value in headers:
        match name.lower():
            case "authorization" | "proxy-authorization":
                found |= set(_from_authorization(value))
            case "cookie":
                found |= _long_values(value.split(";"))
            case "set-cookie" | "set-cookie2":
                found |= _long_values(value.split(";")[:1])
            case lowered if lowered in named:
                found.add(value.strip())
    return found


def _long_values(cookies: Iterable[str]) -> set[str]:
    values = {cookie.partition("=")[2].strip() for cookie in cookies}
    return {value for value in values if len(value) >= _MIN_COOKIE}


def _from_url(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    user_information = parts.netloc.rpartition("@")[0]
    if user_information:
        yield user_information
        if parts.password and len(parts.password) >= _MIN_PASSWORD:
            yield parts.password


def _from_authorization(value: str) -> Iterator[str]:
    scheme, _, token = value.strip().partition(" ")
    if token.strip() or scheme.lower() not in _SCHEMES:
        yield token.strip() or scheme
    if scheme.lower() == "basic":
        try:
            pair = b64decode(token.strip(), validate=True).decode("utf-8", "replace")
        except Base64Error:
            return
        yield pair
        password = pair.partition(":")[2]
        if len(password) >= _MIN_PASSWORD:
            yield password


@lru_cache(maxsize=64)
def _pattern(secrets: frozenset[str]) -> re.Pattern[bytes] | None:
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
    # The longest first, so that no part of one is left where a shorter one begins the same.
    ordered = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return re.compile(b"|".join(map(re.escape, ordered))) if ordered else None


def _spellings(secret: str) -> Iterator[bytes]:
    raw = secret.encode("utf-8", "surrogateescape")
    in_json = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    texts = {secret, html.escape(secret)} | in_json
    quoted = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    lowered = {re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in quoted}
    yield b64encode(raw)
    yield urlsafe_b64encode(raw)
    for text in texts | quoted | lowered:
        yield text.encode("utf-8", "surrogateescape")
        for encoding in ("latin-1", "utf-16-le", "utf-16-be"):
            try:
                yield text.encode(encoding)
            except UnicodeEncodeError:
                continue

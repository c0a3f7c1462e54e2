"""What a recording is, whichever form it is stored in."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from news.errors import RecordingError

SCHEMA = 1
"""The version of both stored forms."""

MAX_BODY_BYTES = 32 * 1024 * 1024
"""The largest decoded body that a recording holds."""

MAX_TOTAL_BYTES = 1024 * 1024 * 1024
"""What a reader takes into memory at most, unless its caller says otherwise."""

ERROR_KINDS = ("timeout", "dns", "refused", "tls", "reset", "cut", "too_large", "blocked", "failed")
"""Why no answer came. ``cut``: the body ended early; ``blocked``: the address is not asked; ``failed``: the rest."""

Headers = tuple[tuple[str, str], ...]

_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_METHOD = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
_HEADER_NAME = re.compile(
    r"[!-9;-~]([ -9;-~]*[!-9;-~])?"
)  # what servers really send, not only RFC 9110's tokens
_HEADER_BREAK = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedAnswer:
    """One answer of a server, or the failure to get one.

    Header values are the wire's bytes read as UTF-8 with ``surrogateescape``, so that none is lost.

    Args:
        url: as requested: ASCII, http or https, without user information and fragment.
        method: in capitals.
        at: when it was asked for; aware, UTC.
        status: 100 to 999, or 0 with an ``error``.
        headers: name and value in order; ``Content-Encoding`` is there only if it could not be undone.
        body: decoded from ``Content-Encoding`` and ``Transfer-Encoding``.
        error: one of ``ERROR_KINDS``, or empty.

    Raises:
        RecordingError: a field is not of this shape.
    """

    url: str
    at: datetime
    method: str = "GET"
    status: int = 200
    headers: Headers = ()
    body: bytes = b""
    error: str = ""

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_utc(self.at, "at")
        if not _METHOD.fullmatch(self.method):
            raise RecordingError(f"method {self.method!r} is not an HTTP method in capitals")
        for name, value in self.headers:
            if not _HEADER_NAME.fullmatch(name):
                raise RecordingError(f"header name {name!r} is not ASCII without a colon")
            if _HEADER_BREAK.search(value):
                raise RecordingError(f"header {name}: the value holds a line break or NUL")
        if len(self.body) > MAX_BODY_BYTES:
            raise RecordingError(f"the body of {self.url} has more than {MAX_BODY_BYTES} bytes")
        self._check_outcome()

    def _check_outcome(self) -> None:
        if self.error and self.error not in ERROR_KINDS:
            raise RecordingError(f"error {self.error!r} is none of {', '.join(ERROR_KINDS)}")
        if self.error and (self.status or self.headers or self.body):
            raise RecordingError("an answer with an error has no headers and no body, and its status is 0")
        if not self.error and not 100 <= self.status <= 999:
            raise RecordingError(f"status {self.status} is not between 100 and 999")


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovered:
    """What a recorded discovery was asked: the page, the channels that it was kept to (none: all), the language.

    ``browser`` says whether one was at hand to render pages.
    """

    url: str
    channels: tuple[str, ...] = ()
    language: str = ""
    browser: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One crawl, or one discovery: what was asked, in that order, and what came back.

    Args:
        clock: the crawl's start; aware, UTC. A replay runs under it.
        sources: names of the sources that were crawled; none of a discovery.
        definitions: the definitions of their sites as TOML, without secrets; may be empty.
        answers: in the order in which they were asked for.
        discovery: what was to be discovered, None of a crawl.

    Raises:
        RecordingError: a field is not of this shape.
    """

    clock: datetime
    sources: tuple[str, ...]
    definitions: str = ""
    answers: tuple[RecordedAnswer, ...] = ()
    discovery: Discovered | None = None

    def __post_init__(self) -> None:
        _check_utc(self.clock, "clock")
        for source in self.sources:
            if not source or not source.isprintable():
                raise RecordingError(f"source name {source!r} is empty or not printable")
        if self.discovery is not None:
            _check_url(self.discovery.url)
            if self.sources:
                raise RecordingError("a recording is of sources or of a discovery, not of both")
        try:
            self.definitions.encode()
        except UnicodeEncodeError as error:
            raise RecordingError(f"definitions are not valid Unicode: {error.reason}") from error


def right_headers(headers: Headers, *, method: str, status: int, body: bytes) -> Headers:
    """The headers with a true ``Content-Length`` and without ``Transfer-Encoding``.

    Answers without a body by definition (HEAD, 204, 304) keep the length that they announce (RFC 9110, 8.6).

    >>> right_headers((("Content-Length", "9"), ("Etag", "x")), method="GET", status=200, body=b"four")
    (('Content-Length', '4'), ('Etag', 'x'))
    """
    kept = tuple((name, value) for name, value in headers if name.lower() != "transfer-encoding")
    if method == "HEAD" or status in {204, 304}:
        return kept
    length = str(len(body))
    return tuple((name, length if name.lower() == "content-length" else value) for name, value in kept)


def _check_url(url: str) -> None:
    shown = url if len(url) <= 200 else f"{url[:200]}…"
    if not _URL.fullmatch(url):
        raise RecordingError(f"{shown!r} is not an http or https URL in ASCII without spaces")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise RecordingError(f"{shown!r} is not a URL: {error}") from error
    if not host:
        raise RecordingError(f"{shown!r} has no host")
    if "@" in parts.netloc:
        raise RecordingError(f"the URL for {host} carries user information; recordings hold no credentials")
    if "#" in url:
        raise RecordingError(f"{shown!r} has a fragment, which is never sent to a server")


def _check_utc(moment: datetime, name: str) -> None:
    if moment.tzinfo is None or moment.utcoffset() != timedelta(0):
        raise RecordingError(f"{name} must be a time in UTC, such as 2023-11-22T08:00:00Z")


def to_utc(moment: datetime) -> datetime:
    """An aware time in UTC.

    Raises:
        RecordingError: the time has no offset.
    """
    if moment.tzinfo is None:
        raise RecordingError(f"{moment.isoformat()} has no offset; write it as 2023-11-22T08:00:00Z")
    return moment.astimezone(UTC)

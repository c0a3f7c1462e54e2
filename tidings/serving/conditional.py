"""Answers that the reader has already: entity tags and 304 (RFC 9110, section 13), and HEAD for every GET."""

from __future__ import annotations

import hashlib
import re
from email.utils import parsedate_to_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_KEPT = frozenset(
    (
        b"cache-control",
        b"content-location",
        b"date",
        b"etag",
        b"expires",
        b"last-modified",
        b"link",
        b"set-cookie",
        b"vary",
    )
)
"""Headers of the whole answer that a 304 has too."""


class Conditional:
    """Tags each whole 200 to a GET, and answers 304 where the request names the tag, or a time without change since.

    The tags are weak, since the same content may leave compressed. What is streamed passes untouched; an answer that
    brings a tag of its own keeps it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        known, since = asked.get("if-none-match"), asked.get("if-modified-since", "")
        answer = _Answer(send, known=known, since=since, only_headers=scope["method"] == "HEAD")
        await self._app({**scope, "method": "GET"}, receive, answer.send)


class _Answer:
    """One answer on its way; its start waits for the first part of its body."""

    def __init__(self, send: Send, *, known: str | None, since: str, only_headers: bool) -> None:
        self._send = send
        self._known = known
        self._since = since
        self._only_headers = only_headers
        self._start: Message | None = None
        self._silent = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            if self._start is not None:
                start, self._start = self._start, None
                await self._send(self._headed(start, message))
                if self._silent:
                    await self._send({"type": "http.response.body", "body": b""})
            if not self._silent:
                await self._send(message)
        else:
            await self._send(message)

    def _headed(self, start: Message, first: Message) -> Message:
        whole = not first.get("more_body", False)
        if start["status"] == 200:
            headers = MutableHeaders(scope=start)
            if whole and "etag" not in headers:
                headers["ETag"] = f'W/"{hashlib.sha256(first.get("body", b"")).hexdigest()[:32]}"'
            if self._is_known(headers):
                self._silent = True
                kept = [(name, value) for name, value in start["headers"] if name.lower() in _KEPT]
                return {**start, "status": 304, "headers": kept}
        self._silent = self._only_headers
        return start

    def _is_known(self, headers: MutableHeaders) -> bool:
        if self._known is not None:  # then the time does not count (RFC 9110, section 13.1.3)
            return "etag" in headers and matches(self._known, headers["etag"])
        return "last-modified" in headers and not_after(headers["last-modified"], self._since)


def not_after(changed: str, since: str) -> bool:
    """Return whether a ``Last-Modified`` is not later than an ``If-Modified-Since``; what is no date is ignored.

    >>> day = "Sat, 28 Nov 2026 05:00:{} GMT"
    >>> [not_after(day.format("01"), since) for since in (day.format("01"), day.format("00"), "", "soon")]
    [True, False, False, False]
    """
    try:
        return parsedate_to_datetime(changed) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def matches(known: str, tag: str) -> bool:
    """Return whether an ``If-None-Match`` names this tag, by weak comparison.

    >>> [matches(known, 'W/"a"') for known in ('"a"', 'W/"b", W/"a"', "*", "", "a")]
    [True, True, True, False, False]
    """
    if known.strip() == "*":
        return True
    return tag.removeprefix("W/") in {each.removeprefix("W/") for each in _TAG.findall(known[:4_000])}

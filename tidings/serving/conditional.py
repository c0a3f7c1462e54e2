"""Answers that the reader has already: entity tags and 304 (RFC 9110, section 13), and HEAD for every GET."""

from __future__ import annotations

import hashlib
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_KEPT = frozenset(
    (b"cache-control", b"content-location", b"date", b"etag", b"expires", b"link", b"set-cookie", b"vary")
)
"""Headers of the whole answer that a 304 has too."""


class Conditional:
    """Tags each whole 200 to a GET, and answers 304 where the request names the tag.

    The tags are weak, since the same content may leave compressed. What is streamed passes untouched; an answer that
    brings a tag of its own keeps it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        answer = _Answer(send, known=known, only_headers=scope["method"] == "HEAD")
        await self._app({**scope, "method": "GET"}, receive, answer.send)


class _Answer:
    """One answer on its way; its start waits for the first part of its body."""

    def __init__(self, send: Send, *, known: str, only_headers: bool) -> None:
        self._send = send
        self._known = known
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
            if "etag" in headers and matches(self._known, headers["etag"]):
                self._silent = True
                kept = [(name, value) for name, value in start["headers"] if name.lower() in _KEPT]
                return {**start, "status": 304, "headers": kept}
        self._silent = self._only_headers
        return start


def matches(known: str, tag: str) -> bool:
    """Return whether an ``If-None-Match`` names this tag, by weak comparison.

    >>> [matches(known, 'W/"a"') for known in ('"a"', 'W/"b", W/"a"', "*", "", "a")]
    [True, True, True, False, False]
    """
    if known.strip() == "*":
        return True
    return tag.removeprefix("W/") in {each.removeprefix("W/") for each in _TAG.findall(known[:4_000])}

"""Requests that say more than anybody needs are refused, whether they announce their length or not."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tidings.serving.problems import Kind, refused

MOST_BYTES = 1024 * 1024
"""Of a request's body: a list of a few thousand feeds fits."""


class BodyLimit:
    """Ends a request whose body is longer than ``most`` bytes with 413, before it is read on."""

    def __init__(self, app: ASGIApp, *, most: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > self._most:
            raise self._refusal()
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise self._refusal()
            return message

        await self._app(scope, counted, send)

    def _refusal(self) -> Exception:
        return refused(
            413,
            Kind.TOO_LARGE,
            f"The body of a request may have {self._most} bytes at most.",
            headers={"Connection": "close"},
        )

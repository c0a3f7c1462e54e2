"""One look at the end of the log every half second, shared by all who wait for something new."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from news.errors import StorageError

logger = logging.getLogger(__name__)

EVERY_SECONDS = 0.5


class LogWatch:
    """Looks at the end of the log while somebody waits for it to move.

    Whoever waits holds neither a thread nor a connection; only the look itself does, for a moment.

    Args:
        newest: reads the ``seq`` of the newest change; it is called in a thread.
        every: seconds between two looks.
    """

    def __init__(self, newest: Callable[[], int], *, every: float = EVERY_SECONDS) -> None:
        self._newest = newest
        self._every = every
        self._seen = 0
        self._waiting = 0
        self._moved = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self.closed = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting

    async def beyond(self, seq: int, seconds: float) -> None:
        """Return when the log reaches beyond ``seq``, after so many seconds, or when the server stops."""
        self._waiting += 1
        try:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while self._seen <= seq and not self.closed:
                        await self._moved.wait()
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Send everybody away who waits, and let nobody wait again."""
        self.closed = True
        self._wake()

    async def _look(self) -> None:
        while self._waiting and not self.closed:
            try:
                newest = await run_in_threadpool(self._newest)
            except StorageError as error:
                logger.warning("waiting for changes: %s; looking again", error)
            else:
                if newest != self._seen:
                    self._seen = newest
                    self._wake()
            await asyncio.sleep(self._every)

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

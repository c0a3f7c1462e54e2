"""When sessions and tokens were last used: remembered at each request, written down once a minute.

A request that only reads must not wait for whoever is writing to the database.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import datetime

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from news.errors import StorageError
from storage.tokens import note_used
from storage.users import note_seen

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


class Traces:
    """Remembers what was used when. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sessions: dict[str, datetime] = {}
        self._tokens: dict[int, datetime] = {}
        self._lock = threading.Lock()

    def session(self, hash: str, at: datetime) -> None:  # noqa: A002
        """A session was used."""
        with self._lock:
            self._sessions[hash] = at

    def token(self, number: int, at: datetime) -> None:
        """A token was used."""
        with self._lock:
            self._tokens[number] = at

    def write(self) -> None:
        """Write down what was used since the last time; what cannot be written is remembered on."""
        with self._lock:
            sessions, tokens = self._sessions, self._tokens
            self._sessions, self._tokens = {}, {}
        try:
            note_seen(self._engine, sessions)
            note_used(self._engine, tokens)
        except StorageError as error:
            logger.warning("when sessions and tokens were last used: %s; trying again later", error)
            with self._lock:
                self._sessions = {**sessions, **self._sessions}
                self._tokens = {**tokens, **self._tokens}

    async def keep_writing(self) -> None:
        """Write from time to time, until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await run_in_threadpool(self.write)

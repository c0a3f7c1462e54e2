"""Discoveries that somebody waits for in a browser: made in the background, one or two at a time, kept for an hour."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crawler.discovery.proposal import Proposal
from news.errors import TidingsError
from scheduler.discovering import discover_now
from storage.settings import Settings

logger = logging.getLogger(__name__)

AT_ONCE = 2
MOST_WAITING = 4
"""Discoveries that wait for their turn; who asks for one more is told to come again."""
KEPT = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """One discovery as it stands.

    Args:
        token: by which its page is found; nobody guesses it.
        url: the page that is looked at.
        language: as somebody gave it, who knows it better than the page.
        allow_private: whether addresses may be asked that are not public.
        begun_at: when it was asked for.
        is_over: whether it has ended.
        proposal: what it found; None while it runs, and where it failed.
        failure: why it brought nothing, in words.
    """

    token: str
    url: str
    language: str
    allow_private: bool
    begun_at: datetime
    is_over: bool = False
    proposal: Proposal | None = None
    failure: str = ""


Look = Callable[..., Proposal]


@dataclass
class Discoveries:
    """The discoveries of one server. They are in memory only: after a restart one is made anew."""

    settings: Settings
    look: Look = discover_now
    _known: dict[str, Discovery] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="discovery")
    )

    def begin(
        self, url: str, *, language: str = "", allow_private: bool = False, now: datetime
    ) -> Discovery | None:
        """Begin to look at a page; None where too many wait already. One that runs for this page is shared."""
        with self._lock:
            self._forget(now)
            running = [each for each in self._known.values() if not each.is_over]
            for each in running:
                if (each.url, each.language, each.allow_private) == (url, language, allow_private):
                    return each
            if len(running) >= AT_ONCE + MOST_WAITING or self._stopping.is_set():
                return None
            new = Discovery(
                token=secrets.token_urlsafe(16),
                url=url,
                language=language,
                allow_private=allow_private,
                begun_at=now,
            )
            self._known[new.token] = new
            self._threads.submit(self._run, new)
            return new

    def find(self, token: str) -> Discovery | None:
        """Return a discovery by its token, None if it is not known (any more)."""
        with self._lock:
            return self._known.get(token)

    def close(self) -> None:
        """End what runs, and begin nothing more."""
        self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, one: Discovery) -> None:
        try:
            proposal = self.look(
                self.settings,
                one.url,
                language=one.language,
                allow_private=one.allow_private,
                keep_patience=True,
                stopping=self._stopping,
            )
            ended = replace(one, is_over=True, proposal=proposal)
        except TidingsError as error:
            ended = replace(one, is_over=True, failure=str(error))
        except Exception:  # whoever waits has to hear of it, whatever it was
            logger.exception("the discovery of %r failed", one.url)
            ended = replace(
                one, is_over=True, failure="Something unexpected happened; the log has the details."
            )
        with self._lock:
            self._known[one.token] = ended

    def _forget(self, now: datetime) -> None:
        old = [token for token, each in self._known.items() if each.is_over and now - each.begun_at > KEPT]
        for token in old:
            del self._known[token]

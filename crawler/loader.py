"""Every source of the catalogue as a spider, so that ``scrapy list`` and ``scrapy crawl icesco-en`` work."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.catalogue import load_catalogue
from crawler.session import Session
from crawler.settings import VERSION
from crawler.spiders.listings import ListingsSpider
from news.run import Lease, Settled
from news.source import Source
from news.urls import host_key
from storage.engine import database_now, reading
from storage.leases import lease_named, release
from storage.schema import ready
from storage.settings import load_settings
from storage.sources import save_sources

logger = logging.getLogger(__name__)

LEASE_SECONDS = 3_600.0
"""A crawl by hand has no wall limit; whoever kills it gives the host free after an hour."""


class SourceLoader:
    """Scrapy's spider loader over the catalogue: one spider a source, named like it."""

    @cached_property
    def _sources(self) -> dict[str, Source]:
        """Read when it is asked for: a crawl of a batch builds a loader too, and needs none of it."""
        return load_catalogue(*load_settings().sites)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:  # noqa: ARG003 - Scrapy's interface
        return cls()

    def list(self) -> list[str]:
        """Return the names of all sources."""
        return sorted(self._sources)

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider that reads one source.

        Raises:
            KeyError: no site of the catalogue declares this source.
        """
        if spider_name not in self._sources:
            raise KeyError(f"Spider not found: {spider_name}; `scrapy list` shows every source")
        source = self._sources[spider_name]
        return type("SourceSpider", (SourceSpider,), {"name": source.name, "source": source})

    def find_by_request(self, request: Request) -> Sequence[str]:
        """Return the sources on the host of ``request``."""
        host = host_key(request.url)
        return [name for name, source in sorted(self._sources.items()) if host_key(source.url) == host]


class SourceSpider(ListingsSpider):
    """Reads one source of the catalogue by hand: leases its host like everyone, settles, and logs what is new.

    The database is that of the configuration, or ``-s TIDINGS_DATABASE_URL=…``.
    """

    source: ClassVar[Source]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        configured = load_settings()
        logging.getLogger("alembic").setLevel(logging.WARNING)  # of making the tables it tells step by step
        engine = ready(crawler.settings.get("TIDINGS_DATABASE_URL") or configured.database_url)
        with reading(engine) as connection:
            now = database_now(connection)
        save_sources(engine, [cls.source], origin="catalogue", now=now)
        owner = f"scrapy on {socket.gethostname()}, process {os.getpid()}"
        leased = lease_named(engine, [cls.source.name], owner=owner, seconds=LEASE_SECONDS)
        leases = [lease for lease, _ in leased]
        try:
            session = Session(engine, leases, [key for _, ids in leased for key in ids], cls._tell)
            spider = super().from_crawler(
                crawler, *args, name=cls.name, **session.spider_arguments(), **kwargs
            )
        except BaseException:
            release(engine, leases)
            raise
        if configured.user_agent or configured.contact:
            agent = configured.user_agent or f"tidings/{VERSION} (+{configured.contact})"
            crawler.settings.set("USER_AGENT", agent, priority="spider")
        crawler.settings.set("TIDINGS_SECRETS", list(session.secrets), priority="spider")
        ending = _Ending(session, leases, lambda: release(engine, leases))
        crawler.signals.connect(ending.close, signal=signals.engine_stopped)
        spider.ending = ending
        return spider

    ending: _Ending

    @staticmethod
    def _tell(settled: Settled) -> None:
        reason = f" ({settled.reason})" if settled.reason else ""
        items = "1 item" if settled.baseline == 1 else f"{settled.baseline} items"
        known = f", {items} known, none announced" if settled.baseline is not None else ""
        logger.info("%s: %s%s%s", settled.source, settled.verdict, reason, known)
        for change in settled.changes:
            logger.info("%s #%d %s <%s>", change.kind, change.seq, change.title, change.url)


class _Ending:
    """Settles and gives the host free when the crawl's engine has stopped."""

    def __init__(self, session: Session, leases: Sequence[Lease], free: Any) -> None:
        self._session, self._leases, self._free = session, leases, free

    async def close(self) -> None:
        await asyncio.to_thread(self._session.close)
        await asyncio.to_thread(self._free)

"""What one crawl process is asked to do, and what it answers: values that travel between processes, without Scrapy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from news.price import Budget
from news.run import Lease, Settled

if TYPE_CHECKING:
    from storage.logs import Form
    from storage.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What one crawl process is to do; plain values, so that it can be sent to another process.

    ``leases`` are held on the hosts of ``source_ids``; the process is killed after ``wall_seconds``. ``replay`` is a
    recording to read from, under ``clock``; ``record`` a WARC file to write, with ``definitions`` (the TOML of the
    sites) inside. ``user_agent`` empty: the one of `crawler.settings`, with ``contact``, an address where a person
    can be reached, if there is one. ``delay_seconds`` is for hosts that a crawl is led
    to; each source declares its own.
    """

    database_url: str
    leases: tuple[Lease, ...]
    source_ids: tuple[int, ...]
    wall_seconds: float = 300.0
    user_agent: str = ""
    contact: str = ""
    announce_latest: int = 0
    look_budget: int = 10
    budget: Budget = field(default_factory=Budget)
    delay_seconds: float = 1.0
    timeout_seconds: float = 30.0
    environment_proxies: bool = False
    browser_path: str = ""
    browser_sandbox: bool = True
    max_body_bytes: int = 10 * 1024**2
    clock: datetime | None = None
    replay: Path | None = None
    record: Path | None = None
    definitions: str = ""
    log_level: str = "WARNING"
    log_format: Form = "console"

    @classmethod
    def under(
        cls, settings: Settings, leases: Sequence[Lease], source_ids: Sequence[int], **own: Any
    ) -> Self:
        """Return a batch that follows ``settings``; ``own`` are the fields that only this crawl has."""
        fields: dict[str, Any] = {
            "wall_seconds": settings.wall_seconds,
            "user_agent": settings.user_agent,
            "contact": settings.contact,
            "look_budget": settings.looks_per_run,
            "budget": Budget(
                reads_per_day=settings.reads_per_day, host_requests=settings.host_requests_per_day
            ),
            "delay_seconds": settings.delay_seconds,
            "timeout_seconds": settings.timeout_seconds,
            "environment_proxies": settings.environment_proxies,
            "browser_path": settings.browser_path,
            "browser_sandbox": settings.browser_sandbox,
            "max_body_bytes": settings.max_body_bytes,
            "log_level": settings.log_level.upper(),
            "log_format": settings.log_format,
        }
        return cls(
            database_url=settings.database_url,
            leases=tuple(leases),
            source_ids=tuple(source_ids),
            **(fields | own),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchResult:
    """What became of a batch.

    ``failure`` says in one line what went wrong with the crawl as a whole, empty if nothing did. ``unfinished`` are
    the ids of sources without a run, which are due again. ``not_recorded`` are the requests that a replay asked for in
    vain.
    """

    settled: tuple[Settled, ...] = ()
    failure: str = ""
    finish_reason: str = ""
    unfinished: tuple[int, ...] = ()
    not_recorded: tuple[str, ...] = ()
    recording_error: str = ""

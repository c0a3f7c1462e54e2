"""The whole of `tidings replay` in a child that may be killed: declaring, leasing, crawling, settling, giving free."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from news.run import Settled
from scheduler.children import Ending
from storage.settings import Settings
from tests.faults.killed import Attempt, killed


def replay(database_url: str, recording: Path, *, kill_at: int = 0) -> Attempt:
    """Replay in a child, which gets SIGKILL at the ``kill_at``-th point; what it brings is what was settled."""
    return killed(partial(_replay, database_url, recording), at=kill_at)


def _replay(database_url: str, recording: Path) -> tuple[Settled, ...]:
    from crawler.crawling import crawl_batch
    from scheduler.crawling import replay_now

    def here(batch: Any, report: Callable[[Settled], None]) -> Ending:
        result = crawl_batch(batch, report)
        return Ending(result=result, settled=result.settled)

    settings = Settings(database_url=database_url, log_level="error")
    return tuple(replay_now(settings, recording, crawl=here))

"""Retention by itself: once a day, if anything is not to be kept for good."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from storage.pruning import claim_daily, prune

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from news.retention import Retention

logger = logging.getLogger(__name__)


class DailyPruner:
    """Prunes once a day, whichever of several services comes first; it leaves off between two pieces when asked to."""

    def __init__(self, engine: Engine, retention: Retention) -> None:
        self._engine = engine
        self._retention = retention
        self._stopping = threading.Event()

    def ask_to_stop(self) -> None:
        """Take nothing more; what is left goes the next day."""
        self._stopping.set()

    def prune_due(self) -> None:
        """Prune, if a day has passed since it was last begun, and say what went.

        Raises:
            StorageError: the database cannot be written; the rest goes the next day.
        """
        if self._retention.keeps_all or self._stopping.is_set() or not claim_daily(self._engine):
            return
        gone = prune(self._engine, self._retention, stopped=self._stopping.is_set)
        logger.info(
            "pruned: %d texts, %d articles without a text, %d changes, %d digests, %d runs, %d held readings",
            gone.revisions,
            gone.articles,
            gone.changes,
            gone.digests,
            gone.runs,
            gone.held,
        )
        if gone.kept_by:
            logger.info("older changes stay in the log until %s was told of them", gone.kept_by)

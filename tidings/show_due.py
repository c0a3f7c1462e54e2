"""When a source is asked again, in words that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.source_status import SourceStatus


def next_crawl(status: SourceStatus) -> str:
    """Return when a source is asked again that was just made due: a pause counts for more."""
    if status.paused:
        return f"it is still paused; `tidings sources resume {status.name}` takes it up again"
    return "it is due now"

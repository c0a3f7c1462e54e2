"""``tidings run``: crawl on schedule, in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.errors import SourceError
from tidings import show
from tidings.options import Config, Database, Debug, settings_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.settings import Settings
    from storage.source_status import SourceStatus


def run(database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Crawl on schedule until you stop it.

    Ctrl-C or SIGTERM ends it gracefully: what was read is settled, the rest is due again. Prints one line when it is
    ready; its log goes to stderr.
    """
    settings = settings_from(config, database)
    active = _active(settings)
    from scheduler.service import run_forever
    from storage.failures import shown_url
    from tidings.logs import log_to_stderr

    log_to_stderr(settings.log_level, settings.log_format)
    sources, hosts = len(active), len({status.host for status in active})

    def ready() -> None:
        show.say(
            f"tidings is running: {sources} source{'s' if sources != 1 else ''} on {hosts} "
            f"host{'s' if hosts != 1 else ''}, kept in {shown_url(settings.database_url)}; Ctrl-C stops it"
        )

    run_forever(settings, on_ready=ready)


def _active(settings: Settings) -> Sequence[SourceStatus]:
    from storage.source_status import list_sources
    from tidings.declared import HOW_TO_ADD, ready_sources
    from tidings.opening import database, holds_nothing

    if holds_nothing(settings):
        raise SourceError(f"there is no source to crawl; {HOW_TO_ADD}")
    with database(settings) as engine:
        found = list_sources(engine)
    if not found:
        raise SourceError(f"there is no source to crawl; {HOW_TO_ADD}")
    active = [status for status in found if not status.paused]
    if not active:
        show.warn("every source is paused; `tidings sources resume NAME` takes one up again")
    else:
        ready_sources(settings, [status.name for status in active])  # what the catalogue mended since
    return active

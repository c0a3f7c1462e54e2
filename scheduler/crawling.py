"""Crawl or replay now, for somebody who waits for the answer."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.batch import Batch
from news.errors import RecordingError
from news.run import Settled, Verdict
from scheduler.children import Ending, crawl_in_child
from storage.engine import open_engine
from storage.leases import DIED, Leased, lease_named, release, release_dead
from storage.source_status import list_sources

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from crawler.recordings.model import Recording
    from news.source import Source
    from storage.settings import Settings
    from storage.source_status import SourceStatus

Report = Callable[[Settled], None]
Crawl = Callable[[Batch, Report], Ending]
"""How a batch is crawled: `crawl_in_child`, or as a test wants it."""


def _silent(_settled: Settled) -> None:
    pass


def owner_name(role: str) -> str:
    """Return who leases, as people should read it: role, host and process."""
    return f"{role} on {socket.gethostname()}, process {os.getpid()}"


def crawl_now(
    settings: Settings,
    names: Sequence[str],
    *,
    record: Path | None = None,
    announce_latest: int = 0,
    report: Report | None = None,
    crawl: Crawl = crawl_in_child,
) -> tuple[Settled, ...]:
    """Crawl the named sources of the database now, due or not, and return what became of each.

    :param record: a WARC file to write with everything that is asked and answered.
    :param announce_latest: how many of a baseline's newest entries are announced all the same.
    :param report: gets each result as soon as it is committed.
    :raises LeaseError: when a host is being crawled by somebody else.
    :raises SourceError: when a source is unknown or paused.
    """
    engine = open_engine(settings.database_url, create=False)
    try:
        definitions = _definitions(engine, names) if record else ""
        owner = owner_name("tidings crawl")
        leased = lease_named(engine, names, owner=owner, seconds=settings.lease_seconds)
        batch = Batch.under(
            settings,
            [lease for lease, _ in leased],
            [key for _, ids in leased for key in ids],
            announce_latest=announce_latest,
            record=record,
            definitions=definitions,
        )
        return _crawl(engine, batch, report or _silent, crawl)
    finally:
        engine.dispose()


def replay_now(
    settings: Settings,
    recording: Path,
    *,
    announce_latest: int = 0,
    report: Report | None = None,
    crawl: Crawl = crawl_in_child,
) -> tuple[Settled, ...]:
    """Replay one recording offline, under its own clock; its sources are added where they are unknown.

    :param recording: a WARC file or a directory in the same shape.
    :param announce_latest: as `crawl_now`; a recording does not keep it.
    :raises RecordingError: when it is missing or damaged, or its sources are declared nowhere.
    """
    from crawler.recordings.find import open_recording
    from storage.sources import save_sources

    opened = open_recording(recording)
    engine = open_engine(settings.database_url, create=False)
    try:
        for origin, sources in _declared(engine, settings, opened, recording).items():
            save_sources(engine, sources, origin=origin, now=opened.clock)
        owner = owner_name("tidings replay")
        leased = lease_named(
            engine, opened.sources, owner=owner, seconds=settings.lease_seconds, now=opened.clock
        )
        batch = Batch.under(
            settings,
            [lease for lease, _ in leased],
            _in_order(engine, leased, opened.sources),
            announce_latest=announce_latest,
            replay=recording,
            clock=opened.clock,
        )
        return _crawl(engine, batch, report or _silent, crawl, now=opened.clock)
    finally:
        engine.dispose()


def _declared(engine: Engine, settings: Settings, opened: Recording, where: Path) -> dict[str, list[Source]]:
    """Return the sources of a recording that the database is to take over, by their origin.

    The catalogue's declaration counts first, so that mended selectors are tried on old recordings; then the
    database's own; what the recording carries is for sources that nobody else declares.
    """
    from crawler.catalogue import load_catalogue, load_site_text

    catalogue = load_catalogue(*settings.sites)
    inside = (
        {source.name: source for source in load_site_text(opened.definitions, str(where))}
        if opened.definitions
        else {}
    )
    stored = {status.name for status in list_sources(engine)}
    missing = [name for name in opened.sources if name not in {*catalogue, *inside, *stored}]
    if missing:
        raise RecordingError(
            f"recording {where}: {', '.join(missing)} is declared neither in it nor in the catalogue; "
            "add its site file to the directories of `sites`"
        )
    return {
        "catalogue": [catalogue[name] for name in opened.sources if name in catalogue],
        "file": [inside[name] for name in opened.sources if name not in {*catalogue, *stored}],
    }


def _in_order(engine: Engine, leased: Leased, names: Sequence[str]) -> tuple[int, ...]:
    """Return the leased ids in the order of ``names``: the order in which a replay settles."""
    ids = {status.name: status.id for status in list_sources(engine, list(names))}
    held = {key for _, some in leased for key in some}
    return tuple(ids[name] for name in names if ids[name] in held)


def _definitions(engine: Engine, names: Sequence[str]) -> str:
    from crawler.site_export import dump_site
    from storage.sources import load_sources

    return dump_site(load_sources(engine, names))


def _crawl(
    engine: Engine, batch: Batch, report: Report, crawl: Crawl, *, now: datetime | None = None
) -> tuple[Settled, ...]:
    try:
        ending = crawl(batch, report)
    except BaseException:
        release(engine, batch.leases)
        raise
    told = ending.settled + tuple(close_dead(engine, batch, ending, report=report, now=now))
    if ending.result is not None and ending.result.recording_error:
        raise RecordingError(
            f"recording {batch.record}: {ending.result.recording_error}; what was crawled is settled all the same"
        )
    return told


def close_dead(
    engine: Engine, batch: Batch, ending: Ending, *, report: Report, now: datetime | None = None
) -> list[Settled]:
    """Give a batch's hosts free, and settle as failed what its process left unfinished when it went wrong.

    :return: what became of each source of which the process had not told anything.
    """
    if ending.result is not None and not ending.result.failure:
        release(engine, batch.leases)
        return []
    reason = ending.reason or (ending.result.failure if ending.result else "")
    for lease in batch.leases:
        release_dead(engine, lease, batch.source_ids, reason, now=now)
    told = {settled.source for settled in ending.settled}
    left = [_left(status, reason) for status in _batch_sources(engine, batch) if status.name not in told]
    for settled in left:
        report(settled)
    return left


def _batch_sources(engine: Engine, batch: Batch) -> list[SourceStatus]:
    by_id = {status.id: status for status in list_sources(engine)}
    return [by_id[key] for key in batch.source_ids if key in by_id]


def _left(status: SourceStatus, reason: str) -> Settled:
    """Return what the database says of a source whose process could not say it any more."""
    if status.verdict == Verdict.FAILED and status.reason.startswith(DIED):
        return Settled(
            source=status.name,
            run_id=None,
            verdict=Verdict.FAILED,
            reason=status.reason,
            next_due_at=status.next_due_at,
        )
    why = f"{reason}; what the source's last run brought stands in the database"
    return Settled(source=status.name, run_id=None, verdict=Verdict.FAILED, reason=why)

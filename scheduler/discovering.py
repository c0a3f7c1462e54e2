"""Discover now, for somebody who waits for the answer: in a process of its own, live or from a recording."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, cast

from news.errors import RecordingError, SourceError
from scheduler.children import run_and_send, run_in_child
from storage.engine import open_engine, sqlite_file, writing
from storage.host_states import keep_further
from storage.hosts import host_to_ask
from storage.schema import stored_revision

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.discovery.inquiry import Finding, Inquiry
    from crawler.discovery.proposal import Proposal
    from news.run import HostState
    from news.source import Channel
    from storage.settings import Settings


def discover_now(
    settings: Settings,
    url: str,
    *,
    channels: Sequence[Channel] = (),
    language: str = "",
    allow_private: bool = False,
    record: Path | None = None,
    keep_patience: bool = False,
    stopping: threading.Event | None = None,
) -> Proposal:
    """Find out how a page can be read. Where there is a database, its hosts' wishes hold.

    :param url: an address that can be asked for.
    :param channels: those that may be asked and proposed; none for all.
    :param language: of the page, where somebody knows better than the page does.
    :param allow_private: whether addresses may be asked that are not public.
    :param record: a WARC file to write with everything that is asked and answered.
    :param keep_patience: write into a database that is there what a host asked for with ``Retry-After``, so that no
        crawl asks it before; otherwise nothing is written.
    :raises LeaseError: when the host is being crawled at this moment.
    :raises SourceError: when the discovery itself fell over or ran into its limit.
    """
    from crawler.discovery.inquiry import Inquiry

    host = _host(settings, url)
    inquiry = Inquiry.under(
        settings,
        url,
        clock=datetime.now(UTC),
        channels=tuple(channels),
        language=language,
        allow_private=allow_private,
        hosts=(host,) if host is not None else (),
        record=record,
    )
    finding = _found(inquiry, stopping)
    if keep_patience:
        _keep_patience(settings, finding.hosts)
    if finding.recording_error:
        raise RecordingError(f"recording {record}: {finding.recording_error}")
    return _proposal(finding, url)


def replay_discovery(settings: Settings, recording: Path) -> Proposal:
    """Make a recorded discovery again, offline, under its own clock.

    :raises RecordingError: when it is missing, damaged or of a crawl, or does not hold what was asked.
    """
    from crawler.discovery.inquiry import Inquiry
    from crawler.recordings.find import open_recording
    from news.source import Channel

    opened = open_recording(recording)
    if opened.discovery is None:
        raise RecordingError(
            f"recording {recording}: it is of a crawl, not of a discovery; "
            f"play it back with: tidings replay {recording}"
        )
    asked = opened.discovery
    try:
        channels = tuple(map(Channel, asked.channels))
    except ValueError as error:
        raise RecordingError(f"recording {recording}: its discovery names a channel: {error}") from None
    inquiry = Inquiry.under(
        settings,
        asked.url,
        clock=opened.clock,
        channels=channels,
        language=asked.language,
        allow_private=True,  # nothing is connected to
        browser=asked.browser,
        replay=recording,
    )
    finding = _found(inquiry, None)
    if finding.not_recorded:
        missing = "\n  ".join(finding.not_recorded)
        raise RecordingError(
            f"recording {recording}: the discovery asked for what is not in it; record it again\n  {missing}"
        )
    return _proposal(finding, asked.url)


def _host(settings: Settings, url: str) -> HostState | None:
    """Return what a database that is there knows of the host."""
    with _present(settings) as engine:
        return None if engine is None else host_to_ask(engine, url)


def _keep_patience(settings: Settings, hosts: Sequence[HostState]) -> None:
    """Write down until when hosts want to be left alone, in a database that is there."""
    impatient = [host for host in hosts if host.not_before is not None]
    if not impatient:
        return
    with _present(settings) as engine:
        if engine is not None:
            with writing(engine) as connection:
                keep_further(connection, impatient)


@contextmanager
def _present(settings: Settings) -> Iterator[Engine | None]:
    """Open the database if it is there; none is made."""
    engine = open_engine(settings.database_url)
    try:
        file = sqlite_file(engine)
        missing = (file is not None and not file.exists()) or stored_revision(engine) is None
        yield None if missing else engine
    finally:
        engine.dispose()


def _found(inquiry: Inquiry, stopping: threading.Event | None) -> Finding:
    ending = run_in_child(
        inquiry,
        inquire_and_send,
        wall_seconds=inquiry.wall_seconds,
        report=lambda _settled: None,  # nothing is settled by a discovery
        stopping=stopping,
    )
    if ending.result is None:
        raise SourceError(f"{inquiry.url}: the discovery brought nothing: {ending.reason}")
    return cast("Finding", ending.result)


def _proposal(finding: Finding, url: str) -> Proposal:
    if finding.proposal is None:
        raise SourceError(f"{url}: the discovery brought nothing: {finding.failure}")
    return finding.proposal


def inquire_and_send(inquiry: Inquiry, sender: Connection) -> None:
    """Run in the child: make the discovery, and send what it found, or the reason why there is nothing."""
    from crawler.discovery.inquiry import inquire
    from storage.logs import log_to_stderr

    log_to_stderr(inquiry.log_level, inquiry.log_format)
    run_and_send(lambda: inquire(inquiry), sender, inquiry.wall_seconds)

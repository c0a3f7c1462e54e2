"""The doctor's round: one look after the other, each of which may fail without keeping the others from being taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from news.errors import TidingsError
from news.source import Source
from news.version import own_version
from storage.engine import open_engine, reading, sqlite_file
from storage.examining import Examined, examine
from storage.hosts import hosts_to_leave_alone
from storage.schema import REVISIONS
from storage.settings import Settings
from storage.sources import load_sources
from tidings.doctor import clock, configuration, database, disk, installation, network
from tidings.doctor.findings import Finding, failed, ok, refused, skipped

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the database told; without one, what can be looked at without it."""

    examined: Examined | None = None
    sources: tuple[Source, ...] = ()
    patience: tuple[tuple[str, str], ...] = ()
    file: Path | None = None


def examine_all(
    load: Callable[[], Settings], *, config: Path | None, offline: bool, **replaced: Any
) -> Iterator[Finding]:
    """Yield every finding, as it is made.

    Args:
        load: reads the settings; what it raises is a finding too.
        config: the file of ``--config``.
        offline: leave the network alone.
        replaced: parts of `network.Network`, for a test.
    """
    try:
        settings = load()
    except TidingsError as error:
        yield failed("configuration", "settings", str(error), "mend it; nothing else was looked at")
        return
    findings: list[Finding] = []
    known = _known(settings, findings)
    yield from _safely("installation", lambda: installation.look(settings, known.sources))
    yield from _safely("configuration", lambda: configuration.look(settings, known.sources, config=config))
    yield from findings
    yield from _safely("disk", lambda: disk.look(known.file))
    ahead: tuple[timedelta, ...] = ()
    if offline:
        yield from network.unasked(known.sources)
    else:
        agent = settings.user_agent or f"tidings/{own_version()} (+{settings.contact or 'doctor'})"
        asked = network.Network(user_agent=agent, patience=dict(known.patience), **replaced)
        looked: list[network.Looked] = []
        yield from _safely("dns", lambda: _asked(known.sources, asked, looked))
        ahead = looked[0].ahead if looked else ()
    seen = known.examined
    on_server = seen is not None and known.file is None
    yield from clock.look(
        datetime.now(UTC),
        database_now=seen.now if seen is not None and on_server else None,
        last_run_at=seen.last_run_at if seen is not None else None,
        servers=ahead,
    )


def _asked(
    sources: tuple[Source, ...], asked: network.Network, looked: list[network.Looked]
) -> Iterable[Finding]:
    looked.append(network.look(sources, asked))
    return looked[0].findings


def _known(settings: Settings, findings: list[Finding]) -> Known:
    """Ask the database for everything at once, and write down what came of it."""
    try:
        engine = open_engine(settings.database_url, create=False)
    except TidingsError as error:
        findings.append(refused("database", "opened", error))
        return Known()
    try:
        examined = examine(engine)
        findings += database.look(examined)
        if examined.revision != REVISIONS[-1]:
            findings.append(skipped("database", "sources", "they are read once it is up to date"))
            return Known(examined=examined, file=sqlite_file(engine))
        return _with_sources(engine, examined, findings)
    except TidingsError as error:
        findings.append(refused("database", "reached", error))
        return Known(file=sqlite_file(engine))
    finally:
        engine.dispose()


def _with_sources(engine: Engine, examined: Examined, findings: list[Finding]) -> Known:
    sources = tuple(load_sources(engine))
    with reading(engine) as connection:
        patience = tuple(hosts_to_leave_alone(connection).items())
    findings.append(ok("database", "sources", f"{len(sources)} kept"))
    return Known(examined=examined, sources=sources, patience=patience, file=sqlite_file(engine))


def _safely(subject: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Take a look that may itself be broken by what it looks at."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 - a doctor that falls ill helps nobody
        said = f"it could not be looked at: {type(error).__name__}: {error}"
        yield failed(subject, "look", said, "report this; run `tidings doctor --debug` for a traceback")

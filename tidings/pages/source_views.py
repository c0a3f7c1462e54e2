"""Sources as an operator sees them: all at once, and one with everything that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from news.source import Source
from storage.coverage import SourceCoverage, coverage_of
from storage.engine import reading
from storage.heartbeat import SCHEDULER, Beat, last_beat
from storage.news_counts import NewsCounts, news_by_day
from storage.politeness import PolitenessReport, politeness_of
from storage.runs import RunRow, list_runs
from storage.source_status import SourceStatus, list_sources
from storage.sources import load_source
from storage.wrappers import wrapper_versions
from tidings.pages.times import Times
from tidings.pages.tones import TONES
from tidings.show_politeness import answered
from tidings.show_sources import silence_told, state_of

DAYS = 30
"""Of a sparkline."""
MANY_DAYS = 90
"""Of a source's own plot."""
ROWS = 200
"""Sources of one page."""
RUNS = 20
PLOTTED_RUNS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """News over some days: a number each, and the same in words for who cannot see a plot."""

    numbers: tuple[int, ...]
    words: str

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.numbers)


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow:
    """One source in the list of all."""

    status: SourceStatus
    state: str
    news: Counted

    @property
    def tone(self) -> str:
        """How its state looks."""
        return TONES.get(self.state, "")

    @property
    def needs_a_person(self) -> bool:
        """Whether it is not being read, or something of it waits for a word."""
        status = self.status
        return status.failing_since is not None or bool(status.held) or self.tone == "bad"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcesView:
    """The list: those that need a person first, then by name. ``after`` begins the next page."""

    rows: tuple[SourceRow, ...]
    total: int
    needing: int
    after: str
    days: int
    scheduler: Beat | None
    scheduler_is_silent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceView:
    """One source."""

    row: SourceRow
    source: Source
    coverage: SourceCoverage
    proposed: tuple[int, ...]
    runs: tuple[RunRow, ...]
    sizes: Counted
    days: int
    silence: str
    crawled_by: str
    host_waits: bool
    polite: PolitenessReport

    @property
    def asked(self) -> str:
        """What its server was made to send; empty before anything was asked."""
        return answered(self.polite) if self.polite.asked.requests else ""


def sources_view(engine: Engine, *, times: Times, silent_after: timedelta, after: str = "") -> SourcesView:
    """Return a page of all sources, those behind the named one; the scheduler may be silent for so long."""
    found = list_sources(engine)
    with reading(engine) as connection:
        counts = news_by_day(connection, until=times.now, days=DAYS)
    rows = sorted(
        (_row(status, counts) for status in found),
        key=lambda row: (not row.needs_a_person, row.status.name),
    )
    start = next((place for place, row in enumerate(rows, 1) if row.status.name == after), 0)
    shown = rows[start : start + ROWS]
    beat = last_beat(engine, SCHEDULER)
    return SourcesView(
        rows=tuple(shown),
        total=len(rows),
        needing=sum(row.needs_a_person for row in rows),
        after=shown[-1].status.name if start + ROWS < len(rows) else "",
        days=len(counts.days),
        scheduler=beat,
        scheduler_is_silent=beat is not None and times.now - beat.beat_at > silent_after,
    )


def source_view(engine: Engine, name: str, *, times: Times, has_contact: bool) -> SourceView:
    """Return the page of a source; the user agent names somebody who can be reached, or does not.

    Raises:
        UnknownSourceError: there is none of this name.
    """
    [status] = list_sources(engine, [name])
    with reading(engine) as connection:
        counts = news_by_day(connection, until=times.now, days=MANY_DAYS, sources=[name])
    runs = list_runs(engine, sources=[name], limit=PLOTTED_RUNS)
    leased = status.lease_until is not None and status.lease_until > times.now
    return SourceView(
        row=_row(status, counts),
        source=load_source(engine, name),
        coverage=coverage_of(engine, name),
        proposed=tuple(each.version for each in wrapper_versions(engine, name) if each.is_proposal),
        runs=tuple(runs[:RUNS]),
        sizes=sizes_of(runs),
        days=len(counts.days),
        silence=silence_told(status.silence) if status.silence is not None else "",
        crawled_by=(status.lease_owner or "somebody") if leased else "",
        host_waits=status.not_before is not None and status.not_before > times.now,
        polite=politeness_of(engine, name, has_contact=has_contact),
    )


def sizes_of(runs: Sequence[RunRow]) -> Counted:
    """Return how many entries the latest runs found, the oldest first."""
    numbers = tuple(run.entries for run in reversed(runs))
    if not numbers:
        return Counted(numbers=(), words="No run has told anything yet.")
    told = f"Entries of the latest {len(numbers)} runs that told something: {numbers[-1]} in the last one"
    return Counted(numbers=numbers, words=f"{told}, between {min(numbers)} and {max(numbers)} in all.")


def days_of(counts: NewsCounts, name: str) -> Counted:
    """Return a source's news by day."""
    numbers = counts.of(name)
    total, most = sum(numbers), max(numbers, default=0)
    if not total:
        return Counted(numbers=numbers, words=f"Nothing new in {len(numbers)} days.")
    on = counts.days[len(numbers) - 1 - numbers[::-1].index(most)]
    news = f"{total:,} new in {len(numbers)} days"
    return Counted(numbers=numbers, words=f"{news}, most on {on.day} {on:%B} ({most:,}).")


def size_labels(runs: Sequence[RunRow], times: Times) -> list[str]:
    """Return the day of each run, the oldest first."""
    return [f"{day.day} {day:%b}" for day in (times.day_of(run.settled_at) for run in reversed(runs))]


def _row(status: SourceStatus, counts: NewsCounts) -> SourceRow:
    return SourceRow(status=status, state=state_of(status), news=days_of(counts, status.name))

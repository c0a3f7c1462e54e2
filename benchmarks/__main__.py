"""What a round costs, beside a lean bare Scrapy spider that asks for the same pages: ``make bench``.

    python -m benchmarks [--hosts 1000] [--repeat 3]

Both sides run in turn, each round in processes of its own, against one local server. CPU seconds are user and system
time of the whole process tree; memory is the largest process, and the peak of all processes together (PSS, so that
what forked processes share is counted once). Medians, and the ratio to the spider.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import Engine, update

from benchmarks.names import host_name
from benchmarks.site import publishes
from news.source import ArticleRules, RequestRules, Source, Wrapper
from storage.engine import writing
from storage.schema import ready
from storage.sources import save_sources
from storage.tables import Article
from storage.tables import Source as SourceRow

ROOT = Path(__file__).resolve().parent.parent
WRAPPER = Wrapper(
    item=("main article.hentry",),
    link=(".entry-title a",),
    title=(".entry-title",),
    body=(".entry-content",),
    next_page=("a.next.page-numbers",),
)
SAMPLE_SECONDS = 0.2
OURS = "tidings"
BARE = "bare Scrapy"
READING = "bare Scrapy, reading"
METRICS = ("CPU s", "CPU s without start-up", "largest process, MB", "all processes, MB")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a process and its children took; ``told`` is its last line."""

    cpu_seconds: float
    largest_megabytes: float
    together_megabytes: float
    told: str


class Memory:
    """Watches what a process and all below it hold together."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> float:
        """Return the peak in megabytes."""
        self._ended.set()
        self._thread.join()
        return self._peak / 1e6

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            with suppress(psutil.Error):
                process = psutil.Process(self._pid)
                family = [process, *process.children(recursive=True)]
                self._peak = max(self._peak, sum(_held(each) for each in family))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):  # it has ended, or the system does not tell
        return 0


def run(module: str, *arguments: str) -> Cost:
    """Run a module of the benchmark in a process of its own and return what it and its children took."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    memory = Memory(process.pid)
    assert process.stdout is not None
    with process.stdout as stream:
        lines = stream.read().splitlines()
    _, status, used = os.wait4(process.pid, 0)  # with all that it has waited for itself
    process.returncode = os.waitstatus_to_exitcode(status)
    together = memory.stop()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit status {process.returncode}")
    return Cost(
        cpu_seconds=used.ru_utime + used.ru_stime,
        largest_megabytes=used.ru_maxrss * 1024 / 1e6,
        together_megabytes=together,
        told=lines[-1] if lines else "",
    )


class Bench:
    """Both sides with their state, and the server."""

    def __init__(self, folder: Path, port: int, hosts: int, *, database_url: str = "") -> None:
        self._folder = folder
        self._port = port
        self._hosts = hosts
        self._database_url = database_url or f"sqlite:///{folder / 'tidings.db'}"
        self._engine = ready(self._database_url)
        now = datetime.now(UTC)
        sources = [source(number, port) for number in range(hosts)]
        save_sources(self._engine, sources, origin="file", now=now)
        self.costs: dict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
        self._start_up: list[float] = []

    @property
    def engine(self) -> Engine:
        """The database."""
        return self._engine

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def ask(self, path: str) -> int:
        """Ask the server something of its own."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}") as answer:
            return int(answer.read())

    def first_round(self) -> None:
        """Let everybody learn what there is: baselines with robots.txt, and the spiders' validators."""
        self._ours("first")
        for name in (BARE, READING):
            self._bare("first", name)
        self.costs.clear()

    def unchanged_round(self) -> None:
        """Nothing is new."""
        self._start_up.append(run("bare", str(self._port), "0", str(self._folder / "none")).cpu_seconds)
        self._ours("unchanged")
        self._bare("unchanged", BARE)

    def new_round(self) -> None:
        """A tenth of the sources has something new."""
        self.ask("/__publish")
        self._ours("10 % new")
        for name in (BARE, READING):
            self._bare("10 % new", name)

    def _ours(self, kind: str) -> None:
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            connection.execute(update(SourceRow).values(next_due_at=now))
            # Articles are looked at again on a rhythm of their own, which is not what is measured here.
            connection.execute(update(Article).values(next_look_at=None))
        self.ask("/__hits")
        cost = run("ours", self._database_url, str(self._hosts))
        told = json.loads(cost.told)
        hits, new = self.ask("/__hits"), changed(self._hosts) if kind == "10 % new" else 0
        if kind != "first":
            quiet = told["verdicts"].get("not_modified", 0)
            expected = (self._hosts + new // 2, new, self._hosts - new)
            if (hits, told["published"], quiet) != expected:
                raise SystemExit(f"tidings, {kind}: {hits} requests, {told}; expected {expected}")
        self._note(kind, OURS, cost, told["cpu"])

    def _bare(self, kind: str, name: str) -> None:
        state = self._folder / f"{name}.json"
        options = ["--reads"] if name == READING else []
        self.ask("/__hits")
        cost = run("bare", str(self._port), str(self._hosts), str(state), *options)
        hits, new = self.ask("/__hits"), changed(self._hosts) if kind == "10 % new" else 0
        if hits != self._hosts + new // 2:
            raise SystemExit(f"{name}, {kind}: {hits} requests in place of {self._hosts + new // 2}")
        start_up = statistics.median(self._start_up) if self._start_up else 0.0
        self._note(kind, name, cost, cost.cpu_seconds - start_up)

    def _note(self, kind: str, name: str, cost: Cost, without: float) -> None:
        row = (cost.cpu_seconds, without, cost.largest_megabytes, cost.together_megabytes)
        self.costs[kind, name].append(row)


def changed(hosts: int) -> int:
    """Return how many of so many hosts have something new when the server publishes."""
    return sum(publishes(number) for number in range(hosts))


def source(number: int, port: int) -> Source:
    """Return the source on one of the server's hosts."""
    return Source(
        name=f"site-{number:05}",
        url=f"http://{host_name(number)}:{port}/news/",
        language="en",
        wrapper=WRAPPER,
        article=ArticleRules(title=("h1.entry-title",), body=(".entry-content",)),
        request=RequestRules(delay_seconds=0.0, allow_private=True),
    )


@contextmanager
def local_sites() -> Iterator[int]:
    """Run the server in a process of its own, and give its port."""
    command = [sys.executable, "-m", "benchmarks.site"]
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()  # it ends with its input
        server.wait(10)
        server.stdout.close()


def table(costs: dict[tuple[str, str], list[tuple[float, ...]]], hosts: int) -> Iterator[str]:
    """Yield the lines of the result: medians with their ranges, and ratios to the spider."""
    ratios: list[str] = []
    for kind in ("unchanged", "10 % new"):
        yield f"{hosts} sources, {kind}, median [lowest-highest] of {len(costs[kind, OURS])}"
        names = [name for name in (OURS, BARE, READING) if (kind, name) in costs]
        for place, metric in enumerate(METRICS):
            median = {name: statistics.median(row[place] for row in costs[kind, name]) for name in names}
            cells = []
            for name in names:
                column = [row[place] for row in costs[kind, name]]
                cells.append(f"{name} {median[name]:.2f} [{min(column):.2f}-{max(column):.2f}]")
            of = " and ".join(f"{median[OURS] / max(median[name], 1e-9):.2f}" for name in names[1:])
            yield f"  {metric:<24} {'; '.join(cells)}; ratio {of}"
            if place < 2:
                ratios.append(f"{kind} {metric}: {of}")
    yield f"tidings against a lean bare Scrapy: {'; '.join(ratios)}"


def main() -> None:
    """Run the benchmark and print what it found."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="What a round costs, beside bare Scrapy.")
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, local_sites() as port:
        bench = Bench(Path(folder), port, options.hosts)
        bench.first_round()
        for _ in range(options.repeat):
            bench.unchanged_round()
            bench.new_round()
        bench.close()
        print("\n".join(table(bench.costs, options.hosts)))


if __name__ == "__main__":
    main()

"""What a round costs, beside a lean bare Scrapy spider that asks for the same pages: ``make bench``.

    python -m benchmarks [--hosts 1000] [--repeat 3]

Both sides run in turn, each round in processes of its own, against one local server. CPU seconds are user and system
time of the whole process tree; memory is the largest process, and the peak of all processes together (PSS, so that
what forked processes share is counted once). Medians, and the ratio to the spider.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, update

from benchmarks.processes import Cost, local_sites, run
from benchmarks.site import publishes
from benchmarks.watched import source
from storage.engine import writing
from storage.schema import ready
from storage.sources import save_sources
from storage.tables import Article
from storage.tables import Source as SourceRow

OURS = "tidings"
BARE = "bare Scrapy"
READING = "bare Scrapy, reading"
METRICS = ("CPU s", "CPU s without start-up", "largest process, MB", "all processes, MB")


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

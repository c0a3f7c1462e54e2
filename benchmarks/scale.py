"""What rounds over thousands of sources cost, beside a bare Scrapy spider and urlwatch: ``make bench-scale``.

    python -m benchmarks.scale [--sizes 1000 10000 50000] [--databases sqlite postgresql] [--workers 1 2]
                               [--peers bare urlwatch] [--rounds unchanged new] [--repeat N]

As many hosts as sources, one local server that counts what it is asked for, and every side in processes of its own,
in turn. tidings runs with its defaults: robots.txt is obeyed (and known, as from the second round of a day on), the
delay of a second and the gate stand before every host, and whatever is settled is synced to the disk. Sources are the
copies of twenty that were really crawled (`benchmarks.many`).

*In service* is the CPU of a round inside a running service: from the moment when it is ready, the start of its crawl
processes included. The bars compare it, with what the database's server took, to the whole of urlwatch's process,
which has no service. Each round of tidings is held to what it must ask for and tell; the benchmark ends at the first
request too many, and at anything announced that is not news, or twice. The exit code is 1 when a bar is not met.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.many import multiply
from benchmarks.names import host_name
from benchmarks.processes import Cost, local_sites, run
from benchmarks.scale_stores import Store, opened
from benchmarks.scale_table import (
    BARE,
    NEW,
    OURS,
    UNCHANGED,
    URLWATCH,
    Measured,
    Results,
    Side,
    bars,
    last_line,
    table,
)
from benchmarks.site import ITEMS, publishes, tag_of, title
from benchmarks.urlwatch_side import Urlwatch, UrlwatchAbsentError, headlines, installed
from benchmarks.watched import source
from storage.sources import save_sources

FIRST = 20
"""Sources that are really crawled for their baseline; one in twenty has news on its listing, one on a page."""
IDLE_SECONDS = 5.0
"""How long servers keep a connection open on which nothing is asked: Apache's default."""
ROUNDS = {"unchanged": UNCHANGED, "new": NEW}


class Scale:
    """All sides over one number of sources, and their server."""

    def __init__(
        self, folder: Path, port: int, sources: int, stores: Sequence[Store], results: Results
    ) -> None:
        self._folder = folder
        self._port = port
        self._sources = sources
        self._stores = stores
        self._results = results
        self._published = 0
        self._news = [number for number in range(sources) if publishes(number)]
        self._start_up: dict[str, list[float]] = {BARE: [], URLWATCH: []}
        self._urlwatch: Urlwatch | None = None

    # ------------------------------------------------------------------------------------------ before

    def prepare(self, urlwatch: Path | None) -> None:
        """Take the baselines of the first sources and copy them, on all sides."""
        for store in self._stores:
            now = datetime.now(UTC)
            # A baseline asks for ten articles of a host: without its delay, which is declared afterwards.
            save_sources(store.engine, [source(n, self._port) for n in range(FIRST)], origin="file", now=now)
            run("ours", store.url, str(FIRST))
            delayed = [source(n, self._port, delay_seconds=1.0) for n in range(FIRST)]
            save_sources(store.engine, delayed, origin="file", now=now)
            multiply(store.engine, FIRST, self._sources)
            self._results.sizes[store.kind, self._sources] = store.size()
        tags = {str(number): tag_of(number, 0, FIRST) for number in range(self._sources)}
        (self._folder / "bare.json").write_text(json.dumps(tags))
        if urlwatch is not None:
            self._urlwatch = Urlwatch(python=urlwatch, folder=self._folder, port=self._port)
            self._urlwatch.watch(FIRST)
            self._urlwatch.round()
            self._urlwatch.multiply(FIRST, self._sources)
            self._urlwatch.watch(self._sources)

    # ------------------------------------------------------------------------------------------ rounds

    def publish(self) -> None:
        """Let a tenth of the sources have something new."""
        self._ask("/__publish")
        self._published += 1

    def ours(self, kind: str, store: Store, workers: int) -> None:
        """Let tidings make a round, and hold it to what it must ask for and tell."""
        store.make_due(datetime.now(UTC))
        before, server, seq = store.size(), store.server_cpu(), store.last_seq()
        self._ask("/__counts")
        cost = run("ours", store.url, str(self._sources), str(workers))
        told, counts = json.loads(cost.told), self._ask("/__counts")
        side = Side(name=OURS, database=store.kind, workers=workers)
        found = store.announced(seq)
        self._hold_to_requests(str(side), kind, counts)
        hold_to_news(str(side), found, Counter(self._address(n) for n in self._news if kind == NEW))
        self._note(
            side, kind, cost, counts, inside=told["cpu"], found=found.total(),
            server=store.server_cpu() - server, grown=store.size() - before,
        )  # fmt: skip

    def bare(self, kind: str) -> None:
        """Let the spider make the same requests."""
        self._start_up[BARE].append(
            run("bare", str(self._port), "0", str(self._folder / "none.json")).cpu_seconds
        )
        self._ask("/__counts")
        cost = run("bare", str(self._port), str(self._sources), str(self._folder / "bare.json"), "--reads")
        counts = self._ask("/__counts")
        self._hold_to_requests(BARE, kind, counts)
        self._note(Side(name=BARE), kind, cost, counts, found=len(self._news) if kind == NEW else 0)

    def urlwatch(self, kind: str) -> None:
        """Let urlwatch ask for the same listings."""
        if self._urlwatch is None:
            return
        self._ask("/__counts")
        cost, counts = self._urlwatch.round(), self._ask("/__counts")
        told = Counter(headlines(cost.output))
        expected = Counter(title(n, ITEMS + self._published) for n in self._news if kind == NEW)
        hold_to_news(URLWATCH, told, expected)
        if "ERROR" in cost.output:
            raise SystemExit(f"urlwatch, {kind}: {cost.output[-2_000:]}")
        counted = Counter(counts) + Counter(articles=expected.total() // 2)  # whose pages it does not ask for
        self._hold_to_requests(URLWATCH, kind, counted)
        self._note(Side(name=URLWATCH), kind, cost, counts, found=told.total())

    # ----------------------------------------------------------------------------------------- judging

    def _hold_to_requests(self, name: str, kind: str, counts: Counter[str]) -> None:
        hold_to_requests(name, counts, sources=self._sources, new=len(self._news) if kind == NEW else 0)

    def _address(self, number: int) -> str:
        return f"http://{host_name(number)}:{self._port}/2026/11/{number}-{ITEMS + self._published}/"

    def _note(
        self,
        side: Side,
        kind: str,
        cost: Cost,
        counts: Counter[str],
        *,
        found: int,
        inside: float | None = None,
        server: float = 0.0,
        grown: int = 0,
    ) -> None:
        start_up = statistics.median(self._start_up.get(side.name) or [0.0])
        measured = Measured(
            side=side,
            kind=kind,
            sources=self._sources,
            whole=cost.cpu_seconds,
            inside=cost.cpu_seconds - start_up if inside is None else inside,
            server=server,
            megabytes=cost.together_megabytes,
            wall_seconds=cost.wall_seconds,
            requests=counts["listings"] + counts["articles"] + counts["robots"],
            listings=counts["not modified"] / (self._sources - (len(self._news) if kind == NEW else 0)),
            found=found,
            grown=grown,
        )
        self._results.add(measured)
        print(
            f"{self._sources:,} {kind}: {side}: {measured.whole:.2f} CPU s, {measured.inside:.2f} in service, "
            f"{measured.server:.2f} of the database's server, {measured.megabytes:.0f} MB, "
            f"{measured.wall_seconds:.0f} s",
            flush=True,
        )

    def _ask(self, path: str) -> Counter[str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}") as answer:
            found = json.loads(answer.read())
        return Counter(found) if isinstance(found, dict) else Counter()


def hold_to_requests(name: str, counts: Counter[str], *, sources: int, new: int) -> None:
    """End the benchmark where more was asked for than every listing once, and the pages of half of what is new."""
    wanted = {
        "listings": sources,
        "hosts": sources,
        "most": 1,
        "not modified": sources - new,
        "articles": new // 2,
        "robots": 0,
    }
    if any(counts[what] != number for what, number in wanted.items()):
        raise SystemExit(
            f"{name}, {sources:,} sources, {new:,} with news: asked {dict(counts)}; expected {wanted}"
        )


def hold_to_news(name: str, told: Counter[str], published: Counter[str]) -> None:
    """End the benchmark where anything was told that was not published, or twice, or not at all."""
    if strange := [*(told - published), *(published - told)]:
        raise SystemExit(f"{name}: told otherwise than published: {', '.join(strange[:3])}")


def measure(sources: int, options: argparse.Namespace, urlwatch: Path | None, results: Results) -> None:
    """Measure all sides over one number of sources."""
    with ExitStack() as around:
        folder = Path(around.enter_context(tempfile.TemporaryDirectory(prefix="tidings-scale-")))
        port = around.enter_context(local_sites("--alike", str(FIRST), "--idle-seconds", str(IDLE_SECONDS)))
        stores = [around.enter_context(opened(kind)) for kind in options.databases]
        scale = Scale(folder, port, sources, stores, results)
        asked = urlwatch if sources <= options.urlwatch_at_most else None
        began = time.monotonic()
        scale.prepare(asked)
        print(f"{sources:,} sources prepared in {time.monotonic() - began:.0f} s", flush=True)
        if urlwatch is not None and asked is None:
            print(f"urlwatch is LEFT OUT over {sources:,} sources: see --urlwatch-at-most", flush=True)
        repeat = options.repeat or (2 if sources <= 1_000 else 1)
        for _ in range(repeat):
            for workers in options.workers:
                # Whoever left one out would find the news of two rounds in the next.
                peers = options.peers if repeat > 1 or workers == options.workers[0] else []
                for name in options.rounds:
                    _round(scale, ROUNDS[name], stores, workers, peers)


def _round(scale: Scale, kind: str, stores: Sequence[Store], workers: int, peers: Sequence[str]) -> None:
    if kind == NEW:
        scale.publish()
    for store in stores:
        scale.ours(kind, store, workers)
    if "bare" in peers:
        scale.bare(kind)
    if "urlwatch" in peers:
        scale.urlwatch(kind)


@contextmanager
def _yardstick(peers: Sequence[str]) -> Iterator[Path | None]:
    """Yield the interpreter of urlwatch's environment; say loudly, before and after, where there is none."""
    absent = "it was not asked for"
    python = None
    if "urlwatch" in peers:
        try:
            python = installed()
        except UrlwatchAbsentError as error:
            absent = str(error)
    told = f"*** urlwatch is ABSENT, nothing is compared with it: {absent} ***"
    if python is None:
        print(told, flush=True)
    yield python
    if python is None:
        print(told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the last line gives the figures."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.scale", description="What rounds over thousands of sources cost."
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument(
        "--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"]
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 1], help="crawl processes at once")
    parser.add_argument("--peers", nargs="*", default=["bare", "urlwatch"], choices=["bare", "urlwatch"])
    parser.add_argument("--rounds", nargs="+", default=list(ROUNDS), choices=list(ROUNDS))
    parser.add_argument(
        "--repeat", type=int, default=0, help="0: twice 1,000 sources, once where there are more"
    )
    parser.add_argument(
        "--urlwatch-at-most",
        type=int,
        default=10_000,
        help="sources; its store has no index, so a round is quadratic",
    )
    options = parser.parse_args(arguments)
    results = Results()
    with _yardstick(options.peers) as urlwatch:
        for sources in options.sizes:
            measure(sources, options, urlwatch, results)
        print("\n" + "\n".join(table(results)))
        judged = bars(results)
        print("\n".join(map(str, judged)))
    print(last_line(results, judged))
    return int(any(bar.met is False for bar in judged))


if __name__ == "__main__":
    raise SystemExit(main())

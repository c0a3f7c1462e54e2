"""How long the web server's answers take with many articles stored: ``make bench-web``.

    python -m benchmarks.web [--articles N] [--requests N] [--database sqlite] [--seed N]

A database of each kind is filled, and a real ``tidings serve`` is asked over one connection, one request after the
other. Beside each kind of request stands ``/health/live`` of the same run, which asks the database for next to
nothing: what the server and the connection take by themselves. Then a digest of ``EXPORTED`` changes is read, and
what the server's memory grew by meanwhile. The last line gives the 95th percentiles and that growth; the exit code
is 1 when one that has a bound is over it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, perf_counter
from urllib.parse import urlencode

import psutil
from sqlalchemy import Engine

from benchmarks.web_archive import NOW, RARE, fill, settle_down, word_of_band
from benchmarks.zipf import Words, made_words
from digest.compose import compose
from storage.schema import ready
from storage.subscriptions import DigestFilter, subscribe
from tests.conftest import fresh_database, start_server

LIMIT_MS = 50.0
WARM_UP = 20
SEARCHES = (("rare", 0.6), ("medium", 0.3), ("frequent", 0.1))
"""Which words people look for, and how often."""
BOUND = ("Latest", "search", "article", "changes")
"""The kinds of request whose 95th percentile has a bound."""
START_SECONDS = 60
EXPORTED = 10_000
"""Changes of the digest that is exported."""
LIMIT_GROWTH_MB = 32.0
"""What the server may grow by while that leaves it; as objects the digest takes several times as much."""
PIECE = 64 * 1024
READER = "bench"


def paths(rng: random.Random, words: Words, articles: int) -> dict[str, Callable[[], str]]:
    """Return what makes the next address of each kind of request."""

    def search() -> str:
        band = rng.choices([name for name, _ in SEARCHES], [share for _, share in SEARCHES])[0]
        return "/search?" + urlencode({"q": word_of_band(rng, words, band)})

    def recent() -> int:
        return max(1, articles - int(rng.expovariate(1 / 2_000)) % articles)

    return {
        "alive": lambda: "/health/live",
        "Latest": lambda: "/",
        "Latest of a source": lambda: f"/?source=source-{rng.randrange(1, 999):04d}",
        "search": search,
        "article": lambda: f"/articles/{recent()}",
        "changes": lambda: f"/api/v1/changes?after={rng.randrange(articles)}",
        "changes of a seldom source": lambda: f"/api/v1/changes?after=0&source={RARE}",
        "feed": lambda: "/feeds/all.atom",
    }


def measure(port: int, path: Callable[[], str], requests: int) -> list[float]:
    """Return the milliseconds that each of some requests took, on one connection, once it is warm."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for number in range(WARM_UP + requests):
        began = perf_counter()
        asked = path()
        connection.request("GET", asked, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{asked}: {answer.status}")
        if number >= WARM_UP:
            took.append((perf_counter() - began) * 1e3)
    connection.close()
    return took


@dataclass(frozen=True, kw_only=True)
class Export:
    """What reading a large digest took: changes, megabytes that came, seconds, and what the server grew by."""

    changes: int
    megabytes: float
    seconds: float
    grown_megabytes: float


def export(server: Served) -> Export:
    """Read a digest's changes in a stream, as a program does, and watch the server's memory."""
    process = psutil.Process(server.process_id)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.request("GET", f"/api/v1/subscriptions/{READER}/digests/1/changes")
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"export: {answer.status}")
    before = most = process.memory_info().rss
    size = changes = 0
    began = perf_counter()
    while piece := answer.read(PIECE):
        size += len(piece)
        changes += piece.count(b"\n")
        most = max(most, process.memory_info().rss)
    took = perf_counter() - began
    connection.close()
    return Export(changes=changes, megabytes=size / 1e6, seconds=took, grown_megabytes=(most - before) / 1e6)


def compose_large(engine: Engine) -> None:
    """Store a digest of the log's first changes."""
    subscribe(engine, READER, filter=DigestFilter(), now=NOW, from_start=True)
    compose(engine, READER, now=NOW, limit=EXPORTED)


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where a running server is."""

    port: int
    process_id: int


@contextmanager
def served(database_url: str) -> Iterator[Served]:
    """Run ``tidings serve`` on a database and yield where it is."""
    environment = {**os.environ, "TIDINGS_DATABASE_URL": database_url}
    with subprocess.Popen(
        [sys.executable, "-m", "tidings", "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Served(port=_port_of(process), process_id=process.pid)
        finally:
            process.terminate()


def _port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    said, until = "", monotonic() + START_SECONDS
    for line in process.stdout:
        said += line
        if "http://127.0.0.1:" in line:
            return int(line.split("http://127.0.0.1:")[1].split("/")[0].split()[0])
        if monotonic() > until:
            break
    raise SystemExit(f"the server did not start: {said}")


def percentile(values: Sequence[float], share: int) -> float:
    """Return a percentile."""
    return statistics.quantiles(values, n=100)[share - 1]


@contextmanager
def databases(kinds: Sequence[str]) -> Iterator[Iterator[tuple[str, str]]]:
    """Yield an empty database of each kind: its name and address."""
    with ExitStack() as around:
        folder = Path(around.enter_context(tempfile.TemporaryDirectory(prefix="tidings-web-")))

        def each() -> Iterator[tuple[str, str]]:
            for kind in kinds:
                if kind == "sqlite":
                    yield kind, f"sqlite:///{folder / 'tidings.db'}"
                    continue
                server = start_server(folder)
                yield kind, around.enter_context(fresh_database(server, "template1"))

        yield each()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the last line gives the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.web")
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=300, help="of each kind")
    parser.add_argument("--database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    words = made_words()
    found: dict[str, dict[str, list[float]]] = {}
    exports: dict[str, Export] = {}
    with databases(options.database) as opened:
        for kind, url in opened:
            began = monotonic()
            engine = ready(url)
            fill(engine, options.articles, words, options.seed)
            settle_down(engine)
            compose_large(engine)
            engine.dispose()
            print(f"{kind}: {options.articles:,} articles written in {monotonic() - began:.0f} s", flush=True)
            rng = random.Random(options.seed)
            with served(url) as server:
                found[kind] = {
                    name: measure(server.port, path, options.requests)
                    for name, path in paths(rng, words, options.articles).items()
                }
                exports[kind] = export(server)
            show(kind, found[kind], exports[kind])
    return conclude(options.articles, found, exports)


def conclude(articles: int, found: dict[str, dict[str, list[float]]], exports: dict[str, Export]) -> int:
    """Print the last line, and return 1 if something is over its bound."""
    worst = {
        name: {kind: percentile(took[name], 95) for kind, took in found.items()}
        for name in next(iter(found.values()))
    }
    told = ", ".join(
        f"{name} {'/'.join(f'{worst[name][kind]:.0f}' for kind in found)} ms" for name in ("alive", *BOUND)
    )
    grown = "/".join(f"{each.grown_megabytes:.0f}" for each in exports.values())
    print(
        f"web: {articles:,} articles, 95th percentile on {' / '.join(found)}: {told} (limit {LIMIT_MS:.0f}); "
        f"export of {max(each.changes for each in exports.values()):,} changes: server grows by {grown} MB "
        f"(limit {LIMIT_GROWTH_MB:.0f})"
    )
    slow = any(worst[name][kind] >= LIMIT_MS for name in BOUND for kind in found)
    return int(slow or any(each.grown_megabytes >= LIMIT_GROWTH_MB for each in exports.values()))


def show(kind: str, found: dict[str, list[float]], exported: Export) -> None:
    """Print what each kind of request took, beside the server's own, and the export."""
    own = statistics.median(found["alive"])
    print(f"{kind:<32}{'p50 ms':>9}{'p95 ms':>9}{'times alive':>13}")
    for name, took in found.items():
        middle = statistics.median(took)
        print(f"  {name:<30}{middle:>9.1f}{percentile(took, 95):>9.1f}{middle / own:>13.1f}")
    print(
        f"  export of {exported.changes:,} changes: {exported.megabytes:.1f} MB in {exported.seconds:.1f} s, the "
        f"server grew by {exported.grown_megabytes:.1f} MB"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

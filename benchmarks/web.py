"""How long the web server's answers take with many articles stored: ``make bench-web``.

    python -m benchmarks.web [--articles N] [--requests N] [--database sqlite] [--seed N]

A database of each kind is filled, and a real ``tidings serve`` is asked over one connection, one request after the
other. Beside each kind of request stands ``/health`` of the same run, which asks the database for next to nothing:
what the server and the connection take by themselves. The last line gives the 95th percentiles; the exit code is 1
when one of those that the issue of the house bounds is over ``LIMIT_MS``.
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
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, perf_counter
from urllib.parse import urlencode

from benchmarks.web_archive import RARE, fill, settle_down, word_of_band
from benchmarks.zipf import Words, made_words
from storage.schema import ready
from tests.conftest import fresh_database, start_server

LIMIT_MS = 50.0
WARM_UP = 20
SEARCHES = (("rare", 0.6), ("medium", 0.3), ("frequent", 0.1))
"""Which words people look for, and how often."""
BOUND = ("Latest", "search", "article", "changes")
"""The kinds of request whose 95th percentile has a bound."""
START_SECONDS = 60


def paths(rng: random.Random, words: Words, articles: int) -> dict[str, Callable[[], str]]:
    """Return what makes the next address of each kind of request."""

    def search() -> str:
        band = rng.choices([name for name, _ in SEARCHES], [share for _, share in SEARCHES])[0]
        return "/search?" + urlencode({"q": word_of_band(rng, words, band)})

    def recent() -> int:
        return max(1, articles - int(rng.expovariate(1 / 2_000)) % articles)

    return {
        "alive": lambda: "/health",
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


@contextmanager
def served(database_url: str) -> Iterator[int]:
    """Run ``tidings serve`` on a database and yield its port."""
    environment = {**os.environ, "TIDINGS_DATABASE_URL": database_url}
    with subprocess.Popen(
        [sys.executable, "-m", "tidings", "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield _port_of(process)
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
    with databases(options.database) as opened:
        for kind, url in opened:
            began = monotonic()
            engine = ready(url)
            fill(engine, options.articles, words, options.seed)
            settle_down(engine)
            engine.dispose()
            print(f"{kind}: {options.articles:,} articles written in {monotonic() - began:.0f} s", flush=True)
            rng = random.Random(options.seed)
            with served(url) as port:
                found[kind] = {
                    name: measure(port, path, options.requests)
                    for name, path in paths(rng, words, options.articles).items()
                }
            show(kind, found[kind])
    worst = {
        name: {kind: percentile(took[name], 95) for kind, took in found.items()}
        for name in next(iter(found.values()))
    }
    told = ", ".join(
        f"{name} {'/'.join(f'{worst[name][kind]:.0f}' for kind in found)} ms" for name in ("alive", *BOUND)
    )
    print(
        f"web: {options.articles:,} articles, 95th percentile on {' / '.join(found)}: {told} (limit {LIMIT_MS:.0f})"
    )
    return int(any(worst[name][kind] >= LIMIT_MS for name in BOUND for kind in found))


def show(kind: str, found: dict[str, list[float]]) -> None:
    """Print what each kind of request took, beside the server's own."""
    own = statistics.median(found["alive"])
    print(f"{kind:<32}{'p50 ms':>9}{'p95 ms':>9}{'times alive':>13}")
    for name, took in found.items():
        middle = statistics.median(took)
        print(f"  {name:<30}{middle:>9.1f}{percentile(took, 95):>9.1f}{middle / own:>13.1f}")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

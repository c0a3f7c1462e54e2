"""Let the archive live through many seeds: in process on two databases, and through real crawl processes.

These are started by one who crawls, or by two schedulers at once (``--pair``). ``python -m tests.simulation.archive``
plays what `make simulate` promises; ``--sqlite 17 --postgresql none --spider none --pair none --show`` tells the story
of one seed that fails. The last line counts; the exit code is 1 when a law was broken.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path

import psutil

from tests.conftest import start_server
from tests.simulation.archive import seeds
from tests.simulation.archive.jobs import Job, lost_job, play_job
from tests.simulation.archive.seeds import Tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.archive", description=__doc__)
    parser.add_argument(
        "--sqlite", default="0-199", help="seeds to play in process: a number, a range, or none"
    )
    parser.add_argument("--postgresql", default="0-19", help="the same on PostgreSQL, started from its wheel")
    parser.add_argument(
        "--spider", default="0-4", help="the same through real crawl processes and local servers"
    )
    parser.add_argument(
        "--pair", default="0-4", help="the same with two real schedulers on one PostgreSQL database"
    )
    parser.add_argument("--events", type=int, default=seeds.EVENTS, help="how many a seed lives through")
    parser.add_argument(
        "--spider-events",
        type=int,
        default=400,
        help="how many through real crawl processes, by one scheduler or two",
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many processes play")
    parser.add_argument(
        "--show", action="store_true", help="shrink each seed that fails (not a --pair's), and tell its story"
    )
    given = parser.parse_args()
    started = time.monotonic()
    total = Tally()
    with ExitStack() as stack:
        needs_server = _numbers(given.postgresql) or _numbers(given.pair)
        server = stack.enter_context(_postgresql()) if needs_server else ""
        jobs = [
            *_jobs("sqlite", given.sqlite, given.events, show=given.show),
            *_jobs("postgresql", given.postgresql, given.events, server=server, show=given.show),
            *_jobs("spider", given.spider, given.spider_events, show=given.show),
            *_jobs("pair", given.pair, given.spider_events, server=server, show=given.show),
        ]
        pool = stack.enter_context(ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")))
        playing = {pool.submit(play_job, job): job for job in jobs}
        for done in as_completed(playing):
            error = done.exception()
            tally, lines = lost_job(playing[done], error) if error else done.result()
            total.add(tally)
            for line in lines:
                _say(line)
    _say(f"{total} ({time.monotonic() - started:,.0f} s)")
    return 1 if total.broken else 0


def _jobs(kind: str, text: str, events: int, *, server: str = "", show: bool = False) -> Iterator[Job]:
    for number in _numbers(text):
        yield Job(kind=kind, seeds=(number,), events=events, server=server, show=show)


def _numbers(text: str) -> range:
    if text == "none":
        return range(0)
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


@contextmanager
def _postgresql() -> Iterator[str]:
    """Start a server for as long as it is needed; return its address."""
    folder = Path(tempfile.mkdtemp(prefix="archive-"))
    try:
        yield start_server(folder).render_as_string(hide_password=False)
    finally:
        with suppress(FileNotFoundError, psutil.NoSuchProcess):
            server = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

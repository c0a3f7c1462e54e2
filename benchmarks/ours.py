"""One round of tidings, as its scheduler makes it: leases, batches, crawl processes, settling into SQLite.

    python -m benchmarks.ours DATABASE HOSTS [WORKERS]

Everything stands as it is by default, save for WORKERS, the number of crawl processes. The scheduler's tick is called
again as soon as a crawl process is free, so that the round does not last minutes; that costs the same. The last line is
a JSON object: what was settled, and the CPU seconds of the round without start-up, that is from the moment when a
running service is ready.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import sys
import time
from collections import Counter
from multiprocessing import forkserver, resource_tracker
from typing import Any

import psutil

import benchmarks.names  # noqa: F401 - names must resolve here too
from news.run import Settled
from scheduler.children import crawl_context, without_main
from scheduler.dispatching import log_settled
from scheduler.service import Scheduler
from storage.engine import open_engine
from storage.settings import Settings

LIMIT_SECONDS = 600
LIMIT_SECONDS_A_HOST = 0.1


class Tally:
    """Counts what was settled."""

    def __init__(self) -> None:
        self.runs = 0
        self.requests = 0
        self.published = 0
        self.verdicts: Counter[str] = Counter()

    def __call__(self, settled: Settled) -> None:
        log_settled(settled)
        self.runs += 1
        self.requests += settled.requests
        self.published += len(settled.changes)
        self.verdicts[settled.verdict.value] += 1


def warm_up() -> psutil.Process:
    """Do what a service does once, before or with its first round; return the server that it forks from.

    It starts the server that crawl processes are forked from.
    """
    context = crawl_context()
    context.set_forkserver_preload(["crawler.warm", "benchmarks.names"])
    child = context.Process(target=gc.collect)  # type: ignore[attr-defined]  # anything: the server is ready then
    with without_main():
        child.start()
    child.join()
    [server] = [each for each in psutil.Process().children() if "forkserver" in " ".join(each.cmdline())]
    return server


def cpu_seconds(server: psutil.Process) -> float:
    """Return the CPU seconds of this process, of the fork server and of all crawl processes that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), server.cpu_times()
    return own.ru_utime + own.ru_stime + sum(children[:4])


def main(database_url: str, hosts: str, workers: str = "") -> None:
    """Make one round."""
    logging.basicConfig(level=logging.INFO, filename=os.devnull)
    own: dict[str, Any] = {"workers": int(workers)} if workers else {}
    settings = Settings(database_url=database_url, **own)
    tally = Tally()
    server = warm_up()
    scheduler = Scheduler(open_engine(settings.database_url, create=False), settings, tally)
    before = cpu_seconds(server)
    limit = time.monotonic() + max(LIMIT_SECONDS, LIMIT_SECONDS_A_HOST * int(hosts))
    while tally.runs < int(hosts) and time.monotonic() < limit:
        scheduler.dispatch_due()
        time.sleep(0.5)
    time.sleep(0.5)  # the last crawl process ends
    took = cpu_seconds(server) - before
    # Wait for both, so that what they and their children used is counted with this process.
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # noqa: SLF001
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]  # noqa: SLF001
    told = {"runs": tally.runs, "requests": tally.requests, "published": tally.published}
    print(json.dumps(told | {"verdicts": tally.verdicts, "cpu": took}))


if __name__ == "__main__":
    main(*sys.argv[1:])

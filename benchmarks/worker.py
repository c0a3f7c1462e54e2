"""One worker of the benchmark, as ``tidings worker`` runs it, with a fork server that is warm.

python -m benchmarks.worker DATABASE PROCESSES      # prints a line when it takes jobs; SIGTERM ends it
"""

from __future__ import annotations

import logging
import os
import sys

from benchmarks.ours import warm_up
from scheduler.worker import run_worker
from storage.settings import Settings


def main(database_url: str, processes: str) -> None:
    """Take jobs until it is told to end."""
    logging.basicConfig(level=logging.INFO, filename=os.devnull)
    settings = Settings(database_url=database_url, workers=int(processes), dispatcher="cluster")
    warm_up()
    run_worker(settings, on_ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])

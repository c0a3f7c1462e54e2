"""The benchmark of workers, in its short form: it counts requests and changes itself, and prints what it promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
def test_the_benchmark_counts_what_workers_ask_and_prints_a_line_for_each_round() -> None:
    command = [sys.executable, "-m", "benchmarks.cluster", "--hosts", "20", "--repeat", "1", "--workers", "1"]
    done = subprocess.run(
        [*command, "--jobs", "30"], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first, *rounds, disk, _ = done.stdout.splitlines()
    assert first.startswith("first round ")
    assert [re.split(r"  +", line)[0] for line in rounds] == [
        "1 workers, unchanged",
        "1 workers, 10 % new",
        "1 workers, 30 empty jobs",
    ]
    for line in (first, *rounds):
        assert re.search(r"/s   CPU ms each: workers +\d+\.\d+  PostgreSQL +\d+\.\d+  queueing", line)
    assert re.match(r"on disk: \d+\.\d MB for 20 sources and \d+ articles", disk)

"""The benchmark runs and prints what it promises; what it measures is not judged here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)  # nine processes, each with its own start
def test_the_benchmark_counts_both_sides_requests_and_ends_with_one_line_of_ratios() -> None:
    command = [sys.executable, "-m", "benchmarks", "--hosts", "20", "--repeat", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in ("unchanged", "10 % new"):
        _, _, block = done.stdout.partition(f"20 sources, {kind}, median")
        names = [line.strip().split("  ")[0] for line in block.splitlines()[1:5]]
        assert names == ["CPU s", "CPU s without start-up", "largest process, MB", "all processes, MB"]
    assert re.match(r"tidings against a lean bare Scrapy: unchanged CPU s: \d", done.stdout.splitlines()[-1])

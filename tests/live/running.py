"""`tidings run` as an operator starts it: a process of its own, ended by SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.scheduler.world import World, eventually

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def tidings_run(world: World, logs: Path) -> Generator[subprocess.Popen[str]]:
    """Run until the block ends; then it must stop by itself, well, within ten seconds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDINGS_")}
    environment |= {"TIDINGS_TICK_SECONDS": "0.1", "TIDINGS_WALL_SECONDS": "60", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tidings", "run", "--database", world.url]
    with (
        logs.open("a") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=ROOT
        ) as process,
    ):
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert "running" in ready, logs.read_text()
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0, logs.read_text()
        finally:
            process.kill()
    assert world.leased() == []


def next_round(world: World, *names: str) -> None:
    """Make sources due, and wait until each of them has been crawled and its host was given free."""
    before = {name: world.status(name).runs for name in names}
    world.make_due(*names)
    eventually(
        lambda: all(world.status(name).runs > before[name] for name in names),
        "a round is crawled",
        seconds=60,
    )
    eventually(lambda: not world.leased(), "the hosts are given free")

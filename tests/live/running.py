"""`tidings run` as an operator starts it: a process of its own, ended by SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.scheduler.world import World, eventually

ROOT = Path(__file__).resolve().parents[2]


STOPPING_SECONDS = 10
"""How long it may take from SIGTERM until the process has ended, whatever it is doing."""


@contextmanager
def running(
    world: World, logs: Path, *arguments: str, **settings: object
) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Start ``tidings run`` as the head of a process group, yield it with its first line, and kill it at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDINGS_")}
    wanted = {"tick_seconds": 0.1, "wall_seconds": 60, **settings}
    environment |= {f"TIDINGS_{name.upper()}": str(value) for name, value in wanted.items()}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "tidings", "run", "--database", world.url, *arguments]
    with (
        logs.open("a") as log,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            cwd=ROOT,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert "running" in ready, logs.read_text()
            yield process, ready
        finally:
            process.kill()


def stop(process: subprocess.Popen[str], logs: Path, *, by: signal.Signals = signal.SIGTERM) -> float:
    """Ask it to end; it must, well and in time. Return how many seconds that took."""
    began = time.monotonic()
    process.send_signal(by)
    try:
        status = process.wait(STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"it goes on after {STOPPING_SECONDS} seconds:\n{logs.read_text()}") from None
    assert status == 0, logs.read_text()
    return time.monotonic() - began


@contextmanager
def tidings_run(
    world: World, logs: Path, *arguments: str, **settings: object
) -> Generator[subprocess.Popen[str]]:
    """Run until the block ends; then it must stop by itself, well, within ten seconds."""
    with running(world, logs, *arguments, **settings) as (process, _ready):
        yield process
        stop(process, logs)
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

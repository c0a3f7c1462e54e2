"""Processes that are measured: what each costs with all below it, and the server that all of them ask."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a process and its children took, and what it wrote to its standard output."""

    cpu_seconds: float
    wall_seconds: float
    largest_megabytes: float
    together_megabytes: float
    output: str

    @property
    def told(self) -> str:
        """The last line of the output."""
        lines = self.output.splitlines()
        return lines[-1] if lines else ""


class Memory:
    """Watches what a process and all below it hold together."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> float:
        """Return the peak in megabytes."""
        self._ended.set()
        self._thread.join()
        return self._peak / 1e6

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            with suppress(psutil.Error):
                process = psutil.Process(self._pid)
                family = [process, *process.children(recursive=True)]
                self._peak = max(self._peak, sum(_held(each) for each in family))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):  # it has ended, or the system does not tell
        return 0


def run(module: str, *arguments: str) -> Cost:
    """Run a module of the benchmark in a process of its own and return what it and its children took."""
    return run_command([sys.executable, "-m", f"benchmarks.{module}", *arguments])


def run_command(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return what it and its children took.

    :raises SystemExit: when it fails; what it wrote to its standard output is told then.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
    memory = Memory(process.pid)
    assert process.stdout is not None
    try:
        with process.stdout as stream:
            output = stream.read()
        _, status, used = os.wait4(process.pid, 0)  # with all that it has waited for itself
    except BaseException:  # who measures is stopped: nobody is left to be measured
        memory.stop()
        process.kill()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    together = memory.stop()
    if process.returncode:
        told = "\n".join(output.splitlines()[-20:])
        raise SystemExit(f"{' '.join(command)} ended with exit status {process.returncode}\n{told}")
    return Cost(
        cpu_seconds=used.ru_utime + used.ru_stime,
        wall_seconds=took,
        largest_megabytes=used.ru_maxrss * 1024 / 1e6,
        together_megabytes=together,
        output=output,
    )


@contextmanager
def local_sites(*options: str) -> Iterator[int]:
    """Run the server in a process of its own, and give its port."""
    command = [sys.executable, "-m", "benchmarks.site", *options]
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()  # it ends with its input
        server.wait(10)
        server.stdout.close()

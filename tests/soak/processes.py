"""The commands of the month as an operator runs them: started, killed in every way, listened to and weighed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

READY = ("tidings is running", "tidings serves")
TROUBLE = ("news.errors.", "sqlalchemy.exc.", "sqlite3.", "psycopg.")
"""Errors that a log may show with a traceback: they come from a database that is ill. Any other is a fault of ours."""
HURRIED = ("maximum number of running instances", "the one before is still running")
"""What a scheduler says that ticks more often than the machine can, and what nobody wants to read a thousand times."""
STOPPING_SECONDS = 10.0
KEPT = 200


class Command:
    """One ``tidings`` command, started as often as it is killed; the head of a process group.

    Args:
        name: by which receivers and sites know it: its user agent.
        arguments: behind ``tidings``.
        environment: with the clock and the settings.
    """

    def __init__(
        self,
        name: str,
        *arguments: str,
        environment: Mapping[str, str],
    ) -> None:
        self.name = name
        self.starts = 0
        self.odd: list[str] = []
        self.log: deque[str] = deque(maxlen=KEPT)
        self._arguments = arguments
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TIDINGS_")},
            **environment,
            "TIDINGS_USER_AGENT": name,
        }
        self._in_traceback = False
        self._ready = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._groups: list[int] = []

    def start(self) -> None:
        """Start it; `is_ready` says when it is."""
        self.starts += 1
        self._ready.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tidings", *self._arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._groups.append(self._process.pid)
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set() and self.is_alive

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it alone by SIGKILL: who has children leaves them behind."""
        if self.is_alive:
            os.kill(self.process_id, signal.SIGKILL)

    def kill_group(self) -> None:
        """End it and all its children, as a machine that loses its power does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Leave nothing behind of all that it ever started."""
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def stop(self) -> str:
        """Ask it to end in good order, and wait; return what is wrong with how it did, or nothing."""
        process = self._process
        if process is None or process.poll() is not None:
            return ""
        began = time.monotonic()
        process.terminate()
        try:
            status = process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return f"{self.name} goes on {STOPPING_SECONDS:g} seconds after SIGTERM"
        took = time.monotonic() - began
        return "" if status == 0 else f"{self.name} ended with {status} after {took:.1f} s of SIGTERM"

    def warm_parent(self) -> psutil.Process | None:
        """Return the server that its crawl processes are forked from, if there is one by now."""
        for child in self._children():
            with suppress(psutil.Error):
                if any("forkserver" in word for word in child.cmdline()):
                    return child
        return None

    def crawl_processes(self) -> list[psutil.Process]:
        """Return its crawl processes that run."""
        parent = self.warm_parent()
        with suppress(psutil.Error):
            return [] if parent is None else parent.children(recursive=True)
        return []

    def processes(self) -> Iterator[psutil.Process]:
        """Yield it and all its children, the warm parent before those that it forks."""
        if self.is_alive:
            with suppress(psutil.Error):
                yield psutil.Process(self.process_id)
            yield from self._children()

    def weight(self) -> dict[str, float]:
        """Return the proportional set size of what lives long, in MB by kind; nothing while it is not there."""
        found: dict[str, float] = {}
        parent = self.warm_parent()
        for kind, process_id in (("run", self.process_id), ("warm parent", parent.pid if parent else 0)):
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
                size = next(line for line in lines if line.startswith("Pss:"))
                found[f"{self.name}: {kind}"] = int(size.split()[1]) / 1024
        return found

    def _children(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return psutil.Process(self.process_id).children(recursive=True)
        return []

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                if not any(word in line for word in HURRIED):
                    self.log.append(line.rstrip())
                if any(word in line for word in READY):
                    self._ready.set()
                self._note_errors(line)

    def _note_errors(self, line: str) -> None:
        """Find the last line of a traceback, which names the error."""
        if line.startswith("Traceback"):
            self._in_traceback = True
        elif self._in_traceback and line[:1] not in (" ", "\n"):
            self._in_traceback = False
            if not line.startswith(TROUBLE):
                self.odd.append(f"{self.name} says: {line.rstrip()}")

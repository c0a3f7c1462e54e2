"""Real schedulers and workers, in processes of their own, that can be killed, stalled and woken in mid-crawl."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from tests.crawler.site import Answer, Asked, LocalSite
from tests.faults.disks import administering
from tests.scheduler.world import eventually

SETTINGS = {
    "tick_seconds": 0.2,
    "workers": 1,
    "batch_hosts": 2,
    "wall_seconds": 60,
    "lease_seconds": 90,
    "delay_seconds": 0,
    "log_level": "info",
}
"""Small batches, so that both get some of the hosts; leases so long that only a clock that is set ends them."""


READY = {"run": "tidings is running", "worker": "tidings worker takes jobs"}
"""What a command says when it has begun."""


class RealScheduler:
    """One scheduler or worker with its crawl processes; sites know it by its name, which is its user agent.

    Args:
        name: what it is called.
        database_url: what it works on.
        folder: where its log is written.
        command: ``run`` or ``worker``.
        own: settings of its own, beside ``SETTINGS``.
    """

    def __init__(
        self, name: str, database_url: str, folder: Path, *, command: object = "run", **own: object
    ) -> None:
        self.name = name
        self._ready = READY[str(command)]
        self._log = folder / f"{name}.log"
        settings = {"database_url": database_url, "user_agent": name, **SETTINGS, **own}
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TIDINGS_")}
        environment |= {f"TIDINGS_{key.upper()}": str(value) for key, value in settings.items()}
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tidings", str(command)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own, with all its crawl processes
            )

    @property
    def log(self) -> str:
        """All that it has said."""
        return self._log.read_text()

    def is_ready(self) -> bool:
        """Say whether it has begun."""
        assert self._process.poll() is None, f"{self.name} ended:\n{self.log}"
        return self._ready in self.log

    def is_called(self, owner: str) -> bool:
        """Say whether it is the owner of a lease."""
        return owner.endswith(f"process {self._process.pid}")

    def kill(self) -> None:
        """End it and its crawl processes by SIGKILL, as a machine that loses its power does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def stall(self, engine: Engine) -> None:
        """Stop it and its crawl processes where they are, but in the midst of no transaction: that is another fault."""
        with administering(engine) as run:
            for _ in range(200):
                eventually(lambda: not run(_BUSY).scalar(), "nobody is in a transaction", seconds=30)
                os.killpg(self._process.pid, signal.SIGSTOP)
                if not run(_BUSY).scalar():
                    return
                self.wake()
        raise AssertionError(f"{self.name} is always in a transaction")

    def wake(self) -> None:
        """Let it go on."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end in good order, and kill what is left."""
        if self._process.poll() is None:
            self.wake()
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


_BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'tidings' AND state <> 'idle'
"""


@contextmanager
def real_schedulers(
    database_url: str, folder: Path, *names: str, **own: object
) -> Generator[dict[str, RealScheduler]]:
    """Run schedulers on one database; those that are put into the mapping meanwhile are ended with it too."""
    running = {name: RealScheduler(name, database_url, folder, **own) for name in names}
    try:
        eventually(lambda: all(each.is_ready() for each in running.values()), "all are ready", seconds=90)
        yield running
    finally:
        for each in running.values():
            each.stop()


@dataclass
class SlowPage:
    """A page whose first asker has to wait until it is let go; everybody else gets it at once.

    ``askers`` are all who asked, in order: a site's own log knows only of what was answered.
    """

    site: LocalSite
    path: str
    body: str
    askers: list[str] = field(default_factory=list)
    _let_go: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.site.respond(self.path, self._respond)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self.site.page(self.path, self.body)

    def _respond(self, request: Asked) -> Answer:
        self.askers.append(request.headers["user-agent"])
        if len(self.askers) == 1:
            self._let_go.wait(60)
        return Answer(body=self.body, etag=True)

    def let_go(self) -> None:
        """Answer who waits."""
        self._let_go.set()

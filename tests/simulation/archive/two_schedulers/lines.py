"""The lines on which crawl processes, whoever started them, tell the play what they do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Protocol

from news.run import Reading
from tests.simulation.archive.two_schedulers.processes import Begun, Orders


class Listening(Protocol):
    """Who is told; called in threads, one for each crawl process."""

    def begun(self, begun: Begun) -> Orders:
        """Answer a crawl process that begins, and waits for the answer."""

    def settles(self, name: str, readings: Sequence[Reading]) -> None:
        """Hear what a crawl is about to settle; it does when this returns."""

    def ended(self, name: str, *, in_peace: bool) -> None:
        """Hear that a crawl process has ended; ``in_peace``: it said so itself."""


class Lines:
    """Takes every line until it is closed."""

    def __init__(self, folder: Path, listening: Listening) -> None:
        self.address = str(folder / "lines")
        self._listening = listening
        self._listener = Listener(self.address, "AF_UNIX", backlog=16)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more lines."""
        with Client(self.address, "AF_UNIX") as line:
            line.send(None)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            line = self._listener.accept()
            with suppress(EOFError, OSError):
                begun: Begun | None = line.recv()
                if begun is None:
                    line.close()
                    return
                threading.Thread(target=self._listen, args=(line, begun), daemon=True).start()

    def _listen(self, line: Connection, begun: Begun) -> None:
        orders = self._listening.begun(begun)
        in_peace = False
        with suppress(EOFError, OSError), line:
            line.send(orders)
            while not in_peace:
                said = line.recv()
                if said is True:
                    in_peace = True
                else:
                    self._listening.settles(orders.name, said)
                    line.send(True)
        self._listening.ended(orders.name, in_peace=in_peace)

"""Somebody who reads the log over HTTP with a cursor of his own, through a web server that is killed now and then."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Self

WAIT_SECONDS = 5


class Reader:
    """Asks for what comes after his cursor, waits for it, and asks again, whoever dies meanwhile."""

    def __init__(self, port: int) -> None:
        self.seqs: list[int] = []
        self.refusals = 0
        self._port = port
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join(2 * WAIT_SECONDS)

    def _read(self) -> None:
        cursor = 0
        while not self._ending.is_set():
            try:
                cursor = self._ask(cursor)
            except (OSError, HTTPException, ValueError):
                self.refusals += 1
                self._ending.wait(0.3)

    def _ask(self, cursor: int) -> int:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=4 * WAIT_SECONDS)) as connection:
            connection.request("GET", f"/api/v1/changes?after={cursor}&wait={WAIT_SECONDS}")
            with connection.getresponse() as answer:
                if answer.status != 200:
                    raise ValueError(answer.status)
                told = json.load(answer)
        self.seqs += [change["seq"] for change in told["changes"]]
        return int(told["cursor"])


def look_at(port: int, path: str) -> int:
    """Ask for a page, and return its status; 0 where nobody answers."""
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("GET", path)
            with connection.getresponse() as answer:
                answer.read()
                return answer.status
    except (OSError, HTTPException):
        return 0

"""What a crawl process tells the play that watches it: what it read, right before it is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine

import crawler.session
from news.run import Reading


def tell_before_settling(line: Connection, *, waits: bool = False) -> None:
    """Let this process, a crawl's, send on a line what it is about to settle, each time right before it does.

    :param waits: whether it waits for a word on the same line, whatever that is, before it settles.
    """
    settle = crawler.session.settle  # type: ignore[attr-defined]

    def told(engine: Engine, readings: Sequence[Reading], **more: Any) -> Any:
        line.send([replace(each) for each in readings])
        if waits:
            line.recv()
        return settle(engine, readings, **more)

    crawler.session.settle = told  # type: ignore[attr-defined]

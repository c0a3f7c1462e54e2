"""Work that takes longer than an event loop may wait: done in a thread beside it, for so long and no longer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def beside(work: Callable[[], T], *, seconds: float) -> T:
    """Return what ``work`` returns, or raise what it raises, while the event loop goes on.

    A thread cannot be stopped: work that takes longer is left to itself, and what it brings in the end is dropped. The
    thread is a daemon, so that it does not hold up the end of the process either, as a pool's would.

    Args:
        work: called in a thread of its own.
        seconds: how long it is waited for.

    Raises:
        TimeoutError: it took longer.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return  # nobody waits any more
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001 - raised again where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name="tidings-beside", daemon=True).start()
    return await asyncio.wait_for(future, seconds)

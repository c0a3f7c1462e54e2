"""Waiting for SIGTERM or Ctrl-C, however many of them come and however close together."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def stop_signals() -> Generator[Callable[[], None]]:
    """Take SIGTERM and SIGINT, and yield a function that waits for one of them. Use it in the main thread.

    Nothing that is locked is touched while a signal is handled: an event that one handler sets while another has
    interrupted it may never wake who waits for it. The interpreter writes a byte to a pipe instead, and that is read.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    before_descriptor = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    before = {number: signal.signal(number, _take) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: _wait(heard)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_descriptor)
        os.close(heard)
        os.close(told)


def _take(_number: int, _frame: object) -> None:
    """Take a signal: that there is a handler is what makes the interpreter write the byte."""


def _wait(heard: int) -> None:
    while not {signal.SIGTERM, signal.SIGINT} & set(os.read(heard, 64)):
        pass

"""A child that does one thing with the database and is killed at a moment of it, as a crawl's process may be.

A moment is right before a statement, after it, before a commit or after it. The child is forked, so it has all that
its parent has in memory, and dies by SIGKILL: nothing of it is tidied up.
"""

from __future__ import annotations

import gc
import itertools
import os
import signal
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from storage.engine import open_engine


def doomed(url: str, act: Callable[[Engine], object], moment: int) -> bool:
    """Let a forked child do ``act`` with an engine of its own, and kill it at the ``moment``-th moment.

    Returns:
        Whether it was killed; False if it was done before.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads that only wait hold no locks
        pid = os.fork()
    if pid == 0:
        _die(url, act, moment)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError("the doomed child failed before its time; its traceback stands above")
    return False


def _die(url: str, act: Callable[[Engine], object], moment: int) -> None:
    status = 1
    try:
        kill_at(moment)
        act(open_engine(url))
        status = 0
    except BaseException:  # noqa: BLE001 - a child says what went wrong, and ends
        traceback.print_exc()
    finally:
        os._exit(status)


def kill_at(moment: int) -> None:
    """Let this process, a child, be killed at the ``moment``-th moment from now on, in whichever thread; 0: never."""
    gc.disable()  # the parent's connections are not the child's to close
    numbers = itertools.count(1)  # counting on is one step of the interpreter, so threads need no lock

    def pass_by(*_: Any) -> None:
        if next(numbers) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(Engine, name, pass_by)
    commit = DefaultDialect.do_commit

    def commit_between(dialect: DefaultDialect, connection: Any) -> None:
        pass_by()
        commit(dialect, connection)  # type: ignore[no-untyped-call]
        pass_by()

    DefaultDialect.do_commit = commit_between  # type: ignore[method-assign]
